"""Real runs of several designs, one after another, told as the simulated comparison is told."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from entrypoints.comparison.comparing import broken
from entrypoints.comparison.figures import figures
from entrypoints.comparison.real.run import Outcome, run
from entrypoints.comparison.real.wish import Wish

Tell = Callable[[str], object]


def compare_really(wish: Wish, designs: Sequence[str], tell: Tell = lambda _: None) -> dict[str, Any]:
    """Run each design as the wish has it, and give the report's figures; Ctrl-C keeps what is done, the run that it meets included.

    One run is one schedule: what did not fire in it is listed, and voids nothing.

    Raises:
        CannotRun: the store, the transport, the consumer and a design do not go together; nothing was run.
        RunFailed, EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: as `run` does.
    """
    wishes = [replace(wish, design=design) for design in designs]
    carried = {each.design: each.carried_by for each in wishes}
    outcomes: list[Outcome] = []
    interrupted = False
    try:
        for each in wishes:
            tell(f"{each.design} on {each.store}, carried by {carried[each.design]}")
            outcomes.append(run(each, lambda told, design=each.design: tell(f"{design}: {told}")))  # type: ignore[misc]
            if outcomes[-1].interrupted:
                break
    except KeyboardInterrupt:  # before the first command of a run, or a second time
        interrupted = True
    cells = [figures(each.wish.design, each.wish.consumer, [each.verdict()]) for each in outcomes]
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
        "faults": dict(sorted(fired.items())),
        "rates": dict(sorted(wish.rates.items())),
        "void": False,
        "unfired": [
            {"design": each.wish.design, "consumer": each.wish.consumer, "faults": each.unfired}
            for each in outcomes
            if each.unfired
        ],
        "broken": broken(cells),
        "cells": cells,
    }
