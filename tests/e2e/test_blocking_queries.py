"""A read model whose calls can block: none runs on the event loop, and reads that wait hold no thread."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from dependency_injector import providers
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.testing import TestClient

from config.shop import Shop
from core.ports.queries import QueriesUnavailable
from tests.support.api_document import Row, rows
from tests.support.consistency import asking, forged
from tests.support.in_process import client_of, new_shop
from tests.support.running_shop import SECRET_KEY
from tests.support.shopping import ADMIN, good, new_product, refused, request_for
from tests.support.waiting import wait_until

READING = 30
THREADS = 2
OF_NO_QUERIES = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/schema",
    "/schema/openapi.json",
    "/api/admin/events/{aggregate_id}",
    "/api/admin/mails",
}


class Watched:
    """A part that says whether it blocks, and notes of every call whether it ran on an event loop; `before` is told its name."""

    def __init__(self, inner: object, *, blocks: bool) -> None:
        """Stand before `inner`."""
        self.blocks = blocks
        self.before: Callable[[str], object] = lambda _name: None
        self.on_the_loop: list[str] = []
        self.elsewhere: list[str] = []
        self._inner = inner

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Give a method that is watched."""
        method = getattr(self._inner, name)

        def call(*args: object) -> object:
            (self.on_the_loop if runs_a_loop() else self.elsewhere).append(name)
            self.before(name)
            return method(*args)

        return call


def runs_a_loop() -> bool:
    """Tell whether this thread runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def watched(shop: Shop, *, blocks: bool) -> Watched:
    """Watch a shop's queries."""
    queries = Watched(shop.queries(), blocks=blocks)
    shop.queries.override(providers.Object(queries))
    return queries


def gone(name: str) -> None:
    """Fail where it is asked how far the projector has come, and nowhere else."""
    if name == "progress":
        raise QueriesUnavailable("gone")


@contextmanager
def few_threads() -> Iterator[None]:
    """Leave the shop with so few worker threads that reads which keep one would stop it."""
    with ThreadPoolExecutor(THREADS) as executor:
        set_asyncio_executor(executor)
        try:
            yield
        finally:
            set_asyncio_executor(None)


def reads(
    client: httpx.Client, threads: ThreadPoolExecutor, ahead_of: str, count: int, seconds: float = 10
) -> list[Future[httpx.Response]]:
    """Have so many reads wait for a write that is still to come."""
    headers = asking(forged((ahead_of, 2)), f"wait={seconds}")
    return [threads.submit(client.get, f"/products/{ahead_of}", headers=headers) for _ in range(count)]


def waiting(client: TestClient[Litestar]) -> int:
    """Tell how many reads wait."""
    return len(client.app.state.desk.catch_up._waiting)


@pytest.fixture(scope="module")
def blocking() -> Iterator[tuple[httpx.Client, Watched]]:
    """Give a shop with queries that can block, and the watch over them."""
    shop = new_shop()
    queries = watched(shop, blocks=True)
    with client_of(shop) as client:
        yield client, queries


@pytest.mark.parametrize("row", [row for row in rows() if not row.writes and row.path not in OF_NO_QUERIES], ids=str)
def test_no_row_asks_on_the_event_loop_what_can_block(blocking: tuple[httpx.Client, Watched], row: Row) -> None:
    client, queries = blocking
    ask = request_for(client, row)
    queries.elsewhere.clear()
    good(ask())
    assert len(queries.elsewhere) == 1
    assert queries.on_the_loop == []


def test_a_list_of_stock_that_looks_for_its_next_page_does_not_either(blocking: tuple[httpx.Client, Watched]) -> None:
    client, queries = blocking
    for _ in range(2):
        new_product(client)
    queries.elsewhere.clear()
    answer = client.get("/api/admin/inventory?limit=1", headers=ADMIN)
    assert len(good(answer)) == 1
    assert (queries.elsewhere, queries.on_the_loop) == (["inventory", "product"], [])


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_parked_is_not_looked_up_on_the_event_loop(path: str) -> None:
    shop = new_shop()
    shop.queries()  # reads the rows themselves
    projections = Watched(shop.projections(), blocks=True)
    shop.projections.override(providers.Object(projections))
    with client_of(shop) as client:
        assert client.get(path).status_code == 200
    assert "parked_streams" in projections.elsewhere
    assert projections.on_the_loop == []


def test_what_cannot_block_is_asked_where_it_costs_least() -> None:
    shop = new_shop()
    queries = watched(shop, blocks=False)
    with client_of(shop) as client:
        new_product(client)
        good(client.get("/products"))
    assert set(queries.on_the_loop) == {"progress", "product", "products"}
    assert queries.elsewhere == []


def test_reads_that_wait_hold_no_thread() -> None:
    shop = new_shop(secret_key=SECRET_KEY)
    queries = watched(shop, blocks=True)
    with few_threads(), client_of(shop) as client, ThreadPoolExecutor(READING) as threads:
        product = new_product(client)
        asked = reads(client, threads, product["id"], READING)
        wait_until(lambda: waiting(client) == READING)
        changed = client.put(f"/products/{product['id']}", json={"name": "玉露", "price": 2}, headers=ADMIN)
        answers = [each.result() for each in asked]
    good(changed)
    assert [(good(answer)["name"], answer.headers.get("X-Consistency")) for answer in answers] == [
        ("玉露", None)
    ] * READING
    assert queries.on_the_loop == []


def test_one_look_is_for_all_that_wait() -> None:
    shop = new_shop(secret_key=SECRET_KEY)
    queries = watched(shop, blocks=True)
    with client_of(shop) as client, ThreadPoolExecutor(READING) as threads:
        product = new_product(client)
        asked = reads(client, threads, product["id"], READING)
        wait_until(lambda: waiting(client) == READING)
        before = queries.elsewhere.count("progress")
        wait_until(lambda: queries.elsewhere.count("progress") >= before + 3)
        # A look each would be READING of them a tick.
        assert queries.elsewhere.count("progress") < before + READING
        good(client.put(f"/products/{product['id']}", json={"name": "玉露", "price": 2}, headers=ADMIN))
        assert {each.result().status_code for each in asked} == {200}


@pytest.mark.parametrize("blocks", [True, False])
def test_a_read_model_that_goes_away_while_reads_wait_is_told_to_all_of_them_at_once(blocks: bool) -> None:  # noqa: FBT001
    shop = new_shop(secret_key=SECRET_KEY)
    queries = watched(shop, blocks=blocks)
    with client_of(shop) as client, ThreadPoolExecutor(3) as threads:
        product = new_product(client)
        asked = reads(client, threads, product["id"], 3)
        wait_until(lambda: waiting(client) == 3)
        queries.before = gone
        for each in asked:
            answer = each.result(9)  # in ten seconds they would be stale
            refused(answer, 503, "read_model_unavailable")
            assert answer.headers["Retry-After"]

        queries.before = lambda _name: None
        (again,) = reads(client, threads, product["id"], 1)
        wait_until(lambda: waiting(client) == 1)
        good(client.put(f"/products/{product['id']}", json={"name": "玉露", "price": 2}, headers=ADMIN))
        assert good(again.result())["name"] == "玉露"


def test_a_read_that_gives_up_during_a_look_is_stale_and_harms_nobody() -> None:
    shop = new_shop(secret_key=SECRET_KEY)
    queries = watched(shop, blocks=True)
    looking, gate = threading.Event(), threading.Event()

    def held(name: str) -> None:
        if name == "progress":
            looking.set()
            assert gate.wait(10)

    with client_of(shop) as client, ThreadPoolExecutor(READING) as threads:
        product = new_product(client)
        (late,) = reads(client, threads, product["id"], 1, seconds=1)
        patient = reads(client, threads, product["id"], READING - 1)
        wait_until(lambda: waiting(client) == READING)
        queries.before = held
        assert looking.wait(10)
        given_up = late.result()
        good(client.put(f"/products/{product['id']}", json={"name": "玉露", "price": 2}, headers=ADMIN))
        gate.set()
        answers = [each.result() for each in patient]
    assert given_up.headers["X-Consistency"] == "stale"
    assert {(answer.status_code, answer.headers.get("X-Consistency")) for answer in answers} == {(200, None)}
