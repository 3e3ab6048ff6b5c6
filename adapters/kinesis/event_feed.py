"""The change feed of DynamoDB's event table through Kinesis, for machines without Lambda: several workers share its shards."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.aws.services import DYNAMODB
from adapters.kinesis.asking import asked
from adapters.kinesis.destination import destination_of
from adapters.kinesis.leases import Leases
from adapters.kinesis.names import Names
from adapters.kinesis.onlooker import Onlooker
from adapters.kinesis.pages import Source
from adapters.kinesis.reading import LOOK_AGAIN
from adapters.kinesis.share import Share
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, FeedUnavailable
from core.ports.events import Codec

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kinesis.client import KinesisClient


class KinesisEventFeed:
    """The `EventFeed` of `core.ports.event_feed`: the part of it that falls to this worker.

    What the workers of a projector deal with is checkpointed for all of them; a shard goes on where it was left, whoever reads it. Only
    polling takes part in the reading: who asks how the feed is takes no shard from those who read.
    """

    def __init__(
        self,
        kinesis: "KinesisClient",
        dynamodb: "DynamoDBClient",
        names: Names,
        projector: str,
        codec: Codec,
        environment: Environment,
        owner: str,
        *,
        filled_by_table: bool = True,
    ) -> None:
        """Read for this projector, on what `prepare_stream` made. `owner` names this worker alone: not even its next start has it.

        Not `filled_by_table`, the stream is one that events are published into.
        """
        self._filled_by_table = filled_by_table
        self._dynamodb = dynamodb
        self._names = names
        self._environment = environment
        leases = Leases(dynamodb, names.leases, projector, names.stream, owner, environment)
        source = Source(kinesis, names.stream, names.events, codec, environment)
        self._share = Share(source, leases)
        self._onlooker = Onlooker(source, leases)
        self._lock = threading.Lock()
        self._turn = 0

    def close(self) -> None:
        """Leave the shards to others at once; where that cannot be told, they wait until the leases run out."""
        with self._lock:
            try:
                self._share.let_go()
            except FeedUnavailable:
                return

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what is not acknowledged and what is new, of each shard in its order."""
        deadline = self._environment.monotonic() + timeout
        while True:
            with self._lock:
                if deliveries := self._look(limit, at_once=not timeout):
                    return deliveries
                rests = [reader.rest_seconds for reader in self._share.readers.values()]
            left = deadline - self._environment.monotonic()
            if left <= 0:
                return []
            self._environment.sleep(min(left, *rests, LOOK_AGAIN))

    def _look(self, limit: int, *, at_once: bool) -> Sequence[Delivery]:
        self._share.look_after()
        readers = self._share.readers
        before = set(readers)
        for shard in sorted(readers):
            if len(readers[shard].progress.waiting) < limit:
                self._share.read(shard, at_once=at_once)
        # Another shard comes first each time, so that none waits for what another has too much of.
        self._turn += 1
        shards = sorted(readers)
        first = self._turn % max(len(shards), 1)
        waiting = [each for shard in shards[first:] + shards[:first] for each in readers[shard].progress.waiting]
        if not waiting and before - set(readers):
            return self._look(limit, at_once=at_once)  # a shard came to its end: its children have more
        return [each.delivery for each in waiting[:limit]]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget them, and keep for each shard up to where nothing is waited for any more."""
        with self._lock:
            self._share.acknowledge({delivery.position for delivery in deliveries})

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that waits: of this worker's shards, or of the whole stream while it has not polled."""
        with self._lock:
            if not self._share.has_begun:
                return self._onlooker.lag_seconds()
            for shard, reader in list(self._share.readers.items()):
                if not reader.progress.waiting:
                    self._share.read(shard, at_once=False)
            readers = self._share.readers.values()
            now = self._environment.now()
            ages = [(now - each.since).total_seconds() for reader in readers for each in reader.progress.waiting]
            return max([0.0, *ages, *(reader.behind_seconds for reader in readers)])

    def hindrance(self) -> str:
        """Name the table whose changes do not reach the stream, or the shard that is not read."""
        if self._filled_by_table and (cut_off := self._cut_off()):
            return cut_off
        with self._lock:
            of_nobody = self._share.held_by_nobody if self._share.has_begun else self._onlooker.read_by_nobody()
            if of_nobody:
                return f"nobody reads the shard {of_nobody[0]} of the Kinesis stream {self._names.stream!r}"
            for shard, reader in self._share.readers.items():
                if reader.refusals:
                    return f"Kinesis lets nobody read the shard {shard} of the stream {self._names.stream!r} so often"
        return ""

    def _cut_off(self) -> str:
        destination = asked(
            self._environment, DYNAMODB, lambda: destination_of(self._dynamodb, self._names.events, self._names.stream)
        )
        if destination.status == "ACTIVE":
            return ""
        return (
            f"the streaming destination of the DynamoDB table {self._names.events!r} on the Kinesis stream"
            f" {self._names.stream!r} is {destination.status or 'missing'}"
        )
