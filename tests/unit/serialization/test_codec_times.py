"""Times in JSON: written exactly so, and read however they were written."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.serialization.codec import parse_instant
from core.domain.inventory import StockAdded
from core.domain.product import Product, ProductDeleted
from core.ports.events import Undecodable
from tests.unit.examples import TIMES, any_event, few
from tests.unit.serialization.json_of_events import AT, CODEC, read, stock_added, written


@few
@given(any_event)
def test_times_are_written_in_utc_with_exactly_six_digits_and_a_z(event: Any) -> None:  # noqa: ANN401 - any event
    (name,) = (field.name for field in dataclasses.fields(event) if field.name.endswith("_at"))  # each has one
    text = written(event)[name]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    assert datetime.fromisoformat(text) == getattr(event, name)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.6Z", datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678901+00:00", AT),
        ("2026-01-02T12:04:05.678901+09:00", AT),
        ("2026-01-01T23:34:05.6789010-03:30", AT),
        ("2026-01-02T03:04:05.678901234Z", AT),
        ("2026-01-02T03:04:05.6789009Z", AT),
        ("2026-12-31T23:59:59.999999999Z", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_any_offset_and_0_to_9_digits(text: str, at: datetime) -> None:
    assert parse_instant(text) == at
    assert parse_instant(text).tzinfo is UTC
    assert read("StockAdded", stock_added(text)) == StockAdded("tea", 1, at)


@few
@given(TIMES, st.integers(0, 9))
def test_any_time_is_read_as_the_standard_library_reads_it(at: datetime, digits: int) -> None:
    fraction = f"{at.microsecond:06d}000"[:digits]
    offset = "Z" if at.tzinfo is UTC else at.isoformat()[-6:]
    text = at.replace(tzinfo=None).isoformat(timespec="seconds") + ("." + fraction if digits else "") + offset

    assert parse_instant(text) == at.replace(microsecond=int(f"{fraction:0<6}"[:6]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-13-02T03:04:05Z",
        "2026-01-02T03:04:05+24:00",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
    ],
)
def test_what_is_no_time_or_has_no_offset_or_no_utc_is_undecodable(text: str) -> None:
    with pytest.raises(Undecodable):
        parse_instant(text)
    with pytest.raises(Undecodable):
        read("StockAdded", stock_added(text))


def test_an_early_year_has_four_digits() -> None:
    assert (
        written(ProductDeleted("tea", datetime(987, 6, 5, tzinfo=UTC)))["deleted_at"] == "0987-06-05T00:00:00.000000Z"
    )


def test_times_of_states_are_fixed_as_in_events() -> None:
    tokyo = timezone(timedelta(hours=9))
    product = Product("tea", created_at=datetime(2026, 1, 2, 12, tzinfo=tokyo), updated_at=AT)

    plain = json.loads(CODEC.encode(product))

    assert (plain["created_at"], plain["updated_at"]) == ("2026-01-02T03:00:00.000000Z", "2026-01-02T03:04:05.678901Z")
