"""Publishes what is marked as still to be relayed."""

from config.shop import Shop
from entrypoints.workers.threads import WorkerThread

NAME = "relay"


def threads(shop: Shop) -> list[WorkerThread]:
    """Give the relay where the design has one."""
    if shop.settings().delivery != "outbox":
        return []
    return [WorkerThread(NAME, shop.relay(), shop.environment())]
