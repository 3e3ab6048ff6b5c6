"""Liveness, readiness and figures."""

import re
import threading
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from dependency_injector import providers

from core.ports.event_feed import Delivery
from core.ports.event_store import StoreUnavailable
from entrypoints.http import health
from tests.e2e.conftest import note
from tests.support.in_process import client_of, faulty, new_shop
from tests.support.running_shop import RunningShop
from tests.support.shopping import good, guest, refused
from tests.support.waiting import wait_until


class BrokenFeed:
    """Raises what no feed may raise."""

    def poll(self, *_args: object) -> Sequence[Delivery]:
        raise ZeroDivisionError("the feed is broken")

    def lag_seconds(self) -> float:
        return 0.0

    def hindrance(self) -> str:
        return ""


class Frozen:
    """A part, and a feed, that takes every question and answers none until it is thawed."""

    def __init__(self) -> None:
        self.thawed = threading.Event()
        self.asked = 0

    def answer(self) -> None:
        self.asked += 1
        self.thawed.wait()

    def poll(self, *_args: object) -> Sequence[Delivery]:
        return []

    def lag_seconds(self) -> float:
        self.answer()
        return 0.0

    def hindrance(self) -> str:
        return ""


@pytest.mark.contract_row("GET", "/healthz", 200)
def test_a_shop_that_runs_is_alive(client: httpx.Client) -> None:
    assert good(client.get("/healthz")) == {"status": "alive"}


@pytest.mark.contract_row("GET", "/readyz", 200)
def test_a_shop_that_works_is_ready(client: httpx.Client) -> None:
    report = good(client.get("/readyz"))
    assert report["status"] == "ready"
    assert report["backends"] == {"event_store": {"status": "ready"}}
    assert set(report["projectors"]["read-models"]) == {"status", "lag_seconds", "parked"}


@pytest.mark.contract_row("GET", "/readyz", 503)
def test_a_projector_that_died_makes_the_shop_unready_and_is_named() -> None:
    shop = new_shop()
    shop.read_models.feed.override(providers.Object(BrokenFeed()))
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        wait_until(lambda: client.get("/readyz").status_code == 503)
        answer = client.get("/readyz")
        body = refused(answer, 503, "unready")
        assert good(client.get("/healthz"))
    assert body["status"] == "unready"
    assert body["error"] == "Not ready: read-models."
    assert body["projectors"]["read-models"]["status"] == "died"
    assert body["projectors"]["read-models"]["detail"] == "ZeroDivisionError: the feed is broken"
    assert answer.headers["Retry-After"]


@pytest.mark.contract_row("GET", "/readyz", 503)
def test_a_store_that_is_away_makes_the_shop_unready_and_is_named() -> None:
    shop = new_shop()
    store = faulty(shop.event_store, "incarnation")
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        store.failure = StoreUnavailable("nobody answers there")
        body = refused(client.get("/readyz"), 503, "unready")
    assert body["error"] == "Not ready: event_store."
    assert body["backends"] == {"event_store": {"status": "away", "detail": "nobody answers there"}}


@pytest.mark.contract_row("GET", "/readyz", 503)
def test_parts_that_never_answer_are_named_and_asked_once_and_are_ready_again_when_they_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    shop, frozen = new_shop(), Frozen()
    shop.probes.override(providers.Object({"mail": frozen.answer}))
    shop.read_models.feed.override(providers.Object(frozen))
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        try:
            bodies = [refused(client.get("/readyz"), 503, "unready") for _ in range(3)]
            assert frozen.asked == 2
        finally:
            frozen.thawed.set()
        wait_until(lambda: client.get("/readyz").status_code == 200)
        assert good(client.get("/readyz"))["status"] == "ready"
    for body in bodies:
        assert body["error"] == "Not ready: mail, read-models."
        assert body["backends"]["event_store"] == {"status": "ready"}
        assert body["backends"]["mail"] == {"status": "away", "detail": health.SILENT}
        assert body["projectors"]["read-models"]["detail"] == health.SILENT


@pytest.mark.contract_row("GET", "/metrics", 200)
def test_the_figures_are_ours_by_name_and_count_requests_by_row_and_status(client: httpx.Client) -> None:
    good(client.get("/cart", headers=guest()))
    refused(client.post("/orders", headers=guest()), 400, "cart_empty")
    answer = client.get("/metrics")
    assert re.fullmatch(r"text/plain; version=[0-9.]+; charset=utf-8", answer.headers["Content-Type"])
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert lines
    assert [line for line in lines if not line.startswith("ecshop_")] == []
    counted = [line for line in lines if line.startswith("ecshop_http_requests_total")]
    assert any('method="GET",route="/cart",status="200"' in line for line in counted)
    assert any('method="POST",route="/orders",status="400"' in line for line in counted)
    assert any(line.startswith("ecshop_projector_lag_seconds") for line in lines)


def test_the_figures_name_rows_and_not_what_was_asked_for(client: httpx.Client) -> None:
    client.get("/products/0190a5b2-6c1e-7d2f-8a3b-4c5d6e7f8091")
    client.get("/no-such-address-0190a5b2")
    figures = client.get("/metrics").text
    assert "0190a5b2" not in figures
    assert 'route="none"' in figures


def test_methods_that_clients_make_up_are_counted_as_one(client: httpx.Client) -> None:
    for number in range(30):
        refused(client.request(f"MADEUP{number}", "/products"), 405, "method_not_allowed")
    figures = client.get("/metrics").text
    assert "MADEUP" not in figures
    assert figures.count('method="other"') == 1


def test_the_log_tells_of_every_request_and_cuts_what_clients_make_long(
    shop: RunningShop, client: httpx.Client
) -> None:
    answers = [client.get(f"/{'x' * 20_000}"), client.request("Y" * 5_000, "/products"), client.head("/healthz")]
    wanted = {answer.headers["X-Request-ID"]: answer.status_code for answer in answers}

    def told() -> list[dict[str, Any]]:
        return [line for line in shop.logged() if line.get("request_id") in wanted]

    wait_until(lambda: len(told()) == len(wanted))
    assert {line["request_id"]: line["status"] for line in told()} == wanted
    assert [(line["method"], line["path"]) for line in told()] == [
        ("GET", "/" + "x" * 499),
        ("Y" * 500, "/products"),
        ("HEAD", "/healthz"),
    ]
