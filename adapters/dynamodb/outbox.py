"""The outbox on DynamoDB: an attribute beside each event, and a sparse index in which those with it are found."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from adapters.aws.failures import code
from adapters.dynamodb.conditions import event_is_there
from adapters.dynamodb.items import MARK
from adapters.dynamodb.marked_index import MarkedIndex
from adapters.dynamodb.marked_runs import MarkedRuns
from adapters.dynamodb.retries import persistently
from adapters.dynamodb.scanning import AT_ONCE, got
from adapters.serialization.event_items import event_key, recorded_event, time
from core.ports.environment import Environment
from core.ports.events import Codec, RecordedEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

T = TypeVar("T")
R = TypeVar("R")

AT_A_TIME = 8
"""Streams that are read or unmarked at the same time: nearly all of a request is waiting. As many connections as boto3 keeps, nearly."""


class DynamoDBOutbox:
    """The `Outbox` of `core.ports.outbox`, for one relay.

    The index is read eventually consistently, so what it names is a doorbell: the stream itself is then read consistently. Two relays on
    one stream repeat its events.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, codec: Codec, environment: Environment, budget_seconds: float
    ) -> None:
        """Use an events table that `check_tables` found fit. `budget_seconds` is how long one call is tried again."""
        self._client = client
        self._table = table
        self._codec = codec
        self._environment = environment
        self._budget = budget_seconds
        self._index = MarkedIndex(client, table, environment, budget_seconds)
        self._runs = MarkedRuns(client, table, environment, budget_seconds)

    @contextmanager
    def turn(self, limit: int) -> Iterator["DynamoDBTurn"]:
        """Read the next streams that the index names."""
        runs = in_threads(lambda each: self._run(*each), self._index.next_streams(limit).items())
        yield DynamoDBTurn(self, [run for run in runs if run])

    def oldest(self) -> datetime | None:
        """Look at some of the events that the index names."""
        items = got(
            self._environment,
            self._budget,
            self._client.batch_get_item,
            self._table,
            self._index.some(AT_ONCE),
            f"created_at, {MARK}",
        )
        return min((time(item, "created_at") for item in items if MARK in item), default=None)

    def pending(self) -> int:
        """Count what the index names."""
        return self._index.count()

    def _run(self, stream: str, named: int) -> list[RecordedEvent]:
        return [recorded_event(item, self._codec) for item in self._runs.oldest_part(stream, named)]

    def unmark(self, event: RecordedEvent) -> None:
        """Take one mark off; an event that is not there any more has none.

        Raises:
            StoreUnavailable: it may be left.
        """
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": event_key(event.stream, event.version),
            "UpdateExpression": f"REMOVE {MARK}",
        }

        def update() -> None:
            try:
                self._client.update_item(**request, **event_is_there())
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise

        persistently(self._environment, self._budget, update)


class DynamoDBTurn:
    """What one relay has taken; nothing keeps another from taking it too."""

    def __init__(self, outbox: DynamoDBOutbox, runs: Sequence[Sequence[RecordedEvent]]) -> None:
        """Keep it."""
        self._outbox = outbox
        self.runs = runs

    def unmark(self, events: Sequence[RecordedEvent]) -> None:
        """Take the marks off, those of a stream in this order."""
        of_streams = defaultdict[str, list[RecordedEvent]](list)
        for event in events:
            of_streams[event.stream].append(event)
        in_threads(self._unmark, of_streams.values())

    def _unmark(self, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            self._outbox.unmark(event)


def in_threads(do: Callable[[T], R], items: Collection[T]) -> list[R]:
    """Do something with each, some at a time, and give the results.

    What one of them raises is raised when those that were begun have ended; the others are not begun.
    """
    if not items:
        return []
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return list(threads.map(do, items))
