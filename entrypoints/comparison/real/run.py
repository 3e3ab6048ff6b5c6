"""A real run: one design on real servers, its processes killed and its servers stopped, then the clean-up and the verdict."""

import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from entrypoints.comparison.cost import requests_of_commands, usd_per_million_commands
from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.faults import RATES, applicable
from entrypoints.comparison.oracle import judge, over_time
from entrypoints.comparison.real.conductor import Conductor
from entrypoints.comparison.real.gather import fired, gather
from entrypoints.comparison.real.job import CONSUMERS, Job
from entrypoints.comparison.real.servers import running
from entrypoints.comparison.workload import PRODUCTS, SHOPPERS, Step, generate

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

ROUND = 10
"""Orders after which the workload goes on with other products and shoppers: carts that cannot be ordered would only grow."""

Tell = Callable[[str], object]


class CannotRun(Exception):
    """There is no such real run; the text is a sentence."""


class RunFailed(Exception):
    """A process of the run crashed, which no fault ordered, or nothing can be judged; the text is a sentence."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left, how often each fault struck, and which of those that apply did not. `interrupted`: Ctrl-C ended it early."""

    wish: Wish
    evidence: Evidence
    fired: Counter[str]
    unfired: list[str]
    interrupted: bool

    def verdict(self) -> dict[str, Any]:
        """Judge it, as a simulated schedule is judged: `figures` takes a list of these."""
        evidence = self.evidence
        return judge(evidence) | {
            "seed": self.wish.seed,
            "fired": self.fired,
            "over_time": over_time(evidence),
            "requests": requests_of_commands(evidence),
            "usd_per_million_commands": usd_per_million_commands(evidence, self.wish.design),
        }


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


def run(wish: Wish, tell: Tell = lambda _: None, folder: Path | None = None) -> Outcome:
    """Run it to its end and clean up. Everything that was started is ended, whatever happens; `folder` keeps notes and logs, and is empty.

    The first Ctrl-C ends the faults early: what was done until then is cleaned up and judged all the same.

    Raises:
        CannotRun: these do not go together.
        RunFailed: a process crashed, which no fault ordered.
        EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: a server does not start.
    """
    transport = wish.carried_by
    with ExitStack() as ended:
        ended.enter_context(_terminated_in_order())
        place = folder or Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="ecshop-")))
        delivery = "dual-write" if wish.design == "publish-first" else wish.design
        servers = ended.enter_context(running(place, wish.store, transport, delivery, tell))
        rates = {name: wish.rates.get(name, 0.0) for name in applying(wish)}
        job = Job("", wish.design, wish.consumer, transport, wish.seed, str(place), rates)
        conductor = ended.enter_context(Conductor(job, servers, wish.clients, tell))
        conductor.prepare()
        interrupted = conductor.run(_dealt(_steps(wish), wish.clients), wish.seconds, wish.thinking)
        conductor.clean_up()
        if conductor.crashes:
            raise RunFailed(f"{conductor.crashes[0]}; {len(conductor.crashes)} in all. The logs are in {place}.")
        evidence = gather(place, conductor.began, conductor.faults_ended, servers.sent())
        struck = fired(place)
        return Outcome(
            wish, evidence, struck, [name for name, rate in rates.items() if rate and not struck[name]], interrupted
        )


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Have SIGTERM end this process as an error does, so that what it started ends too."""

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _steps(wish: Wish) -> Iterator[Step]:
    """Give the workload, round after round, each with things of its own."""
    for number in count():
        orders = ROUND if wish.orders is None else min(ROUND, wish.orders - number * ROUND)
        if orders <= 0:
            return
        first = {"product": number * PRODUCTS, "shopper": number * SHOPPERS, "order": number * ROUND}
        for step in generate(orders, Random(f"{wish.seed} workload {number}")):  # noqa: S311 - a run is to be repeated
            yield step._replace(on={name: value + first.get(name, 0) for name, value in step.on.items()})


def _dealt(steps: Iterator[Step], clients: int) -> list[Iterator[Step]]:
    """Deal the steps out, in turn, to clients each of which may be at another place."""
    guard, waiting = threading.Lock(), [list[Step]() for _ in range(clients)]
    turn = count()

    def share(client: int) -> Iterator[Step]:
        while True:
            with guard:
                while not waiting[client]:
                    step = next(steps, None)
                    if step is None:
                        return
                    waiting[next(turn) % clients].append(step)
                mine = waiting[client].pop(0)
            yield mine

    return [share(client) for client in range(clients)]
