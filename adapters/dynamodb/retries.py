"""Asking DynamoDB again."""

from collections.abc import Callable
from typing import TypeVar

from adapters.aws.failures import FAILURES, Fate, fate
from adapters.dynamodb.failures import sentence
from core.ports.environment import Environment
from core.ports.event_store import StoreUnavailable
from core.ports.retries import tries

T = TypeVar("T")


def persistently(environment: Environment, budget_seconds: float, request: Callable[[], T]) -> T:
    """Give the answer of a request that may be done twice, so that any failure of it may be met by trying again.

    Raises:
        StoreUnavailable: no answer within the budget, or one that no repeat would change.
    """
    unavailable = StoreUnavailable("DynamoDB was not asked")
    for _ in tries(environment, budget_seconds):
        try:
            return request()
        except FAILURES as error:
            unavailable = StoreUnavailable(sentence(error))
            unavailable.__cause__ = error
            if fate(error) is Fate.REFUSED:
                break
    raise unavailable
