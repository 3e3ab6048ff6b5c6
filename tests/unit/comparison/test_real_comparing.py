"""Real runs of several designs, one after another: what is done is kept, whatever ends them."""

from collections import Counter
from collections.abc import Callable

import pytest

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.real import comparing
from entrypoints.comparison.real.comparing import compare_really
from entrypoints.comparison.real.conductor import RunFailed
from entrypoints.comparison.real.run import Outcome
from entrypoints.comparison.real.wish import CannotRun, Wish
from entrypoints.comparison.report.notes import warnings

DESIGNS = ("cdc", "dual-write", "outbox")
WISHES = [Wish(design) for design in DESIGNS]

EVENT = {
    "stream": "inventory-tea",
    "version": 1,
    "id": "e1",
    "type": "StockAdded",
    "data": {"product_id": "tea", "quantity": 1},
}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[Wish], Outcome]]:
    """Give what each design's run gives, to be changed; by itself, an event that nobody folded."""

    def lost(wish: Wish) -> Outcome:
        evidence = Evidence(events=[EVENT], handed={"read-models": []}, folded={"read-models": {}})
        evidence.excused["read-models"] = set()
        return Outcome(wish, evidence, Counter({"ack.late": 2}), ["fold.bug"], interrupted=False)

    made: dict[str, Callable[[Wish], Outcome]] = dict.fromkeys(DESIGNS, lost)
    monkeypatch.setattr(comparing, "run", lambda wish, _tell: made[wish.design](wish))
    return made


def test_each_design_is_a_cell_with_what_it_broke_and_what_did_not_fire(
    runs: dict[str, Callable[[Wish], Outcome]],
) -> None:
    result = compare_really(WISHES)

    assert [cell["design"] for cell in result["cells"]] == list(DESIGNS)
    assert {"design": "cdc", "consumer": "doorbell+reconcile", "figure": "lost", "value": 1} in result["broken"]
    assert result["unfired"][0] == {"design": "cdc", "consumer": "doorbell+reconcile", "faults": ["fold.bug"]}
    assert result["faults"] == {"ack.late": 6}
    assert result["transports"] == {"cdc": "kinesis", "dual-write": "kafka", "outbox": "kafka"}
    assert (result["interrupted"], result["void"]) == (False, False)


def test_a_run_that_was_interrupted_is_the_last_and_is_told(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    whole = runs["dual-write"]
    runs["dual-write"] = lambda wish: Outcome(wish, whole(wish).evidence, Counter(), [], interrupted=True)

    result = compare_really(WISHES)

    assert [cell["design"] for cell in result["cells"]] == ["cdc", "dual-write"]
    assert result["interrupted"]


def test_what_was_done_before_a_run_that_could_not_begin_is_kept(
    runs: dict[str, Callable[[Wish], Outcome]],
) -> None:
    def interrupt(_wish: Wish) -> Outcome:
        raise KeyboardInterrupt

    runs["dual-write"] = interrupt

    result = compare_really(WISHES)

    assert [cell["design"] for cell in result["cells"]] == ["cdc"]
    assert result["interrupted"]


def test_what_cannot_be_is_refused_before_anything_is_run(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    begun: list[str] = []

    with pytest.raises(CannotRun):
        compare_really([*WISHES, Wish("cdc", transport="kafka")], begun.append)

    assert begun == []


def test_consumers_stand_side_by_side(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    assert set(runs) == set(DESIGNS)
    result = compare_really([Wish("cdc", consumer=consumer) for consumer in ("naive", "doorbell")])

    assert [(cell["design"], cell["consumer"]) for cell in result["cells"]] == [("cdc", "naive"), ("cdc", "doorbell")]


def test_only_rates_of_what_can_happen_are_told(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    assert set(runs) == set(DESIGNS)
    assert "record.oversized" in compare_really([Wish("cdc")])["rates"]
    assert "record.oversized" not in compare_really([Wish("cdc", store="postgres")])["rates"]


def test_a_long_run_is_told_to_its_end(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    evidence = runs["cdc"](Wish("cdc")).evidence
    evidence.faults_ended_at = 3600.0
    runs["cdc"] = lambda wish: Outcome(wish, evidence, Counter(), [], interrupted=False)

    (cell,) = compare_really([Wish("cdc", seconds=3600.0)])["cells"]

    assert cell["over_time"][-1]["seconds"] >= 3600
    assert len(cell["over_time"]) <= 122


def test_what_is_published_into_kinesis_is_paid(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    evidence = runs["outbox"](Wish("outbox")).evidence
    evidence.commands = 1
    runs["outbox"] = lambda wish: Outcome(wish, evidence, Counter(), [], interrupted=False)

    through_kafka, through_kinesis = (
        compare_really([Wish("outbox", transport=transport)])["cells"][0] for transport in ("kafka", "kinesis")
    )

    assert through_kinesis["usd_per_million_commands"] > through_kafka["usd_per_million_commands"]


def test_what_was_done_before_a_run_that_failed_is_kept_and_the_failure_told(
    runs: dict[str, Callable[[Wish], Outcome]],
) -> None:
    def fail(_wish: Wish) -> Outcome:
        raise RunFailed("relay ended with 1: a bug.")

    runs["dual-write"] = fail
    result = compare_really(WISHES)

    assert [cell["design"] for cell in result["cells"]] == ["cdc"]
    assert result["failed"] == "relay ended with 1: a bug."
    assert any("FAILED" in warning and "a bug." in warning for warning in warnings(result))

    runs["cdc"] = fail
    with pytest.raises(RunFailed):
        compare_really(WISHES)
