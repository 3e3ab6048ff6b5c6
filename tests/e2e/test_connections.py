"""Many connections at once: those that say nothing and those that wait keep nobody else from being answered."""

import socket
from collections import Counter
from select import select

import httpx

from entrypoints.http.consistency import MOST_WAITING
from tests.support.connections import connections
from tests.support.consistency import asking, forged
from tests.support.running_shop import RunningShop, running_shop
from tests.support.shopping import ADMIN, good, new_product
from tests.support.waiting import wait_until

SILENT = 300
TOO_MANY = 10
"""Reads above those that may wait."""


def test_connections_that_send_nothing_keep_nobody_out_and_are_closed() -> None:
    with running_shop() as shop, connections(shop, SILENT) as silent:
        for each in silent:
            each.connect()
        for _ in range(3):
            good(httpx.get(f"{shop.url}/healthz"))
        for each in silent:
            each.sock.settimeout(30)
            assert each.sock.recv(1) == b""


def test_a_connection_that_does_not_go_on_after_its_answer_is_closed(shop: RunningShop) -> None:
    where = httpx.URL(shop.url)
    with socket.create_connection((where.host, where.port or 80), timeout=30) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n")
        told = b"".join(iter(lambda: idle.recv(65536), b""))
    assert told.endswith(b'{"status":"alive"}')


def test_reads_above_those_that_may_wait_are_stale_at_once_and_all_others_are_answered(
    shop: RunningShop, client: httpx.Client
) -> None:
    product = new_product(client)
    path, token = f"/products/{product['id']}", forged((product["id"], 2))
    with connections(shop, MOST_WAITING + TOO_MANY) as reading:
        for each in reading:
            each.request("GET", path, headers=asking(token, "wait=10"))

        def answered() -> int:
            return len(select([each.sock for each in reading], [], [], 0)[0])

        wait_until(lambda: answered() >= TOO_MANY)
        good(client.get("/products"))
        assert answered() == TOO_MANY
        good(client.put(path, json={"name": "番茶", "price": 1}, headers=ADMIN))
        answers = [each.getresponse() for each in reading]
        assert {answer.status for answer in answers} == {200}
        told = Counter(answer.headers["X-Consistency"] for answer in answers)
    assert told == {"stale": TOO_MANY, None: MOST_WAITING}
