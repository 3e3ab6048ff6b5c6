"""PostgreSQL away from a running shop: it says so, waits, parks nothing, and goes on by itself when PostgreSQL is back."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest

from core.application.products import UpdateProduct
from tests.support.command import ecshop
from tests.support.dynamodb_shop import commands_on
from tests.support.mortal_postgres import MortalPostgres, mortal_postgres
from tests.support.postgres_shop import store_at
from tests.support.reconciled import reconciled
from tests.support.running_shop import ADMIN_TOKEN, running_shop
from tests.support.shopping import Json, good, guest, new_order, new_product, refused
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.soak]

MAX_LAG = 1.0
"""Seconds that a projector may be behind here."""

Mend = Callable[[], None]


class Server(MortalPostgres):
    """A server on which the shop logs in as a user of its own; the operator comes in always."""

    def operate(self, *statements: str) -> None:
        """Do what only an operator may."""
        with psycopg.connect(self.url, autocommit=True) as operator:
            for statement in statements:
                operator.execute(statement.encode())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server with the tables of a shop."""
    with TemporaryDirectory(prefix="outages-") as folder, mortal_postgres(Path(folder), Server) as server:
        assert ecshop("migrate", DATABASE_URL=server.url).exit_code == 0
        server.operate("CREATE ROLE shop LOGIN IN ROLE pg_read_all_data, pg_write_all_data")
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    """Give a client of a shop that runs on it."""
    settings = {"ADMIN_TOKEN": ADMIN_TOKEN, "STORE": "postgres", "READY_MAX_LAG": str(MAX_LAG), "COMMIT_BUDGET": "0.5"}
    with (
        running_shop(**settings, DATABASE_URL=server.url_as("shop")) as shop,
        httpx.Client(base_url=shop.url, timeout=60) as client,
    ):
        yield client


END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'"


def stopped(server: Server) -> Mend:
    """Shut it down."""
    server.stop()
    return server.start


def out_of_connections(server: Server) -> Mend:
    """Let the shop have none."""
    server.operate("ALTER ROLE shop CONNECTION LIMIT 0", END_SESSIONS)
    return lambda: server.operate("ALTER ROLE shop CONNECTION LIMIT -1")


def read_only(server: Server) -> Mend:
    """Let the shop only read."""
    server.operate("ALTER ROLE shop SET default_transaction_read_only = on", END_SESSIONS)
    return lambda: server.operate("ALTER ROLE shop RESET default_transaction_read_only", END_SESSIONS)


def forbidden(server: Server) -> Mend:
    """Have every statement that writes fail, as the privilege was revoked."""
    server.operate("REVOKE pg_write_all_data FROM shop")
    return lambda: server.operate("GRANT pg_write_all_data TO shop")


def readiness(client: httpx.Client) -> tuple[int, Json]:
    """Ask whether it can be used."""
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.parametrize("trouble", [stopped, out_of_connections, read_only, forbidden])
def test_the_shop_says_that_it_is_not_ready_parks_nothing_and_catches_up(
    server: Server,
    client: httpx.Client,
    trouble: Callable[[Server], Mend],
    how_many: Callable[[int, int], int],
    record_property: Callable[[str, object], None],
) -> None:
    product, began = new_product(client), time.monotonic()
    mend = trouble(server)
    if trouble is not stopped:  # somebody else's event, which the projector cannot apply
        another = commands_on(store_at(server.url))
        another.run(UpdateProduct(product["id"], "玉露 100g", "", 2_160))
    wait_until(lambda: readiness(client)[0] == 503)
    record_property("told", f"{trouble.__name__}: /readyz says so after {time.monotonic() - began:.1f} s")
    if trouble is stopped:
        while time.monotonic() - began < how_many(3, 20):
            assert readiness(client)[0] == 503
            refused(client.get(f"/products/{product['id']}"), 503, "read_model_unavailable")

    assert good(client.get("/healthz")) == {"status": "alive"}
    body = {"product_id": product["id"], "quantity": 1}
    answer = client.post("/cart/items", json=body, headers=guest())
    refused(answer, 503, "store_unavailable")
    assert answer.headers["Retry-After"]

    mend()
    wait_until(lambda: readiness(client)[0] == 200)
    wait_until(lambda: readiness(client)[1]["status"] == "ready")

    shown = good(client.get(f"/products/{product['id']}"))
    assert shown["name"] == (product["name"] if trouble is stopped else "玉露 100g")
    new_order(client, guest())
    assert 'note="parked"' not in client.get("/metrics").text
    reconciled(STORE="postgres", DATABASE_URL=server.url)
