"""Where the readers of a stream stand in each shard, looked at from outside: who looks takes no lease and keeps no record."""

from typing import NamedTuple

from adapters.kinesis.lease import SHARD_END, TRIM_HORIZON
from adapters.kinesis.leases import Leases
from adapters.kinesis.pages import Source
from adapters.kinesis.reading import ShardReader
from adapters.kinesis.shards import shards_of
from core.ports.event_feed import FeedUnavailable

PATIENCE = 3.0
"""Seconds in which a shard is asked again. Its readers share with us the five times a second that it can be."""


class ShardStanding(NamedTuple):
    """How far a projector has come in a shard.

    `owner` reads it, empty where nobody does; `checkpoint` is a sequence number, TRIM_HORIZON or SHARD_END; `behind_seconds` is the age of
    the oldest event beyond it.
    """

    shard: str
    owner: str
    checkpoint: str
    behind_seconds: float


def standings(source: Source, leases: Leases) -> list[ShardStanding]:
    """Tell of each shard of the stream.

    Raises:
        FeedUnavailable: Kinesis or DynamoDB was not reached, there is no such stream or table, or a shard could not be heard.
    """
    held = leases.all()
    found = []
    for shard in shards_of(source.environment, source.client, source.stream):
        lease = held.get(shard)
        checkpoint = lease.checkpoint if lease else TRIM_HORIZON
        behind = 0.0 if checkpoint == SHARD_END else _behind(source, shard, checkpoint)
        found.append(ShardStanding(shard, lease.owner if lease else "", checkpoint, behind))
    return found


def _behind(source: Source, shard: str, checkpoint: str) -> float:
    reader, environment = ShardReader(source, shard, checkpoint), source.environment
    deadline = environment.monotonic() + PATIENCE
    while not reader.read(at_once=True):
        if reader.is_missing or environment.monotonic() >= deadline:
            why = "has no such shard any more" if reader.is_missing else "is asked too often, look again in a moment"
            raise FeedUnavailable(f"Kinesis {why}: {shard} of {source.stream}")
        environment.sleep(reader.rest_seconds)
    now = environment.now()
    return max([0.0, reader.behind_seconds, *((now - each.since).total_seconds() for each in reader.progress.waiting)])
