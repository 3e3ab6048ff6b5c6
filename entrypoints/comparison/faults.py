"""What can go wrong, where it can, and how often it shall. The names are those of `docs/delivery.md`."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from random import Random

DESIGNS = ("cdc", "dual-write", "outbox", "publish-first")
VARIANTS = ("keyed", "retry")
"""Better forms of the designs in which the application publishes: a stream keeps to a partition; a failed publish is tried again."""

CONSUMERS = ("naive", "cursor", "doorbell", "doorbell+reconcile")

Applies = Callable[[str, str], bool]


def _always(_design: str, _consumer: str) -> bool:
    return True


def _in(*designs: str) -> Applies:
    return lambda design, _consumer: design in designs


PUBLISHED = _in("dual-write", "publish-first", "outbox")
BY_THE_APPLICATION = _in("dual-write", "publish-first")

APPLIES: Mapping[str, Applies] = {
    "write.before": _always,
    "write.after": _always,
    "publish.before": PUBLISHED,
    "publish.after": PUBLISHED,
    "relay.before_unmark": _in("outbox"),
    "consumer.before_effect": _always,
    "consumer.before_checkpoint": _always,
    "mail.before_mark": lambda _design, consumer: consumer != "naive",
    "ack.late": _always,
    "publish.fail": PUBLISHED,
    "publish.ack_lost": PUBLISHED,
    "publish.overtake": BY_THE_APPLICATION,
    "commit.refused": _in("publish-first"),
    "commit.cut": BY_THE_APPLICATION,
    "broker.down": PUBLISHED,
    "shard.throttled": _in("cdc"),
    "database.down": _always,
    "consumer.past_retention": _always,
    "record.oversized": _in("cdc"),
    "record.poison": _always,
    "fold.bug": _always,
    "feed.duplicate": _in("cdc"),
    "feed.reorder": _in("cdc"),
}
"""Whether a fault can happen at all under a design and a consumer."""

RATES: Mapping[str, float] = {
    "write.before": 0.01,
    "write.after": 0.015,
    "publish.before": 0.01,
    "publish.after": 0.01,
    "relay.before_unmark": 0.03,
    "consumer.before_effect": 0.01,
    "consumer.before_checkpoint": 0.02,
    "mail.before_mark": 0.05,
    "ack.late": 0.03,
    "publish.fail": 0.02,
    "publish.ack_lost": 0.02,
    "publish.overtake": 0.05,
    "commit.refused": 0.03,
    "commit.cut": 0.02,
    "broker.down": 0.01,
    "shard.throttled": 0.02,
    "database.down": 0.02,
    "consumer.past_retention": 0.01,
    "record.oversized": 0.01,
    "record.poison": 0.02,
    "fold.bug": 0.01,
    "feed.duplicate": 0.1,
    "feed.reorder": 0.1,
}
"""How likely a fault is at each of its occasions, unless told otherwise."""


def applicable(design: str, consumer: str) -> list[str]:
    """Name the faults of a cell."""
    return [name for name, applies in APPLIES.items() if applies(design, consumer)]


def _say_nothing(_name: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Faults:
    """Says at each occasion of a fault whether it strikes: by its rate, or where a `plan` names the occasions (from 1).

    Each fault draws from a source of its own, so that one more or less of another moves nothing.
    """

    seed: int
    rates: Mapping[str, float]
    plan: Mapping[str, Collection[int]] | None = None
    on: bool = True
    tell: Callable[[str], object] = _say_nothing
    fired: list[tuple[str, int]] = field(default_factory=list)
    occasions: Counter[str] = field(default_factory=Counter)
    _sources: dict[str, Random] = field(default_factory=dict)

    def strikes(self, name: str) -> bool:
        """Tell whether this occasion is one."""
        if not self.on:
            return False
        self.occasions[name] += 1
        nth = self.occasions[name]
        if self.plan is not None:
            struck = nth in self.plan.get(name, ())
        elif rate := self.rates.get(name, 0.0):
            source = self._sources.get(name)
            if source is None:
                source = self._sources[name] = Random(f"{self.seed} {name}")  # noqa: S311 - a run is to be repeated
            struck = source.random() < rate
        else:
            struck = False
        if struck:
            self.fired.append((name, nth))
            self.tell(name)
        return struck

    def part(self, name: str) -> float:
        """Give how bad the last strike of this fault is, from 0 to 1."""
        return Random(f"{self.seed} {name} {self.occasions[name]}").random()  # noqa: S311
