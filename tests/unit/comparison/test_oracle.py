"""The judge, figure by figure, on evidence that is made up: what it counts, and that it counts nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.oracle import diverging, folded, judge, over_time

ORDER, STOCK, CART = "order", "inventory-p", "cart-s"


def event(stream: str, version: int, kind: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - data of any event
    return {"stream": stream, "version": version, "id": f"{stream}/{version}", "type": kind, "data": data}


ITEM = {"product_id": "p", "name": "Tea", "quantity": 3, "price": 100}

EVENTS = [
    event(STOCK, 1, "StockAdded", product_id="p", quantity=5),
    event(STOCK, 2, "StockReserved", product_id="p", order_id=ORDER, quantity=3),
    event(CART, 1, "ItemAddedToCart", product_id="p", quantity=3, price=100),
    event(CART, 2, "CartCleared"),
    event(ORDER, 1, "OrderPlaced", items=[ITEM], total=300, user_id="s"),
    event(ORDER, 2, "OrderPaid"),
]
IDS = [each["id"] for each in EVENTS]
COMMIT = [f"{STOCK}/2", f"{CART}/2", f"{ORDER}/1"]

ROWS: dict[str, dict[str, Any]] = {
    STOCK: {"product_id": "p", "total": 5, "reserved": 3},
    CART: {"lines": {}},
    ORDER: {"items": (ITEM,), "status": "paid", "total": 300, "user_id": "s"},
}


def entries(*without: str) -> dict[str, tuple[str, ...]]:
    """Give what was folded, by stream."""
    return {
        stream: tuple(each["id"] for each in EVENTS if each["stream"] == stream and each["id"] not in without)
        for stream in (STOCK, CART, ORDER)
    }


def flawless() -> Evidence:
    """Give a run in which nothing went wrong."""
    return Evidence(
        events=EVENTS,
        handed={"read-models": [(each["stream"], each["version"], each["id"]) for each in EVENTS]},
        folded={"read-models": entries()},
        excused={"read-models": set()},
        commits=[[f"{STOCK}/1"], [f"{CART}/1"], COMMIT, [f"{ORDER}/2"]],
        told=[COMMIT, [f"{ORDER}/2"]],
        sent=[f"{ORDER}/1", f"{ORDER}/2"],
        rows=ROWS,
        committed_at=dict.fromkeys(IDS, 1.0),
        visible_at=dict.fromkeys(IDS, 1.5),
        divergence=[(0.0, 0), (1.0, 2), (3.0, 0)],
        faults_ended_at=2.0,
        commands=4,
    )


def figures_above_zero(evidence: Evidence) -> dict[str, Any]:
    """Give the figures that count something wrong."""
    found = judge(evidence)
    counted = {name for name in found if isinstance(found[name], int)} - {
        "events",
        "commands",
        "bytes",
        "divergence_peak",
    }
    return {name: found[name] for name in counted if found[name]}


def test_a_run_in_which_nothing_went_wrong_has_no_figure_above_zero() -> None:
    assert figures_above_zero(flawless()) == {}


def test_times_are_told_in_milliseconds() -> None:
    found = judge(flawless())

    assert found["staleness_ms"] == [500.0] * 6
    assert found["convergence_ms"] == 1000.0
    assert found["divergence_peak"] == 2


def test_what_was_not_handed_over_is_undelivered_and_explained_where_it_was_taken_away() -> None:
    evidence = flawless()
    evidence.handed["read-models"] = [each for each in evidence.handed["read-models"] if each[0] != CART]
    evidence.excused["read-models"] = {f"{CART}/2"}

    assert figures_above_zero(evidence) == {"undelivered": 2, "unexplained": 1, "torn": 1}

    evidence.excused["read-models"] = {f"{CART}/1"}  # what is missing now was promised to somebody
    assert figures_above_zero(evidence) == {"undelivered": 2, "unexplained": 1, "torn": 1, "promises_undelivered": 1}


@pytest.mark.parametrize(("lost", "in_the_middle"), [(f"{STOCK}/1", 1), (f"{STOCK}/2", 0)])
def test_what_was_not_folded_is_lost_and_the_end_of_a_stream_is_told_apart(lost: str, in_the_middle: int) -> None:
    evidence = replace(flawless(), folded={"read-models": entries(lost)})

    found = figures_above_zero(evidence)

    assert found.pop("lost") == 1
    assert found.pop("lost_not_a_suffix", 0) == in_the_middle
    assert set(found) <= {"broken_promises"}


def test_what_was_folded_and_is_not_stored_is_a_ghost() -> None:
    evidence = flawless()
    evidence.folded["read-models"][CART] = ("ghost", f"{CART}/1", f"{CART}/2")
    evidence.handed["read-models"].append((CART, 3, "ghost"))

    assert figures_above_zero(evidence) == {"ghosts": 1, "ghosts_delivered": 1}


def test_what_was_folded_twice_and_handed_twice_is_counted_apart() -> None:
    evidence = flawless()
    evidence.folded["read-models"][CART] = (f"{CART}/1", f"{CART}/2", f"{CART}/1")
    evidence.handed["read-models"] += [(CART, 1, f"{CART}/1")] * 2

    assert figures_above_zero(evidence) == {"applied_twice": 1, "duplicates": 2}


def test_an_inversion_is_a_pair_of_first_deliveries_out_of_order() -> None:
    evidence = flawless()
    evidence.handed["read-models"].reverse()

    assert figures_above_zero(evidence) == {"inversions": 3}


def test_a_commit_of_which_a_part_is_stored_is_torn() -> None:
    evidence = flawless()
    evidence.commits.append(["never-1", f"{STOCK}/1"])
    evidence.commits.append(["never-2", "never-3"])

    assert figures_above_zero(evidence) == {"torn_stored": 1, "torn": 1}


def test_a_promise_is_broken_where_an_event_is_not_stored_or_not_folded() -> None:
    evidence = flawless()
    evidence.told.append(["never"])

    assert figures_above_zero(evidence) == {"broken_promises": 1}


def test_an_error_was_answered_though_something_is_stored() -> None:
    evidence = replace(flawless(), refused=[[f"{ORDER}/2", "never"], ["never"], []])

    assert figures_above_zero(evidence) == {"failed_though_stored": 1}


def test_units_beyond_all_stock_are_oversold_unless_their_order_is_cancelled() -> None:
    more = event("other", 1, "OrderPlaced", items=[{**ITEM, "quantity": 4}], total=400, user_id="s")
    evidence = replace(flawless(), events=[*EVENTS, more])
    assert judge(evidence)["oversold"] == 2

    evidence.events.append(event("other", 2, "OrderCancelled"))
    assert judge(evidence)["oversold"] == 0


def test_an_order_without_a_row_is_lost() -> None:
    evidence = flawless()
    evidence.rows = {stream: row for stream, row in ROWS.items() if stream != ORDER}

    assert figures_above_zero(evidence) == {"lost_orders": 1, "divergence": 1}


def test_what_a_client_was_told_is_held_to_the_events_whatever_was_handed_to_the_store() -> None:
    evidence = replace(flawless(), done=[("OrderPlaced", ORDER), ("OrderShipped", ORDER)])

    assert figures_above_zero(evidence) == {"broken_promises": 1}


def test_a_command_that_was_repeated_is_done_twice_where_two_of_its_commits_are_stored() -> None:
    evidence = replace(flawless(), attempts=[[[f"{CART}/1"], [f"{CART}/2"]], [[f"{ORDER}/2"], ["never"]]])

    assert figures_above_zero(evidence) == {"done_twice": 1}


def test_what_a_projector_could_know_of_and_did_not_fold_is_told_apart() -> None:
    evidence = replace(flawless(), announced={"read-models": set(IDS)}, folded={"read-models": entries(f"{STOCK}/2")})
    evidence.told.clear()
    assert figures_above_zero(evidence) == {"lost": 1, "lost_though_announced": 1}

    evidence.excused["read-models"] = {f"{STOCK}/2"}
    assert figures_above_zero(evidence) == {"lost": 1}


def test_mails_are_missing_repeated_and_about_ghosts() -> None:
    evidence = replace(flawless(), sent=[f"{ORDER}/1", f"{ORDER}/1", "ghost"])

    assert figures_above_zero(evidence) == {"mails_missing": 1, "mails_repeated": 1, "mails_ghost": 1}


@pytest.mark.parametrize(
    ("stream", "row"),
    [
        (STOCK, {"total": 5, "reserved": 2}),
        (CART, {"lines": {"p": {"quantity": 3, "price": 100}}}),
        (ORDER, {**ROWS[ORDER], "status": "pending"}),
        (ORDER, {**ROWS[ORDER], "total": 299}),
        (ORDER, {**ROWS[ORDER], "items": ({**ITEM, "price": 99},)}),
        ("unheard-of", {"name": "", "price": 0, "description": ""}),
    ],
)
def test_a_row_that_is_not_the_fold_of_its_events_diverges(stream: str, row: dict[str, Any]) -> None:
    assert diverging(EVENTS, ROWS) == []
    assert diverging(EVENTS, {**ROWS, stream: row}) == [stream]


def test_events_are_folded_in_version_order_however_they_come() -> None:
    assert folded(reversed(EVENTS)) == folded(EVENTS)


def test_over_time_it_is_told_what_is_not_shown_yet_and_which_ghosts_are() -> None:
    evidence = flawless()
    evidence.visible_at = {**dict.fromkeys(IDS[:-1], 1.5), "ghost": 3.0}

    series = over_time(evidence, every=1.0)

    assert [each["not_shown"] for each in series][:4] == [0, 6, 1, 1]
    assert [each["ghosts"] for each in series][:4] == [0, 0, 0, 1]
    assert [each["diverging"] for each in series][:4] == [0, 2, 2, 0]
