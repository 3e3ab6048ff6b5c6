"""Asking Kinesis, and DynamoDB for what is kept beside it."""

from collections.abc import Callable
from typing import TypeVar

from adapters.aws.failures import FAILURES, said
from adapters.aws.retries import persistently
from adapters.aws.services import Service
from core.ports.environment import Environment
from core.ports.event_feed import FeedUnavailable

T = TypeVar("T")

BUDGET = 1.0
"""Seconds in which one request is repeated. Who polls backs off by itself, so a dropped answer is all that this must bridge."""


def asked(environment: Environment, service: Service, request: Callable[[], T]) -> T:
    """Give the answer of a request that may be done twice.

    Raises:
        FeedUnavailable: no answer, or one that no repeat would change.
    """
    try:
        return persistently(environment, BUDGET, request)
    except FAILURES as error:
        raise FeedUnavailable(f"{service.name}: {said(error)}") from error
