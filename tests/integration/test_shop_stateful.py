"""Commands in any order, by several shoppers and two processes, with crashes and a hostile feed, against an independent model."""

import inspect
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from core.domain.aggregate import Aggregate
from core.ports.environment import FAILPOINTS
from tests.integration.stateful.machine import ShopMachine
from tests.integration.stateful.outcomes import REAL
from tests.integration.stateful.situations import FIRED, MEANWHILES, TROUBLES
from tests.unit.shop_model import CODES

pytestmark = pytest.mark.stateful

OUTCOMES = CODES | {"Crash", "OutcomeUnknown", "StoreUnavailable", "first answer again"}
DELIVERY = {"applied", "duplicate", "healed", "parked", "redriven", "refolded"}


def what_must_fire() -> set[tuple[str, str]]:
    """Name everything that a run proves nothing without."""
    rules = {name for name, member in inspect.getmembers(ShopMachine) if hasattr(member, "hypothesis_stateful_rule")}
    kinds = {
        "rule": rules,
        "done": {"_".join(re.findall("[A-Z][a-z]+", name)).lower() for name in REAL},
        "crash": FAILPOINTS - {"mail.before_mark"},  # this run sends no mail
        "outcome": OUTCOMES,
        "done in spite of": {trouble for trouble in TROUBLES if "crash" not in trouble},
        "meanwhile": MEANWHILES,
        "delivery": DELIVERY,
    }
    return {(kind, name) for kind, names in kinds.items() for name in names}


def test_the_shop_does_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Aggregate, "snapshot_every", 2)
    FIRED.clear()

    run_state_machine_as_test(
        ShopMachine,
        settings=settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # the same run each time, so that what must fire does
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    FIRED["the run", "completed"] += 1


def test_every_rule_failpoint_and_refusal_fired_in_that_run(record_property: Callable[[str, object], None]) -> None:
    if not FIRED["the run", "completed"]:
        pytest.skip("it was not run to its end")
    for kind in sorted({kind for kind, _ in FIRED}):
        names = (f"{name} {times}" for (each, name), times in sorted(FIRED.items()) if each == kind)
        record_property("told", f"the stateful run, {kind}: {', '.join(names)}")

    assert what_must_fire() - set(FIRED) == set()
