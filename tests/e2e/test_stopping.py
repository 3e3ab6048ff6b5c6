"""How the shop ends: what was asked is answered, what was acknowledged is stored, and it goes in time."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.connections import connections
from tests.support.consistency import asking, forged
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, SECRET_KEY, environment, running_shop
from tests.support.shopping import good, guest, new_product, put_in_cart
from tests.support.waiting import wait_until

BUYERS, STOCK = 50, 30
IN_TIME = 10.0
"""Seconds from the signal to the end."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_orders_in_flight_are_answered_and_the_acknowledged_ones_are_the_stored_ones(
    number: signal.Signals, tmp_path: Path
) -> None:
    buyers = [guest() for _ in range(BUYERS)]
    limits = httpx.Limits(max_connections=BUYERS)
    command = (sys.executable, "-m", "tests.support.held_shop", str(tmp_path))
    with (
        running_shop(*command, ADMIN_TOKEN=ADMIN_TOKEN) as shop,
        httpx.Client(base_url=shop.url, timeout=60, limits=limits) as client,
        ThreadPoolExecutor(BUYERS) as threads,
    ):
        hot = new_product(client, stock=STOCK)
        for buyer in buyers:
            put_in_cart(client, buyer, hot)
        asked = [threads.submit(client.post, "/orders", headers=buyer) for buyer in buyers]
        arrived = tmp_path / "arrived"
        wait_until(lambda: arrived.exists() and arrived.stat().st_size == BUYERS)

        shop.process.send_signal(number)
        signalled = time.monotonic()
        (tmp_path / "gate").touch()
        answers = [each.result() for each in asked]
        status = shop.process.wait(IN_TIME)
        took = time.monotonic() - signalled
        logged = shop.logged()
        said = shop.output.read_text()

    assert Counter(answer.status_code for answer in answers) == {201: STOCK, 409: BUYERS - STOCK}
    acknowledged = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert sorted(acknowledged) == sorted(json.loads((tmp_path / "stored").read_text()))
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"out_of_stock"}
    assert status == 0
    assert took < IN_TIME
    assert [line for line in logged if line["level"] != "info"] == []
    assert said.splitlines()[-1] == "Stopped; everything that was asked is answered."


def test_reads_that_wait_are_answered_at_once() -> None:
    with (
        running_shop(ADMIN_TOKEN=ADMIN_TOKEN, SECRET_KEY=SECRET_KEY) as shop,
        httpx.Client(base_url=shop.url) as client,
        connections(shop, 20) as reading,
    ):
        product = new_product(client)
        for each in reading:
            each.request("GET", f"/products/{product['id']}", headers=asking(forged((product["id"], 7)), "wait=10"))
        good(client.get("/products"))  # the shop has read what was sent before

        shop.process.send_signal(signal.SIGTERM)
        answers = [each.getresponse() for each in reading]
        assert shop.process.wait(IN_TIME) == 0
        told = [(answer.status, answer.headers["X-Consistency"]) for answer in answers]
        said = shop.output.read_text()

    assert told == [(200, "stale")] * 20
    assert said.splitlines()[-1] == "Stopped; everything that was asked is answered."


def test_a_request_that_never_ends_does_not_hold_the_shop() -> None:
    with running_shop() as shop:
        where = urlsplit(shop.url)
        with socket.create_connection((where.hostname, where.port)) as slow:
            slow.sendall(
                b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
            )
            assert httpx.get(f"{shop.url}/healthz").status_code == 200
            shop.process.send_signal(signal.SIGTERM)
            assert shop.process.wait(IN_TIME) == 0


def test_an_idle_connection_does_not_hold_the_shop() -> None:
    with running_shop() as shop, httpx.Client(base_url=shop.url) as client:
        assert client.get("/healthz").status_code == 200
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(IN_TIME) == 0
        assert shop.output.read_text().splitlines()[-1] == "Stopped; everything that was asked is answered."
        assert "Traceback" not in shop.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("module", ["click", "litestar", "granian.server.embed"])
def test_a_signal_during_the_start_ends_it_with_one_line(number: signal.Signals, module: str) -> None:
    command = [sys.executable, "-m", "tests.support.signalled_start", number.name, module, "demo", "--port", "0"]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (128 + number, "")
    assert ended.stderr == f"Stopped by {number.name}.\n"


@pytest.mark.parametrize("kind", ["serve", "demo"])
def test_a_port_in_use_is_told_in_one_sentence_before_anything_is_made(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [ECSHOP, kind, "--port", str(port)]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert (
        ended.stderr
        == f"Error: Port {port} on 127.0.0.1 cannot be listened on: Address already in use. Set PORT to another.\n"
    )
