"""The shop's application in this process, for what a running shop cannot be brought to do: lose its store, lose a race."""

from collections.abc import Iterator
from contextlib import contextmanager

from dependency_injector import providers
from litestar import Litestar
from litestar.testing import TestClient
from pydantic import SecretStr

from config.settings import Settings
from config.shop import Shop
from entrypoints.http.app import create_app
from tests.support.running_shop import ADMIN_TOKEN


class Faulty:
    """Passes everything on, until it is told to fail: then these methods raise."""

    def __init__(self, inner: object, *methods: str) -> None:
        """Stand before `inner`."""
        self._inner = inner
        self._methods = methods
        self.failure: Exception | None = None

    def __getattr__(self, name: str) -> object:
        """Give what the inner object has."""
        if name in self._methods:
            return lambda *args: self._call(name, *args)
        return getattr(self._inner, name)

    def _call(self, name: str, *args: object) -> object:
        if self.failure:
            raise self.failure
        return getattr(self._inner, name)(*args)


def new_shop(**settings: object) -> Shop:
    """Give a shop whose admin token the tests know."""
    # Its lines of requests would come out between the tests, where nobody takes them.
    given = {"admin_token": SecretStr(ADMIN_TOKEN), "commit_budget": 0.001, "log_level": "warning"} | settings
    return Shop(settings=Settings(**given))  # type: ignore[arg-type]


def faulty(provider: providers.Singleton[object], *methods: str) -> Faulty:
    """Stand before a part of a shop."""
    stands = Faulty(provider(), *methods)
    provider.override(providers.Object(stands))
    return stands


@contextmanager
def client_of(shop: Shop) -> Iterator[TestClient[Litestar]]:
    """Serve this shop in this process while inside."""
    with TestClient(create_app(shop)) as client:
        yield client
