"""Small commits for tests: what is appended, checked and claimed, in one line."""

from collections.abc import Iterable
from datetime import UTC, datetime

import uuid_utils

from core.domain.inventory import StockAdded
from core.ports.commit import Append, Check, Claim, Commit, Release
from core.ports.event_store import EventStore
from core.ports.events import Metadata, NewEvent

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

METADATA = Metadata("a-request", "a-cause", "Test", "an-actor", "ja")
"""Every field but the e-mail, which only an order takes along; no two alike."""


def new_id() -> str:
    """Give a UUIDv7."""
    return str(uuid_utils.uuid7())


def stock_added(quantity: int = 1, product_id: str = "tea") -> StockAdded:
    """Give an event that every store can hold."""
    return StockAdded(product_id, quantity, AT)


def append(stream: str, at_version: int, *events: object) -> Append:
    """Append the events, or one StockAdded."""
    return Append(stream, at_version, tuple(NewEvent(new_id(), event) for event in events or (stock_added(),)))


def commit_of(
    *appends: Append,
    checks: Iterable[Check] = (),
    claims: Iterable[Claim | Release] = (),
    commit_id: str | None = None,
    created_at: datetime = AT,
) -> Commit:
    """Give a commit of these parts under a new id."""
    return Commit(
        commit_id or new_id(),
        created_at,
        appends,
        tuple(checks),
        tuple(claims),
        METADATA,
    )


def adding(*events: object, to: str, at_version: int) -> Commit:
    """Give a commit that appends to one stream."""
    return commit_of(append(to, at_version, *events))


def fill(store: EventStore, stream: str, count: int) -> None:
    """Write `count` events of quantity 1, 2, ... to a new stream."""
    for start in range(0, count, 90):
        events = [stock_added(number + 1) for number in range(start, min(start + 90, count))]
        store.commit(adding(*events, to=stream, at_version=start))


def versions(store: EventStore, stream: str, from_version: int = 1) -> list[int]:
    """Give the versions that are read back."""
    return [event.version for event in store.read(stream, from_version)]
