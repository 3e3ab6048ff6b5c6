"""Which real runs there are, and which faults can strike each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from entrypoints.comparison.faults import CONSUMERS, RATES, applicable

CARRIED_BY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("dynamodb", "cdc"): ("kinesis",),
    ("dynamodb", "dual-write"): ("kafka",),
    ("dynamodb", "publish-first"): ("kafka",),
    ("dynamodb", "outbox"): ("kafka", "kinesis"),
    ("postgres", "cdc"): ("postgres",),
    ("postgres", "dual-write"): ("kafka",),
    ("postgres", "publish-first"): ("kafka",),
    ("postgres", "outbox"): ("kafka",),
}
"""What carries events, by store and design; the first where none is named."""


class CannotRun(Exception):
    """There is no such real run; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One real run: `seconds` of commands by `clients`, or `orders` orders where these are done first."""

    design: str
    store: str = "dynamodb"
    transport: str = ""
    consumer: str = "doorbell+reconcile"
    seconds: float = 180.0
    seed: int = 1
    orders: int | None = None
    clients: int = 3
    thinking: float = 0.6
    rates: Mapping[str, float] = field(default_factory=lambda: dict(RATES))

    @property
    def carried_by(self) -> str:
        """What carries the events.

        Raises:
            CannotRun: the store, the design, the consumer and the transport do not go together.
        """
        if self.consumer not in CONSUMERS:
            raise CannotRun(f"A real run has one of the consumers {', '.join(CONSUMERS)}, not {self.consumer!r}.")
        known = CARRIED_BY.get((self.store, self.design), ())
        if not known:
            raise CannotRun(f"There is no real run of {self.design!r} on {self.store!r}.")
        if self.transport and self.transport not in known:
            raise CannotRun(
                f"{self.design} on {self.store} is carried by {' or '.join(known)}, not {self.transport!r}."
            )
        return self.transport or known[0]


def applying(wish: Wish) -> list[str]:
    """Name the faults that can strike a real run."""
    names = applicable(wish.design, wish.consumer)
    if wish.carried_by == "postgres":
        # Its feed is the table of events itself: nothing is skipped, repeated or throttled on a way that there is not.
        missing = {"record.oversized", "feed.duplicate", "feed.reorder", "shard.throttled"}
        return [name for name in names if name not in missing]
    if wish.carried_by == "kinesis" and wish.design == "outbox":
        return [name for name in names if name != "broker.down"] + ["shard.throttled"]
    return names
