"""Trying again, within a budget of time and with room for others."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from adapters.dynamodb.failures import FAILURES, Fate, fate, sentence
from core.ports.environment import Environment
from core.ports.event_store import StoreUnavailable

T = TypeVar("T")

FIRST_PAUSE = 0.02
"""Seconds; about two round trips."""

LONGEST_PAUSE = 0.5
"""Seconds."""


def tries(environment: Environment, budget_seconds: float) -> Iterator[None]:
    """Come round once, and again after a pause until the budget would be passed.

    Full jitter: each pause is a random part of a doubling bound, so that clients who met do not meet again
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    deadline = environment.monotonic() + budget_seconds
    bound = FIRST_PAUSE
    while True:
        yield
        pause = environment.jitter(bound)
        if environment.monotonic() + pause >= deadline:
            return
        environment.sleep(pause)
        bound = min(bound * 2, LONGEST_PAUSE)


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
