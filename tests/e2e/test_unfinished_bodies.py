"""Requests whose body never gets there whole, sent by socket: HTTP libraries do not send such."""

import socket
import struct
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import ANSWERS
from tests.support.api_document import rows
from tests.support.running_shop import ADMIN_TOKEN, RunningShop, running_shop
from tests.support.shopping import ADMIN, Json
from tests.support.waiting import wait_until

ROWS = ("POST /cart/items", "POST /orders")
CHUNKED = "Transfer-Encoding: chunked"
BROKEN = {
    "a chunk size that is no number": (CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk without its line end": (CHUNKED, b"2\r\n{}0\r\n\r\n"),
    "a chunk of more than there can be": (CHUNKED, b"f" * 17 + b"\r\n{}"),
    "garbage for trailers": (CHUNKED, b"2\r\n{}\r\n0\r\n\0garbage\x01\r\n\r\n"),
    "an end within a chunk": (CHUNKED, b"9\r\n{"),
    "an end before the last chunk": (CHUNKED, b"2\r\n{}\r\n"),
    "an end within the announced length": ("Content-Length: 9", b"{"),
    "an end before the first byte": ("Content-Length: 9", b""),
}

LATER, AT_ONCE = struct.pack("ii", 0, 0), struct.pack("ii", 1, 0)
"""Of SO_LINGER: close as usual; reset."""


def begun(shop: RunningShop, announced: str, body: bytes, to: str, *more: str) -> socket.socket:
    """Open a connection and send a request as far as this."""
    where = httpx.URL(shop.url)
    connection = socket.create_connection((where.host, where.port or 80), timeout=60)
    own = (f"{to} HTTP/1.1", "Host: shop", f"X-User-ID: {uuid4()}", "Content-Type: application/json", announced)
    connection.sendall("\r\n".join([*own, *more, "", ""]).encode() + body)
    return connection


def status_and_body(connection: socket.socket) -> tuple[int, Json]:
    """Read the answer."""
    with HTTPResponse(connection) as answer:
        answer.begin()
        return answer.status, httpx.Response(answer.status, content=answer.read()).json()


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_body_that_is_not_whole_is_refused(shop: RunningShop, row: str, broken: str) -> None:
    with closing(begun(shop, *BROKEN[broken], row)) as connection:
        connection.shutdown(socket.SHUT_WR)
        status, body = status_and_body(connection)

    assert (status, body["code"]) == (400, "body_incomplete")
    assert "send it again" in body["error"]


def test_neither_a_broken_body_nor_a_client_that_goes_away_is_a_fault_of_ours() -> None:
    with running_shop() as shop:
        for row in ROWS:
            with closing(begun(shop, CHUNKED, b"zz\r\n", row)) as connection:
                status_and_body(connection)
            for linger in (LATER, AT_ONCE):
                with closing(begun(shop, "Content-Length: 100", b"", row, "Expect: 100-continue")) as connection:
                    assert connection.recv(64).startswith(b"HTTP/1.1 100 ")  # the row waits for the body
                    connection.sendall(b"{")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wait_until(lambda: len([line for line in shop.logged() if line.get("method") == "POST"]) == 3 * len(ROWS))
        figures = httpx.get(f"{shop.url}/metrics").text
        logged = shop.logged()

    assert {line["level"] for line in logged} == {"info"}
    assert {line["status"] for line in logged if line["method"] == "POST"} == {400}
    assert 'status="400"' in figures
    assert 'status="500"' not in figures


SLOW = [row for row in rows() if 408 in row.statuses]


def marked_with_each(test: Callable[[], None]) -> Callable[[], None]:
    """Mark a test with all of these rows: one wait is enough for them."""
    for row in SLOW:
        test = pytest.mark.contract_row(row.method, row.path, 408)(test)
    return test


def stuck(shop: RunningShop, method: str, path: str) -> socket.socket:
    """Send a request that lacks most of its body."""
    to = f"{method} {path.replace('{id}', str(uuid4())).replace('{product_id}', str(uuid4()))}"
    of_an_admin = path.startswith("/products") or path.endswith("/ship")
    return begun(
        shop, "Content-Length: 100", b"{", to, *(f"{name}: {value}" for name, value in ADMIN.items() if of_an_admin)
    )


@marked_with_each
def test_a_body_that_never_ends_is_told_so_and_its_connection_closed() -> None:
    command = (sys.executable, "-m", "tests.support.hurried_shop", "1")
    with running_shop(*command, ADMIN_TOKEN=ADMIN_TOKEN) as shop, ExitStack() as opened:
        for row, connection in [
            (row, opened.enter_context(closing(stuck(shop, row.method, row.path)))) for row in SLOW
        ]:
            status, body = status_and_body(connection)
            ANSWERS.append((row.method, row.path, status))
            assert (status, body["code"]) == (408, "body_too_slow"), row
            assert body["error"] == "The body was not there within 1 s."
            assert connection.recv(1) == b""
        wait_until(lambda: len(shop.logged()) == len(SLOW))
        assert {(line["level"], line["status"]) for line in shop.logged()} == {("info", 408)}


def test_where_no_body_is_wanted_nobody_waits_for_it(shop: RunningShop) -> None:
    with closing(stuck(shop, "GET", "/healthz")) as connection:
        assert status_and_body(connection) == (200, {"status": "alive"})
        assert connection.recv(1) == b""
