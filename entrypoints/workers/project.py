"""Keeps the rows that people read up with the feed."""

from config.shop import Shop
from entrypoints.workers.threads import WorkerThread


def threads(shop: Shop) -> list[WorkerThread]:
    """Give the projector of the read models."""
    return [WorkerThread(shop.read_models.name(), shop.read_models.projector(), shop.environment())]
