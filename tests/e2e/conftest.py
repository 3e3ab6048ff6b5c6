"""One running shop for all tests here, and a check that a marked test really had the answer that it is marked with."""

import re
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.support.in_process import client_of, new_shop
from tests.support.running_shop import ADMIN_TOKEN, SECRET_KEY, RunningShop, running_shop

ANSWERS: list[tuple[str, str, int]] = []
"""Method, path and status of each answer that the test at hand has had."""


def note(response: httpx.Response) -> None:
    """Keep an answer for the check."""
    ANSWERS.append((response.request.method, response.request.url.path, response.status_code))


@pytest.fixture(scope="session")
def shop() -> Iterator[RunningShop]:
    """Give a running shop, empty at first, whose admin token and key the tests know; its change feed is hostile."""
    command = (sys.executable, "-m", "tests.support.hostile_shop", "7")
    with running_shop(*command, ADMIN_TOKEN=ADMIN_TOKEN, SECRET_KEY=SECRET_KEY) as running:
        yield running


@pytest.fixture(scope="session")
def connected(shop: RunningShop) -> Iterator[httpx.Client]:
    """Give a client of the running shop that keeps its connections."""
    with httpx.Client(base_url=shop.url, timeout=60, event_hooks={"response": [note]}) as client:
        yield client


@pytest.fixture
def client(connected: httpx.Client) -> httpx.Client:
    """Give it without cookies."""
    connected.cookies.clear()
    return connected


@pytest.fixture(scope="session")
def closed() -> Iterator[httpx.Client]:
    """Give a client of a shop without an admin token, in this process."""
    with client_of(new_shop(admin_token=None)) as client:
        client.event_hooks = {"response": [note]}
        yield client


@pytest.fixture(autouse=True)
def answered_as_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that is marked with a row and a status, and never saw that row answer so."""
    ANSWERS.clear()
    yield
    for mark in request.node.iter_markers("contract_row"):
        method, path, status = mark.args
        address = re.compile(re.sub(r"\\{\w+\\}", "[^/]*", re.escape(path)))
        assert any(
            (method, status) == (asked, answered) and address.fullmatch(where) for asked, where, answered in ANSWERS
        ), f"the test is marked {mark.args}, but saw {ANSWERS}"
