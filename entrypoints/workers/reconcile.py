"""Reconciles each projector with the store on a schedule."""

from config.shop import Shop
from entrypoints.workers.threads import WorkerThread


def threads(shop: Shop) -> list[WorkerThread]:
    """Give one for each projector: a look at one must not wait for the other."""
    return [
        WorkerThread(f"reconcile {role.name()}", role.upkeep(), shop.environment())
        for role in (shop.read_models, shop.notifier)
    ]
