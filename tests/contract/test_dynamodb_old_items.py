"""Items as an older shop left them in DynamoDB: no schema version at all, times and texts in its own way."""

from adapters.serialization.codec import JsonCodec
from core.application.repository import Repository
from core.domain.cart import CartCleared
from core.domain.order import Order, OrderCancelled
from core.projections.rows import RowFold
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.support.commits import AT

CODEC = JsonCodec()
PLACED = (
    '{"order_id":"o-1","user_id":"mai","items":[{"product_id":"tea","name":"煎茶","quantity":2,"price":500}],'
    '"total":1000,"placed_at":"2026-01-02T12:04:05.678901+09:00"}'
)
CANCELLED = '{"order_id":"o-1","cancelled_at":"2026-01-02T12:04:05.678901+09:00"}'
CLEARED = '{"cart_id":"cart-mai","user_id":"mai","cleared_at":"2026-01-02T12:04:05.678901+09:00"}'


def put(dynamodb: DynamoDBHarness, stream: str, version: int, kind: tuple[str, str], data: str) -> None:
    """Store an item as it was then."""
    dynamodb.direct.put_item(
        TableName=dynamodb.tables.events,
        Item={
            "aggregate_id": {"S": stream},
            "version": {"N": str(version)},
            "id": {"S": f"{stream}-{version}"},
            "aggregate_type": {"S": kind[0]},
            "event_type": {"S": kind[1]},
            "data": {"S": data},
            "created_at": {"S": "2026-01-02T12:04:05.678901+09:00"},
            "gsi1pk": {"S": "EVENTS"},
        },
    )


def test_an_order_of_an_older_shop_is_loaded_projected_and_replayed(dynamodb: DynamoDBHarness) -> None:
    put(dynamodb, "o-1", 1, ("Order", "OrderPlaced"), PLACED)
    put(dynamodb, "o-1", 2, ("Order", "OrderCancelled"), CANCELLED)
    put(dynamodb, "cart-mai", 1, ("Cart", "CartCleared"), CLEARED)

    loaded = Repository(dynamodb.store, CODEC, dynamodb.environment).load(Order, "o-1")
    replayed = {(event.stream, event.version): event for event in dynamodb.store.replay()}
    fold, row = RowFold(CODEC), None
    for version in (1, 2):
        row = fold(row, replayed["o-1", version])

    assert (loaded.version, loaded.state.status, loaded.state.total, loaded.state.created_at) == (
        2,
        "cancelled",
        1_000,
        AT,
    )
    assert row == loaded.state
    assert CODEC.decode_event(replayed["o-1", 2]) == OrderCancelled("o-1", "", AT, "")
    assert CODEC.decode_event(replayed["cart-mai", 1]) == CartCleared("cart-mai", "mai", AT, "")
