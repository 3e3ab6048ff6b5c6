"""What hypothesis draws for the tests of this folder: any event of any aggregate, with any text, number and time."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

from hypothesis import settings
from hypothesis import strategies as st

from core.domain import AGGREGATES
from core.domain.order import Canceller, OrderItem

few = settings(max_examples=30, deadline=None)
"""A decorator, not a profile: a profile would be loaded for every other test of the run too."""

EVENT_TYPES: list[type] = [event_type for aggregate in AGGREGATES for event_type in aggregate.event_types()]

FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""A day from either end of what a datetime holds, so that each has its time at every offset."""


def _at(microseconds: int, offset_minutes: int) -> datetime:
    at = FIRST + timedelta(microseconds=microseconds)
    return at.astimezone(timezone(timedelta(minutes=offset_minutes)) if offset_minutes else UTC)


# From plain integers: hypothesis' own datetimes take ten times as long to draw.
OFFSETS = st.just(0) | st.integers(-23 * 60 - 59, 23 * 60 + 59)
TIMES = st.builds(_at, st.integers(0, (LAST - FIRST) // timedelta(microseconds=1)), OFFSETS)

FEW_NAMES = st.sampled_from(["tea", "cup", "rice"])
"""Few enough that drawn events meet each other's lines."""

# What JSON escapes, what takes one to four bytes of UTF-8; hypothesis' own alphabet is a table that takes long to load.
TEXT = FEW_NAMES | st.text('aZ0 "\\/\0\x1f\x7f\u2028é茶\N{BICYCLE}', max_size=20)

ITEMS = st.lists(st.builds(OrderItem, TEXT, TEXT, st.integers(), st.integers()), max_size=3).map(tuple)

DRAWN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    datetime: TIMES,
    Canceller: st.sampled_from(["", "shopper", "admin"]),
    tuple[OrderItem, ...]: ITEMS,
}


def events_of(event_type: type) -> st.SearchStrategy[Any]:
    """Draw events of one type."""
    hints = get_type_hints(event_type)
    return st.builds(event_type, **{field.name: DRAWN[hints[field.name]] for field in dataclasses.fields(event_type)})


any_event = st.one_of([events_of(event_type) for event_type in EVENT_TYPES])
