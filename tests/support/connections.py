"""Many connections to a running shop at once, each in the hands of the test."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import httpx

from tests.support.running_shop import RunningShop


@contextmanager
def connections(shop: RunningShop, count: int) -> Iterator[list[HTTPConnection]]:
    """Give so many, of one request each; they are closed at the end."""
    where = httpx.URL(shop.url)
    with ExitStack() as opened:
        yield [opened.enter_context(closing(HTTPConnection(where.host, where.port or 80))) for _ in range(count)]
