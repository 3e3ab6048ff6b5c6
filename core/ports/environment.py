"""Time, chance, identity, waiting and crashes as plain callables, so that a test or a simulator can own them."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

FAILPOINTS = frozenset(
    {
        "write.before",
        "write.after",
        "publish.before",
        "publish.after",
        "relay.before_unmark",
        "consumer.before_effect",
        "consumer.before_checkpoint",
        "mail.before_mark",
    }
)
"""The crash points that stand in the code; their meaning is in `docs/delivery.md`."""


class AnswerLost(Exception):
    """Raised by an armed failpoint: the request (`write.before`) or its answer (`write.after`) was lost on the way."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What core and the in-memory adapters may ask of the world. They block only in `sleep`, `wait` and `locked`."""

    now: Callable[[], datetime]
    """The time in UTC."""

    monotonic: Callable[[], float]
    """Seconds that never run backwards."""

    new_id: Callable[[], str]
    """A new UUIDv7 in its 36-character text."""

    sleep: Callable[[float], None]
    """Wait for so many seconds."""

    jitter: Callable[[float], float]
    """Give a random number of seconds from 0 up to the argument."""

    locked: Callable[[Iterable[str]], AbstractContextManager[None]]
    """Hold one lock per key while inside; keys are taken in sorted order, and those who wait for one queue."""

    wait: Callable[[Callable[[], bool], float], bool]
    """Wait until the condition holds or so many seconds are over; tell which. It is looked at again after each `wake`."""

    wake: Callable[[], None]
    """Have every `wait` look at its condition again."""

    failpoint: Callable[[str], None]
    """Stand at a named crash point; does nothing unless a test or the comparison arms it."""
