"""`ecshop serve`, with a change feed that delays, repeats and reorders by the seed given.

Usage: python -m tests.support.hostile_shop SEED.
"""

import sys
from random import Random

from dependency_injector import providers

import entrypoints.cli.shop
import entrypoints.cli.stores
from adapters.inmemory import InMemoryEventFeed
from config.settings import Settings, load_settings
from config.shop import Shop


def main(seed: int) -> None:
    """Serve until told to stop."""

    def hostile(settings: Settings) -> Shop:
        shop = Shop(settings=settings)
        feed = InMemoryEventFeed(shop.event_store(), shop.environment(), Random(seed))
        shop.read_models.feed.override(providers.Object(feed))
        return shop

    setattr(entrypoints.cli.stores, "Shop", hostile)  # noqa: B010 - it is called like the class, but is none
    entrypoints.cli.shop.run_shop(load_settings(port=0), demo=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
