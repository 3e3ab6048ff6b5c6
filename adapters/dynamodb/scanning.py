"""Reading more than one item or page: some of them, a stream, or all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from adapters.dynamodb.retries import persistently
from adapters.serialization.event_items import Item, number, text
from core.ports.environment import Environment
from core.ports.event_store import Head, StreamDamaged
from core.ports.events import RecordedEvent


def pages_of(
    environment: Environment, budget_seconds: float, call: Callable[..., Any], **request: object
) -> Iterator[dict[str, Any]]:
    """Give all pages of a Query or a Scan; one ends after 1 MB, and may be empty without being the last. A `Limit` is the first one's.

    Raises:
        StoreUnavailable: no answer within the budget, which is one page's.
    """
    while True:
        page = persistently(environment, budget_seconds, lambda: call(**request))
        yield page
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        request.pop("Limit", None)


def items_of(
    environment: Environment, budget_seconds: float, call: Callable[..., Any], **request: object
) -> Iterator[Item]:
    """Give the items of all pages, as `pages_of` does."""
    return (item for page in pages_of(environment, budget_seconds, call, **request) for item in page["Items"])


AT_ONCE = 100
"""Keys that one BatchGetItem takes."""


def got(
    environment: Environment,
    budget_seconds: float,
    call: Callable[..., Any],
    table: str,
    keys: Sequence[Item],
    attributes: str = "aggregate_id, version, id",
) -> Iterator[Item]:
    """Give these attributes of the items that there are, consistently. DynamoDB hands keys back that it had no capacity for.

    Raises:
        StoreUnavailable: no answer within the budget, which is one request's.
    """
    asked = {"ConsistentRead": True, "ProjectionExpression": attributes}
    for start in range(0, len(keys), AT_ONCE):
        request: dict[str, Any] = {table: {"Keys": keys[start : start + AT_ONCE], **asked}}
        while request:
            answer = persistently(environment, budget_seconds, lambda: call(RequestItems=request))  # noqa: B023 - called at once
            yield from answer["Responses"].get(table, [])
            request = answer.get("UnprocessedKeys", {})


def in_version_order(events: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
    """Put each stream of a Scan in order: one that comes in order, as DynamoDB gives it, passes through and takes no memory.

    A Scan keeps the items of one partition together. That they come by sort key is how DynamoDB works, but only Query promises it, and
    MiniStack gives 1, 10, 2: so an early one waits for those before it.

    Raises:
        StreamDamaged: at the end of a stream with a hole.
    """
    for stream, together in groupby(events, key=lambda event: event.stream):
        version = 0
        early: dict[int, RecordedEvent] = {}
        for event in together:
            early[event.version] = event
            while version + 1 in early:
                version += 1
                yield early.pop(version)
        if early:
            raise StreamDamaged(stream, version + 1)


def newest(items: Iterable[Item]) -> Iterator[Head]:
    """Give the last event of each stream of a Scan."""
    for stream, together in groupby(items, key=lambda item: text(item, "aggregate_id")):
        last = max(together, key=lambda item: number(item, "version"))
        yield Head(stream, number(last, "version"), text(last, "id"))
