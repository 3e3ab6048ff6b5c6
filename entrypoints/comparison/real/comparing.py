"""Real runs of several designs, one after another, told as the simulated comparison is told."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from entrypoints.comparison.comparing import broken
from entrypoints.comparison.figures import figures
from entrypoints.comparison.real.conductor import RunFailed
from entrypoints.comparison.real.run import Outcome, run
from entrypoints.comparison.real.wish import Wish, applying
from entrypoints.stack.embedded_kafka import EmbeddedKafkaProblem
from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem
from entrypoints.stack.problem import StackProblem

Tell = Callable[[str], object]

FAILURES = (RunFailed, EmbeddedKafkaProblem, EmbeddedPostgresProblem, StackProblem)
"""Why a run has no end."""


def compare_really(wishes: Sequence[Wish], tell: Tell = lambda _: None) -> dict[str, Any]:
    """Run each, which differ by design and consumer, and give the report's figures.

    Ctrl-C keeps what is done, the run that it meets included, and a run that fails what was done before it. One run is one schedule:
    what did not fire in it is listed, and voids nothing.

    Raises:
        CannotRun: the store, the transport, the consumer and a design do not go together; nothing was run.
        RunFailed, EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: the first run fails, as `run` does.
    """
    wish = wishes[0]
    carried = {each.design: each.carried_by for each in wishes}
    outcomes: list[Outcome] = []
    interrupted, failed = False, ""
    try:
        for each in wishes:
            cell = f"{each.design} with {each.consumer}"
            tell(f"{cell} on {each.store}, carried by {carried[each.design]}")
            outcomes.append(run(each, lambda told, cell=cell: tell(f"{cell}: {told}")))  # type: ignore[misc]
            if outcomes[-1].interrupted:
                break
    except KeyboardInterrupt:  # before the first command of a run, or a second time
        interrupted = True
    except FAILURES as problem:
        if not outcomes:
            raise
        failed = str(problem)
    cells = [figures(each.wish.design, each.wish.consumer, [each.verdict()]) for each in outcomes]
    possible = {name for each in wishes for name in applying(each)}
    fired: Counter[str] = Counter()
    for outcome in outcomes:
        fired.update(outcome.fired)
    return {
        "version": 1,
        "seed": wish.seed,
        "schedules": 1,
        "orders": wish.orders,
        "seconds": wish.seconds,
        "store": wish.store,
        "transports": {each.wish.design: each.wish.carried_by for each in outcomes},
        "interrupted": interrupted or any(outcome.interrupted for outcome in outcomes),
        "failed": failed,
        "faults": dict(sorted(fired.items())),
        "rates": {name: rate for name, rate in sorted(wish.rates.items()) if name in possible},
        "void": False,
        "unfired": [
            {"design": each.wish.design, "consumer": each.wish.consumer, "faults": each.unfired}
            for each in outcomes
            if each.unfired
        ],
        "broken": broken(cells),
        "cells": cells,
    }
