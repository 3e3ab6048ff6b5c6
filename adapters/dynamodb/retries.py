"""Asking DynamoDB again."""

from collections.abc import Callable
from typing import TypeVar

from adapters.aws import retries
from adapters.aws.failures import FAILURES
from adapters.dynamodb.failures import sentence
from core.ports.environment import Environment
from core.ports.event_store import StoreUnavailable

T = TypeVar("T")


def persistently(environment: Environment, budget_seconds: float, request: Callable[[], T]) -> T:
    """Give the answer of a request that may be done twice, so that any failure of it may be met by trying again.

    Raises:
        StoreUnavailable: no answer within the budget, or one that no repeat would change.
    """
    try:
        return retries.persistently(environment, budget_seconds, request)
    except FAILURES as error:
        raise StoreUnavailable(sentence(error)) from error
