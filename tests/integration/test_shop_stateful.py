"""Commands in any order, by several shoppers and two processes, with crashes and a hostile feed, against an independent model."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis.stateful import run_state_machine_as_test

from core.domain.aggregate import Aggregate
from core.ports.environment import FAILPOINTS
from tests.integration.shop_adapters import MemoryAdapters, OpenAdapters
from tests.integration.stateful.machine import ShopMachine, steady
from tests.integration.stateful.outcomes import REAL
from tests.integration.stateful.situations import FIRED, MEANWHILES
from tests.unit.shop_model import CODES

pytestmark = pytest.mark.stateful

EXAMPLES = {"memory": 160, "postgres": 50}
"""Fewer where each takes long."""

PUBLISHING = {"publish.before", "publish.after", "relay.before_unmark"}
"""Crash points of designs that publish; this shop's feed is its store's own."""

SURVIVED = {"request lost", "answer lost", "every answer lost"}
OUTCOMES = {"Crash", "OutcomeUnknown", "StoreUnavailable", "first answer again"}
PARKED_BY = {"parked by ZeroDivisionError", "parked by RowRefused"}
DELIVERY = {"applied", "duplicate", "healed", "parked", "redriven", "refolded"} | PARKED_BY
MAILS = {"sent", "sent again", "no_recipient"}


def what_must_fire(adapter: str) -> set[tuple[str, str]]:
    """Name everything that a run proves nothing without. Each refusal is met in memory; which store there is changes none of them."""
    rules = {name for name, member in inspect.getmembers(ShopMachine) if hasattr(member, "hypothesis_stateful_rule")}
    kinds = {
        "rule": rules,
        "done": {"_".join(re.findall("[A-Z][a-z]+", name)).lower() for name in REAL},
        "crash": FAILPOINTS - PUBLISHING,
        "outcome": OUTCOMES | (CODES if adapter == "memory" else set()),
        "done in spite of": SURVIVED,
        "meanwhile": MEANWHILES,
        "delivery": DELIVERY,
        "mail": MAILS,
    }
    return {(kind, name) for kind, names in kinds.items() for name in names}


@pytest.fixture(scope="module", params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def adapter(request: pytest.FixtureRequest) -> Iterator[tuple[str, OpenAdapters]]:
    """Give the adapters that the shop stands on, by name, and a machine on them."""
    FIRED.clear()
    if request.param == "memory":
        yield "memory", MemoryAdapters
        return
    from tests.integration.postgres_adapters import PostgresForShops  # noqa: PLC0415 - the memory run needs none of it

    with closing(PostgresForShops(request.getfixturevalue("postgres_url"))) as postgres:
        yield "postgres", postgres.open_adapters


def test_the_shop_does_what_the_model_says(adapter: tuple[str, OpenAdapters], monkeypatch: pytest.MonkeyPatch) -> None:
    name, open_adapters = adapter
    monkeypatch.setattr(Aggregate, "snapshot_every", 2)
    monkeypatch.setattr(ShopMachine, "open_adapters", staticmethod(open_adapters))

    run_state_machine_as_test(ShopMachine, settings=steady(EXAMPLES[name]))

    FIRED["the run", "completed"] += 1


def test_every_rule_failpoint_and_refusal_fired_in_that_run(
    adapter: tuple[str, OpenAdapters], record_property: Callable[[str, object], None]
) -> None:
    name, _ = adapter
    if not FIRED["the run", "completed"]:
        pytest.skip("it was not run to its end")
    for kind in sorted({kind for kind, _ in FIRED}):
        names = (f"{each} {times}" for (of, each), times in sorted(FIRED.items()) if of == kind)
        record_property("told", f"the stateful run on {name}, {kind}: {', '.join(names)}")

    assert what_must_fire(name) - set(+FIRED) == set()
