"""Trying again, within a budget of time and with room for others."""

from collections.abc import Iterator

from core.ports.environment import Environment

FIRST_PAUSE = 0.02
"""Seconds; a few round trips."""

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
