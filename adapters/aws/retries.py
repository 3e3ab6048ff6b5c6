"""Asking a service again."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.failures import FAILURES, Fate, fate
from core.ports.environment import Environment
from core.ports.retries import tries

T = TypeVar("T")


def persistently(environment: Environment, budget_seconds: float, request: Callable[[], T]) -> T:
    """Give the answer of a request that may be done twice, so that any failure of it may be met by trying again.

    Raises:
        BotoCoreError, ClientError: the last failure: no answer came within the budget, or one that no repeat would change.
    """
    failure: BotoCoreError | ClientError = BotoCoreError()
    for _ in tries(environment, budget_seconds):
        try:
            return request()
        except FAILURES as error:
            failure = error
            if fate(error) is Fate.REFUSED:
                break
    raise failure
