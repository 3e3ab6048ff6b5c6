"""What is done to a real run from without, and when: by the seed, as far as real processes can be made to repeat anything."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

SETTLING = 2.0
"""Seconds at the start in which nothing is stopped."""

KILLS_EVERY = (2.0, 5.0)
"""Seconds between two kills, at least and at most."""

LONGEST_OUTAGE = 20.0
"""Seconds of the one outage of the broker in a run that is long enough for it."""

DATABASE_AWAY = 4.0
"""Seconds."""

EXPIRES_EVERY = 40.0
"""Seconds, about, in which one consumer goes past retention."""


class Trouble(NamedTuple):
    """`at` so many seconds, `what` befalls `whom` for `seconds`; a kill is over at once."""

    at: float
    what: str
    whom: str
    seconds: float = 0.0


def schedule(seed: int, seconds: float, processes: Sequence[str], away: str) -> list[Trouble]:
    """Give the troubles of a run in their order; `away` names the outage of what carries the events, and is empty where nothing does."""
    random = Random(f"{seed} troubles")  # noqa: S311 - a run is to be repeated
    troubles = []
    at = SETTLING
    while (at := at + random.uniform(*KILLS_EVERY)) < seconds:
        troubles.append(Trouble(at, "kill", random.choice(processes)))
    if away:
        troubles.append(Trouble(seconds * random.uniform(0.2, 0.3), away, "", min(LONGEST_OUTAGE, seconds / 6)))
    for part in range(max(int(seconds / 60), 1)):
        begin = seconds * (part + random.uniform(0.6, 0.7)) / max(int(seconds / 60), 1)
        troubles.append(Trouble(begin, "database.down", "", min(DATABASE_AWAY, seconds / 10)))
    projectors = [name for name in processes if name in {"read-models", "notifier"}]
    for part in range(max(int(seconds / EXPIRES_EVERY), 1)):
        begin = seconds * (part + random.uniform(0.4, 0.5)) / max(int(seconds / EXPIRES_EVERY), 1)
        troubles.append(Trouble(begin, "consumer.past_retention", random.choice(projectors)))
    return sorted(troubles)
