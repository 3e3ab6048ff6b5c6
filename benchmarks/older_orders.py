"""The peer of orders on DynamoDB: the requests of the older implementation, sent one after another by boto3.

It loaded each aggregate by its snapshot (GetItem) and the events behind it (Query), and before each event that it wrote (PutItem) it asked
for the stream's newest version (Query). An order loads the cart and each product's stock, and writes OrderPlaced, a StockReserved for each
product, and CartCleared: 5 Query + 2 GetItem + 3 PutItem for one line, 13 + 6 + 7 for five. Nothing else of it is here, no HTTP and no
decision, and no stream has an event behind its snapshot.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3

from adapters.dynamodb.layout import Tables
from adapters.dynamodb.tables import create_tables
from adapters.system.environment import system_environment
from benchmarks.aws_shop import EVENTS, client_of
from benchmarks.delaying_relay import delayed
from benchmarks.order_client import Figures

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NAME = "the older implementation's requests, by boto3"

TABLES = Tables(EVENTS, "snapshots", "claims")

BATCH = 25
"""Items that one BatchWriteItem takes."""

# About as long as ours.
DATA = '{"order_id":"%s","product_id":"%s","quantity":1,"at":"2026-01-02T03:04:05.678901Z"}'
METADATA = (
    '{"correlation_id":"a-request","causation_id":"a-request","command":"PlaceOrder","actor":"a-shopper","locale":"ja"}'
)

Item = dict[str, Any]


class OlderShop:
    """Stock, carts and orders as the older implementation kept them. Any number of threads may order, each its own products."""

    def __init__(self, client: "DynamoDBClient") -> None:
        """Use tables that are there."""
        self._client = client
        self._newest: Counter[str] = Counter()
        self._carts: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()
        client.meta.events.register("before-call.dynamodb", self._count)

    def _count(self, model: Any, **_event: object) -> None:  # noqa: ANN401 - botocore's own
        self.asked[model.name] += 1

    def fill(self, shoppers: list[list[str]], lines: int) -> None:
        """Put so many products in the cart of each client's shoppers; a product that is new is put on sale."""
        events = list[Item]()
        for client, carts in enumerate(shoppers):
            products = [f"product-{client}-{number}" for number in range(lines)]
            for product in products:
                if not self._newest[_stock_of(product)]:
                    events.append(self._next_event(_stock_of(product), "StockAdded", DATA % ("", product)))
            for cart in carts:
                self._carts[cart] = products
                events += [self._next_event(cart, "ItemAddedToCart", DATA % ("", product)) for product in products]
        self._write_all(TABLES.events, events)
        streams = dict.fromkeys(event["aggregate_id"]["S"] for event in events)
        self._write_all(TABLES.snapshots, [_snapshot(stream) for stream in streams])

    def _write_all(self, table: str, items: Sequence[Item]) -> None:
        for begin in range(0, len(items), BATCH):
            requests: Any = {table: [{"PutRequest": {"Item": item}} for item in items[begin : begin + BATCH]]}
            assert not self._client.batch_write_item(RequestItems=requests)["UnprocessedItems"]

    def order(self, shoppers: list[list[str]]) -> Figures:
        """Have the shoppers of each list order, one after the other, and the lists at the same time."""

        def work(carts: list[str]) -> list[float]:
            return [self._timed(cart) for cart in carts]

        before, began = self.asked.copy(), perf_counter()
        with ThreadPoolExecutor(len(shoppers)) as threads:
            times = [seconds for of_one in threads.map(work, shoppers) for seconds in of_one]
        rate = len(times) / (perf_counter() - began)
        lines = len(self._carts[shoppers[0][0]])
        each = {"Query": 3 + 2 * lines, "GetItem": 1 + lines, "PutItem": 2 + lines}
        assert self.asked - before == {name: count * len(times) for name, count in each.items()}
        return Figures(median(times) * 1000, rate)

    def _timed(self, cart: str) -> float:
        began = perf_counter()
        self._order(cart, self._carts[cart])
        return perf_counter() - began

    def _order(self, cart: str, products: Sequence[str]) -> None:
        order_id = str(uuid4())
        for stream in (cart, *map(_stock_of, products)):
            self._load(stream)
        self._append(order_id, "OrderPlaced", DATA % (order_id, " ".join(products)))
        for product in products:
            self._append(_stock_of(product), "StockReserved", DATA % (order_id, product))
        self._append(cart, "CartCleared", DATA % (order_id, ""))

    def _load(self, stream: str) -> None:
        assert "Item" in self._client.get_item(TableName=TABLES.snapshots, Key={"aggregate_id": {"S": stream}})
        behind = self._client.query(
            TableName=TABLES.events,
            KeyConditionExpression="aggregate_id = :stream AND version > :version",
            ExpressionAttributeValues={":stream": {"S": stream}, ":version": {"N": str(self._newest[stream])}},
        )
        assert not behind["Items"]

    def _append(self, stream: str, event_type: str, data: str) -> None:
        newest = self._client.query(
            TableName=TABLES.events,
            KeyConditionExpression="aggregate_id = :stream",
            ExpressionAttributeValues={":stream": {"S": stream}},
            ScanIndexForward=False,
            Limit=1,
        )["Items"]
        assert int(newest[0]["version"]["N"] if newest else 0) == self._newest[stream]
        self._client.put_item(
            TableName=TABLES.events,
            Item=self._next_event(stream, event_type, data),
            ConditionExpression="attribute_not_exists(aggregate_id)",
        )

    def _next_event(self, stream: str, event_type: str, data: str) -> Item:
        self._newest[stream] += 1
        return {name: {"S": str(uuid4())} for name in ("id", "commit_id")} | {
            "aggregate_id": {"S": stream},
            "version": {"N": str(self._newest[stream])},
            "aggregate_type": {"S": "An aggregate"},
            "event_type": {"S": event_type},
            "schema_version": {"N": "1"},
            "data": {"S": data},
            "created_at": {"S": "2026-01-02T03:04:05.678901Z"},
            "metadata": {"S": METADATA},
            "gsi1pk": {"S": "EVENTS"},
        }


def _snapshot(stream: str) -> Item:
    return {"aggregate_id": {"S": stream}, "version": {"N": "1"}, "state": {"S": DATA % ("", stream)}}


def _stock_of(product: str) -> str:
    return f"inventory-{product}"


@contextmanager
def older_shop(endpoint: str, delay: float) -> Iterator[OlderShop]:
    """Give one on an empty emulator; each of its requests takes `delay` milliseconds longer."""
    create_tables(client_of(endpoint), TABLES, system_environment())
    with delayed(endpoint, delay) as dynamodb:
        yield OlderShop(
            boto3.client(
                "dynamodb",
                region_name="ap-northeast-1",
                endpoint_url=dynamodb,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - emulators take any
            )
        )
