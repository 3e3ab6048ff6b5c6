"""What of a stream is to be relayed now, read consistently."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from adapters.dynamodb.items import MARK
from adapters.dynamodb.scanning import items_of
from adapters.serialization.event_items import Item, number
from core.ports.environment import Environment
from core.ports.outbox import LONGEST_RUN

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

REMEMBERED = 1_000
"""Streams with many marks, of which it is kept where they are."""


class _Span(NamedTuple):
    """Versions that were marked, all of them: the oldest may be unmarked by now."""

    first: int
    newest: int


class MarkedRuns:
    """Finds the run of a stream. One that is long is walked once, and then relayed from its old end without walking it again."""

    def __init__(self, client: "DynamoDBClient", table: str, environment: Environment, budget_seconds: float) -> None:
        """Remember nothing yet."""
        self._client = client
        self._table = table
        self._environment = environment
        self._budget = budget_seconds
        self._lock = threading.Lock()
        self._long: dict[str, _Span] = {}

    def oldest_part(self, stream: str, named: int) -> list[Item]:
        """Give the run of a stream. `named` is where the index saw a mark: where there is none any more, and none after it, there is none.

        What was seen of a long run only says where to look: the marks are read again, and where none is left there, the stream is walked.

        Raises:
            StoreUnavailable: the store was not reached.
        """
        with self._lock:
            span = self._long.pop(stream, None)
        run = _first_marked(self._between(stream, span)) if span else []
        if not run or not span:
            run, span = self._walked(stream, named)
        if run and number(run[-1], "version") < span.newest:
            self._remember(stream, _Span(number(run[0], "version"), span.newest))
        return run

    def _walked(self, stream: str, named: int) -> tuple[list[Item], _Span]:
        """Go back from the stream's newest marked event to the first unmarked one, and give the oldest part of that."""
        run, newest = deque[Item](maxlen=LONGEST_RUN), 0
        for item in self._backwards(stream):
            if MARK in item:
                newest = newest or number(item, "version")
                run.appendleft(item)
            elif run or number(item, "version") <= named:
                break
        return list(run), _Span(0, newest)

    def _remember(self, stream: str, span: _Span) -> None:
        with self._lock:
            self._long[stream] = span
            if len(self._long) > REMEMBERED:
                del self._long[next(iter(self._long))]

    def _backwards(self, stream: str) -> Iterator[Item]:
        return self._items(
            stream, "", {}, ScanIndexForward=False, Limit=LONGEST_RUN + 1
        )  # nearly always that has the first unmarked event

    def _between(self, stream: str, span: _Span) -> Iterator[Item]:
        """Read on from the first: of those before it, this relay took the marks off; of the next ones, mostly too."""
        ends = {":first": {"N": str(span.first)}, ":newest": {"N": str(span.newest)}}
        return self._items(stream, " AND version BETWEEN :first AND :newest", ends, Limit=2 * LONGEST_RUN)

    def _items(self, stream: str, where: str, values: dict[str, Item], **how: object) -> Iterator[Item]:
        return items_of(
            self._environment,
            self._budget,
            self._client.query,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression=f"aggregate_id = :stream{where}",
            ExpressionAttributeValues={":stream": {"S": stream}, **values},
            **how,
        )


def _first_marked(items: Iterable[Item]) -> list[Item]:
    """Pass over those that are unmarked by now, and give what is marked together behind them."""
    run = list[Item]()
    for item in items:
        if MARK in item:
            run.append(item)
        if len(run) == LONGEST_RUN or (run and MARK not in item):
            break
    return run
