"""Functions on stores of their own: what they keep between invocations is forgotten between tests."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from entrypoints.lambdas import api, notifier, parts, sweeper
from tests.support.durable_shop import Variables

KEPT = (parts.shop_of_function, notifier._batches, sweeper._shop, api._api)


@contextmanager
def functions_on(settings: Variables, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have these variables while inside, as functions that were just deployed."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for kept in KEPT:
        kept.cache_clear()
    # The one in which Mangum runs the app, invocation after invocation.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        shop = parts.shop_of_function()
        with closing(shop.backends()), closing(shop.mailer()):
            for kept in KEPT:
                kept.cache_clear()
