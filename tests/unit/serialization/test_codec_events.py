"""The JSON of events: what is written exactly so, what is read back, and what is shown."""

import dataclasses

import pytest
from hypothesis import given

from core.domain import REDACTED
from core.domain.cart import Cart, ItemAddedToCart
from core.domain.order import OrderItem, OrderPlaced
from tests.support.events_document import EventRow, event_rows
from tests.unit.examples import EVENT_TYPES, any_event, few
from tests.unit.serialization.json_of_events import AT, CODEC, read, recorded, stock_added, written

CONTRACT = event_rows()


@few
@given(any_event)
def test_every_event_is_read_back_as_it_was_written(event: object) -> None:
    _, event_type, schema_version, data = CODEC.encode_event(event)

    assert read(event_type, data, schema_version) == event


@few
@given(any_event)
def test_an_event_has_exactly_the_keys_of_the_table_in_its_order(event: object) -> None:
    aggregate_type, event_type, schema_version, _ = CODEC.encode_event(event)

    assert EventRow(aggregate_type, schema_version, tuple(written(event))) == CONTRACT[event_type]


def test_the_table_names_every_event_of_every_aggregate() -> None:
    assert set(CONTRACT) == {event_type.__name__ for event_type in EVENT_TYPES}


def test_the_items_of_an_order_are_objects_with_their_four_keys() -> None:
    placed = OrderPlaced("order-1", "mai", (OrderItem("tea", "緑茶", 2, 500),), 1_000, AT)

    assert written(placed) == {
        "order_id": "order-1",
        "user_id": "mai",
        "items": [{"product_id": "tea", "name": "緑茶", "quantity": 2, "price": 500}],
        "total": 1_000,
        "placed_at": "2026-01-02T03:04:05.678901Z",
    }
    assert (
        written(dataclasses.replace(placed, placed_at=AT.replace(microsecond=0)))["items"] == written(placed)["items"]
    )


def test_what_must_never_leave_the_store_is_left_out_per_event_type() -> None:
    secrets = {
        "user_id": "mai",
        "password_hash": "x",
        "ip_address": "::1",
        "user_agent": "y",
        "email": "mai@example.com",
    }

    def shown(event_type: str) -> set[str]:
        return set(CODEC.public(recorded(event_type, secrets)))

    assert shown("UserCreated") == {"user_id", "ip_address", "user_agent", "email"}
    assert shown("UserPasswordChanged") == {"user_id", "ip_address", "user_agent", "email"}
    assert shown("UserLoggedIn") == {"user_id", "password_hash", "email"}
    assert shown("StockAdded") == set(secrets)
    assert set(REDACTED) == {"UserCreated", "UserPasswordChanged", "UserLoggedIn"}


def test_what_is_shown_of_an_event_is_its_plain_json_and_garbage_shows_nothing() -> None:
    assert CODEC.public(recorded("StockAdded", stock_added(extra=[1]))) == stock_added(extra=[1])
    for garbage in (b"", b"\xff", b"[]", b"[" * 100_000, b'"text"'):
        assert CODEC.public(recorded("StockAdded", garbage)) == {}


def test_what_is_no_event_cannot_be_encoded_as_one() -> None:
    with pytest.raises(KeyError):
        CODEC.encode_event(Cart())


def test_the_numbers_of_an_event_are_never_rounded() -> None:
    event = ItemAddedToCart("cart-mai", "mai", "tea", 2**53 + 1, 10**30, AT)

    assert read("ItemAddedToCart", CODEC.encode_event(event)[3]) == event
