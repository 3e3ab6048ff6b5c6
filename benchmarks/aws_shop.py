"""A shop on DynamoDB, Kinesis and PostgreSQL for benchmarks: made as an operator makes it, its API a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psutil

from adapters.dynamodb.client import dynamodb_client
from benchmarks.delaying_relay import delayed
from benchmarks.order_client import Figures
from tests.support.command import CREDENTIALS, ecshop
from tests.support.ministack import ministack
from tests.support.running_shop import ADMIN_TOKEN, RunningShop, running_shop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

CLIENTS = 8
"""At the same time. Each orders products of its own: none waits for another's stock."""

MOST_LINES = 5

EVENTS = "events"
"""The table."""


def client_of(endpoint: str) -> "DynamoDBClient":
    """Give a client of an emulator."""
    return dynamodb_client("ap-northeast-1", endpoint, credentials=("test", "test"), read_seconds=60.0)


@contextmanager
def emulator() -> Iterator[str]:
    """Give the endpoint of a new one that has answered once: for its first answer it loads what it plays."""
    with ministack() as endpoint:
        client_of(endpoint).list_tables()
        yield endpoint


def count_events(endpoint: str) -> int:
    """Count the events that an emulator keeps."""
    pages = client_of(endpoint).get_paginator("scan").paginate(TableName=EVENTS, Select="COUNT", ConsistentRead=True)
    return sum(page["Count"] for page in pages)


def new_shoppers(each: int) -> list[list[str]]:
    """Give new shoppers, so many for each client."""
    return [[str(uuid4()) for _ in range(each)] for _ in range(CLIENTS)]


class AwsShop:
    """A shop that runs, with products on sale."""

    def __init__(self, running: RunningShop) -> None:
        """Put the products on sale."""
        self._running = running
        self._process = psutil.Process(running.process.pid)
        with httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}) as admin:
            self._products = [[_product(admin) for _ in range(MOST_LINES)] for _ in range(CLIENTS)]

    def fill(self, shoppers: list[list[str]], lines: int) -> None:
        """Put so many products in the cart of each client's shoppers."""
        self._ask(shoppers, [products[:lines] for products in self._products])

    def order(self, shoppers: list[list[str]]) -> Figures:
        """Have the shoppers of each list order, one after the other, and the lists at the same time."""
        before = self._cpu_seconds()
        figures = self._ask(shoppers, None)
        return figures._replace(cpu=(self._cpu_seconds() - before) * 1000 / sum(map(len, shoppers)))

    def _ask(self, shoppers: list[list[str]], products: list[list[str]] | None) -> Figures:
        wanted = json.dumps({"address": self._running.url, "shoppers": shoppers, "products": products})
        client = [sys.executable, "-m", "benchmarks.order_client"]
        said = subprocess.run(client, input=wanted, text=True, check=True, stdout=subprocess.PIPE).stdout
        return Figures(*json.loads(said))

    def _cpu_seconds(self) -> float:
        used = self._process.cpu_times()
        return float(used.user + used.system)


def _product(admin: httpx.Client) -> str:
    offered = {"name": "抹茶 30g", "description": "宇治の石臼挽き抹茶。", "price": 1_620, "stock": 1_000_000}
    return str(admin.post("/products", json=offered).raise_for_status().json()["id"])


@contextmanager
def aws_shop(endpoint: str, database_url: str, delay: float) -> Iterator[AwsShop]:
    """Run a shop on an empty emulator while inside; each of its requests to DynamoDB takes `delay` milliseconds longer."""
    settings = {
        "STORE": "dynamodb",
        "WORKERS": "none",
        "DATABASE_URL": database_url,
        "DYNAMODB_TABLE_NAME": EVENTS,
        "KINESIS_ENDPOINT": endpoint,
        "ADMIN_TOKEN": ADMIN_TOKEN,
        **CREDENTIALS,
    }
    for command in (["tables", "create"], ["stream", "create"], ["migrate"]):
        made = ecshop(*command, DYNAMODB_ENDPOINT=endpoint, **settings)
        assert made.exit_code == 0, made.stderr
    with delayed(endpoint, delay) as dynamodb, running_shop(DYNAMODB_ENDPOINT=dynamodb, **settings) as running:
        yield AwsShop(running)
