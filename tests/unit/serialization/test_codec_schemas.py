"""Events that others wrote: unknown keys and types, older and newer schemas, garbage."""

import pytest

from adapters.serialization.codec import JsonCodec
from core.domain.cart import CartCleared
from core.domain.inventory import StockAdded
from core.domain.order import OrderCancelled
from core.domain.product import ProductCreated, ProductUpdated
from core.ports.events import Undecodable
from tests.unit.serialization.json_of_events import AT, read, recorded, stock_added


def test_keys_that_are_not_known_are_ignored() -> None:
    assert read("StockAdded", stock_added(colour="green", nested={"a": [1]}, huge=10**30)) == StockAdded("tea", 1, AT)


def test_an_event_of_an_unknown_type_is_none_whatever_its_data() -> None:
    for data in (b"{}", b"\xff", b""):
        assert read("UserCreated", data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"product_id":"tea"}',
        b'{"product_id":"\xed\xa0\x80","quantity":1,"added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":"\\ud800","quantity":1,"added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":"tea","quantity":1.5,"added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":"tea","quantity":"1","added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":"tea","quantity":null,"added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":7,"quantity":1,"added_at":"2026-01-02T03:04:05Z"}',
        b'{"product_id":"tea","quantity":1,"added_at":1767323045}',
    ],
)
@pytest.mark.parametrize("schema_version", [1, 0])
def test_garbage_is_undecodable(data: bytes, schema_version: int) -> None:
    with pytest.raises(Undecodable):
        read("StockAdded", data, schema_version)


def test_an_event_of_a_newer_schema_is_undecodable() -> None:
    with pytest.raises(Undecodable, match="schema 2"):
        read("StockAdded", stock_added(), schema_version=2)


def test_events_without_a_schema_version_get_the_texts_that_were_left_out() -> None:
    time = "2026-01-02T03:04:05.678901Z"
    created = {"product_id": "tea", "name": "Tea", "price": 500, "stock": 3, "created_at": time}
    updated = {"product_id": "tea", "name": "Tea", "price": 500, "updated_at": time}
    cancelled = {"order_id": "order-1", "cancelled_at": time}

    assert read("ProductCreated", created, 0) == ProductCreated("tea", "Tea", "", 500, 3, AT)
    assert read("ProductUpdated", updated, 0) == ProductUpdated("tea", "Tea", "", 500, AT)
    assert read("OrderCancelled", cancelled, 0) == OrderCancelled("order-1", "", AT, "")
    assert read("OrderCancelled", {**cancelled, "reason": "late"}, 0) == OrderCancelled("order-1", "late", AT, "")
    assert read("StockAdded", stock_added(), 0) == StockAdded("tea", 1, AT)
    for event_type, data in (("ProductCreated", created), ("ProductUpdated", updated), ("OrderCancelled", cancelled)):
        with pytest.raises(Undecodable):
            read(event_type, data, schema_version=1)


def test_events_of_schema_1_get_what_schema_2_added_as_not_said() -> None:
    time = "2026-01-02T03:04:05.678901Z"
    cancelled = {"order_id": "order-1", "reason": "late", "cancelled_at": time}
    cleared = {"cart_id": "cart-mai", "user_id": "mai", "cleared_at": time}

    assert read("OrderCancelled", cancelled, 1) == OrderCancelled("order-1", "late", AT, "")
    for schema_version in (0, 1):
        assert read("CartCleared", cleared, schema_version) == CartCleared("cart-mai", "mai", AT, "")
    for event_type, data in (("OrderCancelled", cancelled), ("CartCleared", cleared)):
        with pytest.raises(Undecodable):
            read(event_type, data, schema_version=2)
    with pytest.raises(Undecodable):
        read("OrderCancelled", {**cancelled, "cancelled_by": "nobody"}, schema_version=2)


def test_upcasters_follow_each_other_up_to_todays_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StockAdded, "schema_version", 3, raising=False)
    codec = JsonCodec(
        {
            ("StockAdded", 1): lambda data: {**data, "units": data["quantity"] * 10},
            ("StockAdded", 2): lambda data: {**data, "quantity": data["units"] + 1},
        }
    )

    assert codec.decode_event(recorded("StockAdded", stock_added(), 1)) == StockAdded("tea", 11, AT)
    assert codec.decode_event(recorded("StockAdded", stock_added(units=20), 2)) == StockAdded("tea", 21, AT)
    assert codec.decode_event(recorded("StockAdded", stock_added(), 3)) == StockAdded("tea", 1, AT)
    assert codec.encode_event(StockAdded("tea", 1, AT))[2] == 3
