"""A served shop on PostgreSQL: what it acknowledged survives a kill, and it says what is in its way."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent, Undecodable
from core.projections.rows import RowFold
from tests.support.command import ecshop
from tests.support.durable_shop import Variables, durable_settings, execute
from tests.support.in_process import client_of, new_shop
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, SECRET_KEY, running_shop
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart, refused
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres

SOON = 5.0
"""Seconds in which readiness must be told."""


@pytest.fixture
def settings(postgres_url: str) -> Iterator[Variables]:
    """Give an empty shop."""
    with durable_settings(postgres_url) as settings:
        yield settings


@pytest.fixture
def client(settings: Variables) -> Iterator[httpx.Client]:
    """Give a client of the shop, served in this process, whose projectors may be a second behind."""
    shop = new_shop(store="postgres", database_url=settings["DATABASE_URL"], ready_max_lag=1.0, commit_budget=1.0)
    try:
        with client_of(shop) as client:
            yield client
    finally:
        shop.backends().close()


def readiness(client: httpx.Client) -> Json:
    """Give the report, told in time."""
    asked = time.monotonic()
    report: Json = client.get("/readyz").json()
    assert time.monotonic() - asked < SOON
    return report


def test_a_shop_that_works_is_ready_and_names_its_database(client: httpx.Client) -> None:
    new_product(client)
    report = good(client.get("/readyz"))
    assert report["status"] == "ready"
    assert report["backends"] == {"event_store": {"status": "ready"}, "database": {"status": "ready"}}
    assert set(report["projectors"]) == {"read-models", "notifier"}


def test_a_database_that_goes_away_is_told_waited_for_and_caught_up_with(
    client: httpx.Client, settings: Variables, postgres_url: str
) -> None:
    product = new_product(client)
    name = conninfo_to_dict(settings["DATABASE_URL"])["dbname"]

    def let_in(allowed: str) -> None:
        execute({"DATABASE_URL": postgres_url}, f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")

    let_in("false")
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - our own name
    execute({"DATABASE_URL": postgres_url}, ended)
    wait_until(lambda: readiness(client)["status"] == "unready")
    report = refused(client.get("/readyz"), 503, "unready")
    assert {each["status"] for each in report["backends"].values()} == {"away"}
    assert {each["status"] for each in report["projectors"].values()} == {"away"}
    assert "database" in report["error"]
    assert report["backends"]["database"]["detail"].startswith("PostgreSQL: ")
    assert client.post("/products", json={"name": "x", "price": 1}, headers=ADMIN).status_code == 503

    let_in("true")
    wait_until(lambda: readiness(client)["status"] == "ready")
    assert good(client.get(f"/products/{product['id']}"))["name"] == product["name"]
    new_product(client)


def test_who_holds_the_feed_back_is_named_when_a_projector_lags_too_much(
    client: httpx.Client, settings: Variables
) -> None:
    with psycopg.connect(settings["DATABASE_URL"], application_name="a slow report") as holder:
        holder.execute("SELECT pg_current_xact_id()")
        good(client.post("/products", json={"name": "玉露", "price": 2}, headers=ADMIN), 201)
        wait_until(lambda: readiness(client)["status"] == "unready", SOON)
        report = refused(client.get("/readyz"), 503, "unready")
        assert report["backends"]["database"] == {"status": "ready"}
        for projector in report["projectors"].values():
            assert projector["status"] == "lagging"
            assert projector["lag_seconds"] > 1.0
            assert f"held back by a slow report (process {holder.info.backend_pid})" in projector["detail"]
        holder.rollback()
    wait_until(lambda: readiness(client)["status"] == "ready")


def test_parked_streams_degrade_a_shop_that_still_serves(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = RowFold.__call__

    def partly(fold: RowFold, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        if event.type == "ProductUpdated":
            raise Undecodable("ProductUpdated is too new")
        return whole(fold, state, event)

    monkeypatch.setattr(RowFold, "__call__", partly)
    product = new_product(client)
    good(client.put(f"/products/{product['id']}", json={"name": "玉露", "price": 2}, headers=ADMIN))
    wait_until(lambda: readiness(client)["status"] == "degraded")
    report = good(client.get("/readyz"))
    assert (report["projectors"]["read-models"]["status"], report["projectors"]["read-models"]["parked"]) == (
        "parked",
        1,
    )
    assert good(client.get(f"/products/{product['id']}"))["name"] == product["name"]


def test_rows_that_need_newer_code_are_waited_for_and_told(client: httpx.Client, settings: Variables) -> None:
    execute(settings, "UPDATE shop_state.projection_generations SET folds = 99 WHERE projector = 'read-models'")
    good(client.post("/products", json={"name": "玉露", "price": 2}, headers=ADMIN), 201)
    wait_until(lambda: readiness(client)["status"] == "unready")
    assert "needs folds 99" in readiness(client)["projectors"]["read-models"]["detail"]


def test_a_demo_on_the_embedded_server_keeps_what_it_acknowledged_through_a_kill(tmp_path: Path) -> None:
    settings = {"STORE": "postgres", "DATA_DIR": str(tmp_path)}
    secrets = {"ADMIN_TOKEN": ADMIN_TOKEN, "SECRET_KEY": SECRET_KEY}
    me, orders = guest(), []
    with running_shop(ECSHOP, "demo", "--port", "0", **settings, **secrets) as shop:
        with httpx.Client(base_url=shop.url, timeout=60) as client:
            wait_until(lambda: len(good(client.get("/products"))) == 25)
            gift_card = good(client.get("/products"))[0]
            for _ in range(10):
                put_in_cart(client, me, gift_card)
                orders.append(good(client.post("/orders", headers=me), 201)["id"])
        shop.process.kill()
        shop.process.wait()

    with running_shop(ECSHOP, "demo", "--port", "0", **settings, **secrets) as shop:
        with httpx.Client(base_url=shop.url, timeout=60) as client:
            wait_until(lambda: len(good(client.get("/orders", headers=me))) == 10)
            assert {order["id"] for order in good(client.get("/orders", headers=me))} == set(orders)
            assert len(good(client.get("/products"))) == 25
            assert len(good(client.get("/api/admin/orders", headers=ADMIN))) == 4 + 10
        joined = ecshop("reconcile", **settings)
        assert joined.stdout.endswith(" 0 differ.\n"), joined.output
        assert httpx.get(f"{shop.url}/readyz").status_code == 200
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(30) == 0
        assert shop.output.read_text().splitlines()[-1] == "Stopped; everything that was asked is answered."
    assert (tmp_path / "postgres" / "data" / "PG_VERSION").exists()
    assert not (tmp_path / "postgres" / "data" / "postmaster.pid").exists()
