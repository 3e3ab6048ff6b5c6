"""What a process that reads nothing can tell of the stream: it looks from the checkpoints on, takes no lease and keeps no record."""

from collections.abc import Sequence
from datetime import datetime

from adapters.kinesis.lease import SHARD_END, TRIM_HORIZON
from adapters.kinesis.leases import Leases
from adapters.kinesis.pages import Source
from adapters.kinesis.reading import ShardReader
from adapters.kinesis.shards import shards_of
from adapters.kinesis.sharing import RENEW_SECONDS, Watch


class Onlooker:
    """Looks from time to time, because looking reads, and readers share what a shard gives in a second."""

    def __init__(self, source: Source, leases: Leases) -> None:
        """Have looked at nothing yet."""
        self._source = source
        self._leases = leases
        self._watch = Watch()
        self._look_at = source.environment.monotonic()
        self._oldest: datetime | None = None
        self._behind_seconds = 0.0

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event of the stream that is not dealt with.

        Raises:
            FeedUnavailable: Kinesis or the table was not reached.
        """
        now = self._source.environment.monotonic()
        if now >= self._look_at:
            self._look()
            self._look_at = now + RENEW_SECONDS
        age = (self._source.environment.now() - self._oldest).total_seconds() if self._oldest else 0.0
        return max(age, self._behind_seconds)

    def _look(self) -> None:
        leases = self._leases.all()
        checkpoints = {
            shard: leases[shard].checkpoint if shard in leases else TRIM_HORIZON
            for shard in shards_of(self._source.environment, self._source.client, self._source.stream)
        }
        readers = [
            ShardReader(self._source, shard, checkpoint)
            for shard, checkpoint in checkpoints.items()
            if checkpoint != SHARD_END
        ]
        for reader in readers:
            reader.read(at_once=True)
        if not any(reader.refusals for reader in readers):  # else what was seen before is the best that is known
            self._oldest = min((each.since for reader in readers for each in reader.progress.waiting), default=None)
            self._behind_seconds = max((reader.behind_seconds for reader in readers), default=0.0)

    def read_by_nobody(self) -> Sequence[str]:
        """Give the shards whose reader says nothing any more, and those that nobody took while others are read.

        Raises:
            FeedUnavailable: the table was not reached.
        """
        now = self._source.environment.monotonic()
        leases = {shard: lease for shard, lease in self._leases.all().items() if lease.checkpoint != SHARD_END}
        self._watch.see(leases.values(), now)
        # Where nobody has begun, nobody is missed; and a shard whose parent has not ended is not to be read yet.
        if not any(lease.owner for lease in leases.values()):
            return ()
        readable = [lease for lease in leases.values() if leases.keys().isdisjoint(lease.parents)]
        return sorted(lease.shard for lease in readable if self._watch.is_free(lease, now))
