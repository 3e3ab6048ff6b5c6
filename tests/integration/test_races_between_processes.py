"""Processes that share nothing but a store."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import uuid4

import pytest

from adapters.dynamodb.tables import create_tables
from adapters.system.environment import system_environment
from core.application.carts import AddToCart
from core.application.orders import PlaceOrder
from core.application.products import CreateProduct
from core.domain.inventory import OutOfStock, inventory_stream
from core.ports.event_store import Conflict, EventStore
from tests.contract.dynamodb_harness import client_of, fresh_names
from tests.support import dynamodb_shop, postgres_shop
from tests.support.commits import adding, stock_added
from tests.support.dynamodb_shop import commands_on
from tests.support.postgres_databases import fresh_database

pytestmark = pytest.mark.races

OpenStore = Callable[[], EventStore]
"""Opens a client of the shared store in whichever process calls it."""

PROCESSES, ROUNDS = 4, 50
BUYERS, STOCK = 200, 20
PATIENCE = 300
"""Seconds until processes that do not come back are given up; nothing is measured by it."""


@pytest.fixture(
    params=[
        pytest.param("MiniStack", marks=pytest.mark.ministack),
        pytest.param("PostgreSQL", marks=pytest.mark.postgres),
    ]
)
def server(request: pytest.FixtureRequest) -> str:
    """Name the server that the store is on."""
    return str(request.param)


@pytest.fixture
def open_store(server: str, request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Give what opens an empty store, in any process."""
    if server == "MiniStack":
        endpoint, names = request.getfixturevalue("ministack_endpoint"), fresh_names()
        create_tables(client_of(endpoint), names, system_environment())
        yield partial(dynamodb_shop.store_at, endpoint, names)
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield partial(postgres_shop.store_at, url)


def in_processes(work: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> list[Any]:
    """Run the function once per tuple of arguments, each in a process of its own that starts empty."""
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(len(arguments)) as pool:
        return pool.starmap_async(work, arguments, chunksize=1).get(PATIENCE)


def race(barrier: Barrier, open_store: OpenStore) -> list[str]:
    """Try to write each version of one stream; give the commits that were acknowledged, empty where another won."""
    store, mine = open_store(), list[str]()
    for version in range(ROUNDS):
        commit = adding(stock_added(), to="s", at_version=version)
        barrier.wait(PATIENCE)
        try:
            mine.append(store.commit(commit).commit_id)
        except Conflict:
            mine.append("")
        barrier.wait(PATIENCE)
    return mine


def test_4_processes_on_one_stream_have_one_winner_a_round(open_store: OpenStore) -> None:
    with multiprocessing.get_context("spawn").Manager() as manager:
        barrier = manager.Barrier(PROCESSES)
        acknowledged = in_processes(race, [(barrier, open_store)] * PROCESSES)

    winners = [[won for won in of_round if won] for of_round in zip(*acknowledged, strict=True)]
    events = list(open_store().read("s"))
    assert [len(of_round) for of_round in winners] == [1] * ROUNDS
    assert [event.version for event in events] == list(range(1, ROUNDS + 1))
    assert [event.commit_id for event in events] == [won for (won,) in winners]


def buy(open_store: OpenStore, product_id: str, buyers: int) -> list[tuple[str, float]]:
    """Let so many shoppers order one unit each, 8 at a time; give each one's outcome and the seconds of the order."""
    commands = commands_on(open_store())

    def shop(_number: int) -> tuple[str, float]:
        user_id = f"guest-{uuid4()}"
        commands.run(AddToCart(user_id, product_id, 1))
        began = time.monotonic()
        try:
            commands.run(PlaceOrder(str(uuid4()), user_id))
        except OutOfStock as error:
            return f"out of stock, {error.details['left']} left", time.monotonic() - began
        except Conflict:
            return "conflict", time.monotonic() - began
        return "ordered", time.monotonic() - began

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(shop, range(buyers)))


def test_a_flash_sale_in_4_processes_sells_exactly_the_stock(
    server: str, open_store: OpenStore, record_property: Callable[[str, object], None]
) -> None:
    product_id = str(uuid4())
    commands_on(open_store()).run(CreateProduct(product_id, "限定品", "", 1_000, STOCK))

    each = in_processes(buy, [(open_store, product_id, BUYERS // PROCESSES)] * PROCESSES)

    results = [result for of_process in each for result in of_process]
    outcomes = [outcome for outcome, _ in results]
    assert outcomes.count("ordered") == STOCK
    assert outcomes.count("out of stock, 0 left") == BUYERS - STOCK
    types = [event.type for event in open_store().read(inventory_stream(product_id))]
    assert types == ["StockAdded"] + ["StockReserved"] * STOCK
    slow = sum(seconds > 2 for _, seconds in results)
    told = f"flash sale in 4 processes on {server}: {slow} of {BUYERS} orders needed more than 2 s"
    record_property("told", told)
