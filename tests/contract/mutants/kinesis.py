"""Broken feeds through Kinesis, by the suite that rejects each."""

from tests.contract.mutants.mutant import Mutant

_SHARDS = "adapters.kinesis.shards"
_LEASE = "adapters.kinesis.lease"
_LEASES = "adapters.kinesis.leases"
_PROGRESS = "adapters.kinesis.progress"
_PAGES = "adapters.kinesis.pages"
_READING = "adapters.kinesis.reading"
_SHARING = "adapters.kinesis.sharing"
_SHARE = "adapters.kinesis.share"
_FEED = "adapters.kinesis.event_feed"

_LATEST = (
    "self._asked(lambda: self._source.client.get_shard_iterator("
    'StreamName=self._source.stream, ShardId=self._shard, ShardIteratorType="LATEST"))["ShardIterator"]'
)

KINESIS: dict[str, tuple[Mutant, ...]] = {
    "contract/test_kinesis_leases.py": (
        Mutant(
            "checkpoints before it is acknowledged",
            _PROGRESS,
            "            if waiting and waiting.delivery.position not in dealt_with:",
            "            if False:",
        ),
        Mutant(
            "checkpoints the highest that is acknowledged",
            _PROGRESS,
            "                return checkpoint\n            checkpoint = sequence_number",
            "                continue\n            checkpoint = sequence_number",
        ),
        Mutant(
            "keeps no checkpoint when it is acknowledged",
            _SHARE,
            "            if reader.progress.after(dealt_with, ended=reader.has_ended) == reader.progress.checkpoint:",
            "            if True:",
        ),
        Mutant(
            "moves no checkpoint over records that are nobody's",
            _READING,
            "                self.progress.add(number, carried and",
            "                carried and self.progress.add(number,",
        ),
        Mutant(
            "checkpoints without a condition",
            _LEASE,
            'STILL_HELD = "',
            'STILL_HELD = "attribute_exists(lease) OR ',
        ),
        Mutant(
            "goes on checkpointing when its lease is stolen",
            _LEASES,
            "        if stands.owner != self.owner:",
            "        if not stands.owner:",
        ),
        Mutant(
            "takes a lost answer for a stolen lease",
            _LEASES,
            "        if stands.owner != self.owner:",
            "        if True:",
        ),
        Mutant(
            "keeps what it holds of a stolen shard",
            _SHARE,
            "        else:\n            del self._held[shard], self.readers[shard]",
            "        else:\n            pass",
        ),
        Mutant(
            "has one lease for all projectors",
            _LEASES,
            'self._prefix = f"{projector}/{stream}/"',
            'self._prefix = f"{stream}/"',
        ),
        Mutant(
            "reads the first page of leases only",
            _LEASES,
            '            if "LastEvaluatedKey" not in page:',
            "            if True:",
        ),
        Mutant(
            "takes a lease that it sees for the first time for one that ran out",
            _SHARING,
            "now - since >= LEASE_SECONDS",
            "now - since >= 0",
        ),
        Mutant("succeeds nobody", _SHARING, "now - since >= LEASE_SECONDS", "False"),
        Mutant(
            "never renews a lease",
            _SHARE,
            "        for shard in list(self._held):\n            self.checkpoint(shard)",
            "        for shard in ():\n            self.checkpoint(shard)",
        ),
        Mutant("takes nothing from who has more", _SHARING, "if most > share", "if False"),
        Mutant("takes all from who has more", _SHARING, "if lease.owner == richest][:1]", "if lease.owner == richest]"),
        Mutant(
            "keeps its shards when it closes", _FEED, "                self._share.let_go()", "                pass"
        ),
    ),
    "contract/test_kinesis_shards.py": (
        Mutant(
            "reads a child before the end of its parent",
            _SHARE,
            "leases[parent].checkpoint == SHARD_END if parent in leases else parent not in shards for",
            "True for",
        ),
        Mutant("waits for one of two parents", _SHARE, "    return all(", "    return not parents or any("),
        Mutant(
            "takes the end of a shard for dealt with",
            _PROGRESS,
            "                return checkpoint\n",
            "                return SHARD_END if ended else checkpoint\n",
        ),
        Mutant(
            "forgets the lease of a shard that is still listed",
            _SHARE,
            "            if lease.checkpoint == SHARD_END and lease.shard not in shards:",
            "            if lease.checkpoint == SHARD_END:",
        ),
        Mutant(
            "waits for ever for a shard that is gone",
            _SHARE,
            "            reader.has_ended = True",
            "            return",
        ),
        Mutant(
            "never sees that a shard is over",
            _READING,
            '            self.has_ended = not page.get("NextShardIterator")',
            "            self.has_ended = False",
        ),
    ),
    "contract/test_kinesis_reading.py": (
        Mutant(
            "reads a new shard from its latest record on",
            _PAGES,
            '            begin = {"ShardIteratorType": "TRIM_HORIZON"}',
            '            begin = {"ShardIteratorType": "LATEST"}',
        ),
        Mutant(
            "goes on at the latest record when an iterator expires",
            _PAGES,
            "            page = self._records(self._opened(checkpoint))",
            f"            page = self._records({_LATEST})",
        ),
        Mutant(
            "keeps an iterator that was refused",
            _PAGES,
            "            was_kept, self._iterator = self._iterator, None",
            "            was_kept = self._iterator",
        ),
        Mutant(
            "gives again what was dealt with when an iterator expires",
            _READING,
            "            if self.progress.is_new(number):",
            "            if True:",
        ),
        Mutant(
            "takes an empty page for the end of the shard",
            _READING,
            '            self.has_ended = not page.get("NextShardIterator")',
            '            self.has_ended = not page["Records"]',
        ),
        Mutant(
            "takes an empty page for the newest record",
            _READING,
            '            if page["Records"] or not self._behind or self.has_ended:',
            "            if True:",
        ),
        Mutant(
            "takes throttling for being away",
            _READING,
            "        elif refusal.code in TOO_OFTEN:",
            "        elif False:",
        ),
        Mutant(
            "asks a throttled shard again at once",
            _READING,
            "            self._rest(self._source.environment.jitter(longest))",
            "            self._rest(0.0)",
        ),
        Mutant(
            "takes for dealt with what could not be kept",
            _SHARE,
            "            kept = self._leases.keep(lease, checkpoint)",
            "            reader.progress.settle(checkpoint, dealt_with); kept = self._leases.keep(lease, checkpoint)",
        ),
        Mutant(
            "takes a shard that is listed and not found for one that is gone",
            _SHARE,
            "            if shard in shards_of(",
            "            if () and shard in shards_of(",
        ),
        Mutant(
            "insists on a checkpoint of another stream",
            _READING,
            "        if refusal.code == FOREIGN and",
            "        if False and",
        ),
        Mutant(
            "lists the first page of shards only",
            _SHARDS,
            '        if "NextToken" not in page:',
            "        if True:",
        ),
    ),
    "contract/test_kinesis_looking_on.py": (
        Mutant(
            "takes part in the reading to tell the lag",
            _FEED,
            "            if not self._share.has_begun:",
            "            self._share.look_after()\n            if not self._share.has_begun:",
        ),
    ),
    "contract/test_kinesis_stream.py": (
        Mutant(
            "takes a disabled destination for one that works",
            _FEED,
            '        if destination.status != "ACTIVE":',
            "        if not destination.status:",
        ),
    ),
    "contract/test_event_feed.py": (
        Mutant("gives more than it is asked for", _FEED, "for each in waiting[:limit]]", "for each in waiting]"),
        Mutant(
            "tells the age of the newest",
            _FEED,
            "return max([0.0, *ages,",
            "return max([0.0, *ages[-1:],",
        ),
    ),
}
