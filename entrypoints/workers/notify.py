"""Asks for the mails that events call for, and sends them."""

from config.shop import Shop
from entrypoints.workers.threads import WorkerThread


def threads(shop: Shop) -> list[WorkerThread]:
    """Give the projector that asks, and the one who sends."""
    return [
        WorkerThread(shop.notifier.name(), shop.notifier.projector(), shop.environment()),
        WorkerThread("sender", shop.sender(), shop.environment()),
    ]
