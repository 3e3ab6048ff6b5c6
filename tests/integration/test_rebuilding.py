"""`ecshop rebuild` as people run it: while others write and read, interrupted and begun again, in memory that does not grow with it."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import psycopg
import pytest

from tests.support.command import ecshop
from tests.support.many_events import OF_A_STREAM, fill
from tests.support.postgres_databases import fresh_database
from tests.support.reconciled import reconciled
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, environment, running_shop
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.soak]

WRITERS, READERS, STOCKED = 4, 2, 20_000

SMALL, LARGE, GROWTH = 20_000, 200_000, 1.2
"""Events, and how much more memory the rebuild of ten times as many may take at its peak."""


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """Give an empty shop's database."""
    with shop_database(postgres_url) as url:
        yield url


@contextmanager
def shop_database(server: str) -> Iterator[str]:
    with fresh_database(server) as url:
        assert ecshop("migrate", DATABASE_URL=url).exit_code == 0
        yield url


@contextmanager
def rebuilding(url: str, output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `ecshop rebuild`; what it says goes to the file."""
    with (
        output.open("wb") as to_output,
        subprocess.Popen(
            [ECSHOP, "rebuild"],
            env=environment(STORE="postgres", DATABASE_URL=url, PYTHONUNBUFFERED="1"),
            stdout=to_output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def generations(url: str) -> dict[int, Json]:
    """Give the generations that there are, by number."""
    rows = json.loads(ecshop("generations", "--json", STORE="postgres", DATABASE_URL=url).stdout)
    return {row["number"]: row for row in rows}


class Crowd:
    """People who write and read while inside. Whatever a reader is answered that is not a good answer, the test sees when it leaves."""

    def __init__(self, address: str) -> None:
        """Let them know the shop."""
        self._address = address
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(WRITERS + READERS)
        self.written, self.read = 0, 0

    def __enter__(self) -> Self:
        """Let them begin."""
        with self._client() as client:
            self._product = new_product(client, stock=1_000_000)
        work = [self._write] * WRITERS + [self._read] * READERS
        self._running = [self._threads.submit(each) for each in work]
        return self

    def __exit__(self, *_: object) -> None:
        """Have them end, and look how it went."""
        self._closing.set()
        self._threads.shutdown()
        for each in self._running:
            each.result()

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._address, timeout=60)

    def _write(self) -> None:
        with self._client() as client:
            while not self._closing.is_set():
                who = guest()
                put_in_cart(client, who, self._product)
                good(client.post("/orders", headers=who), 201)
                self.written += 1

    def _read(self) -> None:
        with self._client() as client:
            while not self._closing.is_set():
                assert good(client.get(f"/products/{self._product['id']}"))["name"] == self._product["name"]
                assert good(client.get("/products"))
                good(client.get("/api/admin/orders", params={"limit": 5}, headers=ADMIN))
                self.read += 1


def test_rebuilds_while_4_write_and_others_read_end_with_no_difference_and_no_failed_read(
    database: str,
    how_many: Callable[[int, int], int],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    rounds = how_many(2, 10)
    with running_shop(ADMIN_TOKEN=ADMIN_TOKEN, STORE="postgres", DATABASE_URL=database) as shop:
        with Crowd(shop.url) as crowd:
            for number in range(rounds):
                with rebuilding(database, tmp_path / "said") as process:
                    assert process.wait(300) == 0, (tmp_path / "said").read_text()
                assert f"Generation {number + 2} is live." in (tmp_path / "said").read_text()
        wait_until(lambda: caught_up(shop.url), 120)

        assert {row["status"] for row in generations(database).values()} == {"live"}
        reconciled(STORE="postgres", DATABASE_URL=database)
    record_property("told", f"{rounds} rebuilds during {crowd.written} orders and {crowd.read} rounds of reads")


def caught_up(address: str) -> bool:
    """Tell whether the projectors have dealt with everything."""
    told = httpx.get(f"{address}/readyz").json()
    return all(each["lag_seconds"] == 0 for each in told["projectors"].values())


def test_a_rebuild_that_is_interrupted_goes_on_where_it_was(database: str, tmp_path: Path) -> None:
    fill(database, STOCKED)
    said = tmp_path / "said"
    with rebuilding(database, said) as process:
        wait_until(lambda: passed(database, 2) > 0)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130, said.read_text()
    before = generations(database)
    assert {number: row["status"] for number, row in before.items()} == {1: "live", 2: "building"}
    assert 0 < before[2]["events"] < STOCKED

    with rebuilding(database, said) as process:
        assert process.wait(120) == 0, said.read_text()

    assert "Building generation 2;" in said.read_text()
    assert generations(database) == {2: before[2] | {"status": "live", "events": STOCKED}}


def passed(url: str, generation: int) -> int:
    """Tell how many events of those that we wrote a generation has passed."""
    with psycopg.connect(url) as connection:
        counted = "SELECT count(*) FROM shop_state.projection_cursors WHERE generation = %s AND version > 0"
        ((count,),) = connection.execute(counted, [generation])
    return int(count)


def peak(url: str, events: int, said: Path) -> int:
    """Rebuild so many; give the most memory that the process had, in kB."""
    fill(url, events)
    with rebuilding(url, said) as process:
        wait_until(lambda: process.poll() is not None or "is live." in said.read_text(), 300)
        assert process.poll() is None, said.read_text()
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert process.wait(60) == 0, said.read_text()
    assert f"Reconciled {events // OF_A_STREAM} streams: none differs." in said.read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1])


def test_the_peak_memory_of_a_rebuild_does_not_follow_its_size(
    postgres_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with (
        shop_database(postgres_url) as few,
        shop_database(postgres_url) as many,
        ThreadPoolExecutor(2) as threads,
    ):
        small, large = threads.map(peak, (few, many), (SMALL, LARGE), (tmp_path / "few", tmp_path / "many"))

    record_property("told", f"peak memory of a rebuild: {small:,} kB at {SMALL:,} events, {large:,} kB at {LARGE:,}")
    assert large <= GROWTH * small
