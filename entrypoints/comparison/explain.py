"""The shortest schedule in which dual-write stores an order that is never shown, found by shrinking a long one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.faults import RATES
from entrypoints.comparison.oracle import judge
from entrypoints.comparison.simulated.run import Plan, Run
from entrypoints.comparison.words import FAULTS_IN_WORDS
from entrypoints.comparison.workload import Step, generate, sentence

LOSING = ("dual-write", "naive")
"""The design and the consumer whose loss is told."""

OWN_FAULTS = ("write.after", "publish.before", "publish.fail", "broker.down")
"""What goes wrong between the write and the publish: the design's own faults, not those of its consumer."""

ORDERS = 5
ATTEMPTS = 1000

SHIFT = 8
"""A step that is left out moves the occasions of a fault by so many at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plan from which nothing can be left out, and what happens in it."""

    plan: Plan
    evidence: Evidence


def loses_an_order(plan: Plan) -> bool:
    """Tell whether an order ends up stored and never shown."""
    return bool(judge(Run(plan).finish())["lost_orders"])


def shortest(seed: int, tell: Callable[[int], object] = lambda _: None) -> Found:
    """Find it, starting from a schedule of this seed; `tell` is told of each schedule that is tried."""
    plan = _lossy(seed, tell)
    while (smaller := next((each for each in _smaller(plan) if _tried(each, tell)), None)) is not None:
        plan = smaller
    return Found(plan, Run(plan).finish())


def _tried(plan: Plan, tell: Callable[[int], object]) -> bool:
    tell(1)
    return loses_an_order(plan)


def _lossy(seed: int, tell: Callable[[int], object]) -> Plan:
    """Give a plan that loses an order, with the faults that fired in it named."""
    rates = {name: RATES[name] for name in OWN_FAULTS}
    for attempt in range(ATTEMPTS):
        steps = generate(ORDERS, Random(f"{seed} explain {attempt}"))  # noqa: S311 - to be repeated
        run = Run(Plan(*LOSING, seed * ATTEMPTS + attempt, steps, rates, clients=1))
        tell(1)
        if judge(run.finish())["lost_orders"]:
            faults: dict[str, list[int]] = {}
            for name, nth in run.faults.fired:
                faults.setdefault(name, []).append(nth)
            return Plan(*LOSING, seed * ATTEMPTS + attempt, steps, {}, faults, clients=1)
    raise AssertionError(f"{ATTEMPTS} schedules of seed {seed} lose no order")


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Give plans with less: half of the steps, one step, one fault; where a step goes, the occasions of a fault come earlier."""
    faults = [(name, nth) for name, occasions in (plan.faults or {}).items() for nth in occasions]
    for place in range(len(faults)):
        yield _with(plan, plan.steps, faults[:place] + faults[place + 1 :])
    size = len(plan.steps)
    while size > 1:
        size //= 2
        for start in range(0, len(plan.steps), size):
            steps = [*plan.steps[:start], *plan.steps[start + size :]]
            yield _with(plan, steps, faults)
            if len(faults) == 1:
                ((name, nth),) = faults
                for earlier in range(nth - 1, max(nth - SHIFT * size, 0), -1):
                    yield _with(plan, steps, [(name, earlier)])


def _with(plan: Plan, steps: Sequence[Step], faults: Sequence[tuple[str, int]]) -> Plan:
    named: dict[str, list[int]] = {}
    for name, nth in faults:
        named.setdefault(name, []).append(nth)
    return replace(plan, steps=steps, faults=named)


def steps_in_words(plan: Plan) -> list[str]:
    """List what the plan consists of: each can be left out only at the price of the loss."""
    occasions = [
        f"{FAULTS_IN_WORDS[name]} ({name}, occasion {nth})"
        for name, numbers in (plan.faults or {}).items()
        for nth in numbers
    ]
    return [sentence(step) for step in plan.steps] + occasions
