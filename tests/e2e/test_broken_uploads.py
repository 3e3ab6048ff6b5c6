"""Requests whose body never gets there whole, sent by socket: HTTP libraries do not send such."""

import socket
import struct
from contextlib import closing
from http.client import HTTPResponse
from uuid import uuid4

import httpx
import pytest

from tests.support.running_shop import RunningShop, running_shop
from tests.support.shopping import Json
from tests.support.waiting import wait_until

ROWS = ("/cart/items", "/orders")
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


def begun(shop: RunningShop, path: str, announced: str, body: bytes) -> socket.socket:
    """Open a connection and send a request as far as this."""
    where = httpx.URL(shop.url)
    connection = socket.create_connection((where.host, where.port or 80), timeout=60)
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: shop",
        f"X-User-ID: {uuid4()}",
        "Content-Type: application/json",
        announced,
    )
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def status_and_body(connection: socket.socket) -> tuple[int, Json]:
    """Read the answer."""
    with HTTPResponse(connection) as answer:
        answer.begin()
        return answer.status, httpx.Response(answer.status, content=answer.read()).json()


@pytest.mark.parametrize("path", ROWS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_body_that_is_not_whole_is_refused(shop: RunningShop, path: str, broken: str) -> None:
    with closing(begun(shop, path, *BROKEN[broken])) as connection:
        connection.shutdown(socket.SHUT_WR)
        status, body = status_and_body(connection)

    assert (status, body["code"]) == (400, "body_incomplete")
    assert "send it again" in body["error"]


def test_neither_a_broken_body_nor_a_client_that_goes_away_is_a_fault_of_ours() -> None:
    with running_shop() as shop:
        for path in ROWS:
            with closing(begun(shop, path, CHUNKED, b"zz\r\n")) as connection:
                status_and_body(connection)
            for linger in (LATER, AT_ONCE):
                with closing(begun(shop, path, "Content-Length: 100\r\nExpect: 100-continue", b"")) as connection:
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
