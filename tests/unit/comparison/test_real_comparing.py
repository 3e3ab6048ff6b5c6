"""Real runs of several designs, one after another: what is done is kept, whatever ends them."""

from collections import Counter
from collections.abc import Callable

import pytest

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.real import comparing
from entrypoints.comparison.real.comparing import compare_really
from entrypoints.comparison.real.run import Outcome
from entrypoints.comparison.real.wish import CannotRun, Wish

DESIGNS = ("cdc", "dual-write", "outbox")

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
    result = compare_really(Wish("cdc"), DESIGNS)

    assert [cell["design"] for cell in result["cells"]] == list(DESIGNS)
    assert {"design": "cdc", "consumer": "doorbell+reconcile", "figure": "lost", "value": 1} in result["broken"]
    assert result["unfired"][0] == {"design": "cdc", "consumer": "doorbell+reconcile", "faults": ["fold.bug"]}
    assert result["faults"] == {"ack.late": 6}
    assert result["transports"] == {"cdc": "kinesis", "dual-write": "kafka", "outbox": "kafka"}
    assert (result["interrupted"], result["void"]) == (False, False)


def test_a_run_that_was_interrupted_is_the_last_and_is_told(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    whole = runs["dual-write"]
    runs["dual-write"] = lambda wish: Outcome(wish, whole(wish).evidence, Counter(), [], interrupted=True)

    result = compare_really(Wish("cdc"), DESIGNS)

    assert [cell["design"] for cell in result["cells"]] == ["cdc", "dual-write"]
    assert result["interrupted"]


def test_what_was_done_before_a_run_that_could_not_begin_is_kept(
    runs: dict[str, Callable[[Wish], Outcome]],
) -> None:
    def interrupt(_wish: Wish) -> Outcome:
        raise KeyboardInterrupt

    runs["dual-write"] = interrupt

    result = compare_really(Wish("cdc"), DESIGNS)

    assert [cell["design"] for cell in result["cells"]] == ["cdc"]
    assert result["interrupted"]


def test_what_cannot_be_is_refused_before_anything_is_run(runs: dict[str, Callable[[Wish], Outcome]]) -> None:
    begun: list[str] = []

    with pytest.raises(CannotRun):
        compare_really(Wish("cdc", transport="kafka"), DESIGNS, begun.append)

    assert begun == []
