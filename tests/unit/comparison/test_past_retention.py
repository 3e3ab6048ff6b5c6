"""A consumer that is down when the last command comes finds its records gone, though everything is brought back after that."""

from random import Random

import pytest

from entrypoints.comparison.quiet import without_alarms
from entrypoints.comparison.simulated.run import Plan, Run
from entrypoints.comparison.workload import generate


@pytest.mark.parametrize("design", ["cdc", "dual-write", "outbox"])
def test_records_are_gone_for_who_is_down_at_the_end(design: str) -> None:
    steps = generate(5, Random(1))
    run = Run(Plan(design, "doorbell", 7, steps, {}, {"consumer.past_retention": [len(steps)]}))

    with without_alarms():
        evidence = run.finish()

    assert run.faults.fired == [("consumer.past_retention", len(steps))]
    assert any(evidence.excused.values())
