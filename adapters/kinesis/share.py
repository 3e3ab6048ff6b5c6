"""The shards that one worker reads: their leases, kept and taken, and their readers."""

from collections.abc import Collection, Mapping, Sequence

from adapters.kinesis.lease import SHARD_END, Lease
from adapters.kinesis.leases import Leases
from adapters.kinesis.pages import Source
from adapters.kinesis.reading import ShardReader
from adapters.kinesis.shards import Shard, shards_of
from adapters.kinesis.sharing import RENEW_SECONDS, Watch, to_take
from core.ports.event_feed import FeedUnavailable


class Share:
    """This worker's part of the stream. That another may read the same shard for a while is harmless: the cursors are locked."""

    def __init__(self, source: Source, leases: Leases) -> None:
        """Hold nothing yet."""
        self._source = source
        self._leases = leases
        self._watch = Watch()
        self._held: dict[str, Lease] = {}
        self._look_at = source.environment.monotonic()
        self.readers: dict[str, ShardReader] = {}
        self.has_begun = False
        self.held_by_nobody: Sequence[str] = ()

    def look_after(self) -> None:
        """Keep the leases that are held, and take what falls to this worker; does nothing but from time to time.

        Raises:
            FeedUnavailable: Kinesis or the table was not reached.
        """
        now = self._source.environment.monotonic()
        if now < self._look_at:
            return
        leases = dict(self._leases.all())
        self._watch.see(leases.values(), now)
        for shard in list(self._held):
            self.checkpoint(shard)
        shards = shards_of(self._source.environment, self._source.client, self._source.stream)
        for shard in shards.keys() - leases.keys():
            leases[shard] = self._leases.add(shards[shard])
        for lease in leases.values():
            # Not before it is gone from the list: who finds a shard without a lease takes it for a new one.
            if lease.checkpoint == SHARD_END and lease.shard not in shards:
                self._leases.remove(lease)
        self._take({lease.shard: lease for lease in leases.values() if _is_readable(lease, leases, shards)}, now)
        self._look_at = now + RENEW_SECONDS
        self.has_begun = True

    def _take(self, readable: Mapping[str, Lease], now: float) -> None:
        me = self._leases.owner
        theirs = [lease for lease in readable.values() if lease.owner != me and not self._watch.is_free(lease, now)]
        mine = [self._held[shard] for shard in readable.keys() & self._held.keys()]
        held = {lease.shard for lease in [*theirs, *mine]}
        free = [readable[shard] for shard in sorted(readable.keys() - held)]
        for seen in to_take(me, free, [*theirs, *mine]):
            if taken := self._leases.take(seen):
                self._held[taken.shard] = taken
                self.readers[taken.shard] = ShardReader(self._source, taken.shard, taken.checkpoint)
        self.held_by_nobody = [lease.shard for lease in free if lease.shard not in self._held]

    def read(self, shard: str, *, at_once: bool) -> None:
        """Have its reader look for more, and give the shard up where that was its end and all of it is dealt with.

        Raises:
            FeedUnavailable: it was not reached.
        """
        reader = self.readers[shard]
        reader.read(at_once=at_once)
        if reader.is_missing:
            if shard in shards_of(self._source.environment, self._source.client, self._source.stream):
                raise FeedUnavailable(f"Kinesis: the shard {shard} is listed, and not found")
            reader.has_ended = True  # past retention: there is nothing left to read
        if reader.has_ended and not reader.progress.waiting:
            self.checkpoint(shard)

    def checkpoint(self, shard: str, dealt_with: Collection[str] = ()) -> None:
        """Keep how far a shard is dealt with, these positions included. Where another has its lease, all that is held of it goes.

        Raises:
            FeedUnavailable: the table was not reached; nothing is taken as dealt with.
        """
        lease, reader = self._held[shard], self.readers[shard]
        checkpoint = reader.progress.after(dealt_with, ended=reader.has_ended)
        if checkpoint == SHARD_END:
            self._leases.let_go(lease, checkpoint)
            self._look_at = self._source.environment.monotonic()  # its children may be read now
            kept = None
        else:
            kept = self._leases.keep(lease, checkpoint)
        if kept:
            self._held[shard] = kept
            reader.progress.settle(checkpoint, dealt_with)
        else:
            del self._held[shard], self.readers[shard]

    def acknowledge(self, positions: Collection[str]) -> None:
        """Take deliveries as dealt with. What no reader waits for was acknowledged before, or is another worker's by now.

        Raises:
            FeedUnavailable: the table was not reached; those of a shard whose checkpoint was not kept will come again.
        """
        for shard, reader in list(self.readers.items()):
            waiting = {waiting.delivery.position for waiting in reader.progress.waiting}
            if not (dealt_with := waiting.intersection(positions)):
                continue
            if reader.progress.after(dealt_with, ended=reader.has_ended) == reader.progress.checkpoint:
                reader.progress.settle(reader.progress.checkpoint, dealt_with)  # something before them still waits
            else:
                self.checkpoint(shard, dealt_with)

    def let_go(self) -> None:
        """Leave all shards to others, with what is dealt with.

        Raises:
            FeedUnavailable: the table was not reached; others wait until the leases run out.
        """
        self.has_begun = False
        for shard, lease in list(self._held.items()):
            reader = self.readers[shard]
            self._leases.let_go(lease, reader.progress.after((), ended=reader.has_ended))
            del self._held[shard], self.readers[shard]


def _is_readable(lease: Lease, leases: Mapping[str, Lease], shards: Mapping[str, Shard]) -> bool:
    """Tell whether there is more to read, and all that came before it is dealt with."""
    if lease.checkpoint == SHARD_END:
        return False
    parents = shards[lease.shard].parents if lease.shard in shards else lease.parents
    # A parent without a lease is past retention where it is not listed either; where it is, it is just getting one.
    return all(
        leases[parent].checkpoint == SHARD_END if parent in leases else parent not in shards for parent in parents
    )
