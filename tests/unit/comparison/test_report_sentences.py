"""The three sentences say what the figures say, and another thing when the figures do."""

import pytest

from entrypoints.comparison.faults import RATES
from entrypoints.comparison.report.sentences import OWN_FAULTS, sentences
from tests.unit.comparison.report_data import Data, a_run, cell

HONEST = "dual-write's own faults never lose an order whose client was told success"


def with_figures(design: str, **figures: object) -> Data:
    return a_run(lambda data: cell(data, design).update(figures))


def test_the_shop_kept_everything() -> None:
    first, _, _ = sentences(with_figures("cdc", lost=0, ghosts=0, divergence=0, broken_promises=0, events=2740))

    assert "cdc ended with all 2,740 events that were stored shown, none made up" in first


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("lost", "cdc lost 7 events"),
        ("ghosts", "cdc showed 7 that never were"),
        ("divergence", "cdc left 7 rows wrong"),
        ("broken_promises", "cdc broke 7 promises to clients"),
    ],
)
def test_what_the_shop_did_not_keep_is_said_instead(figure: str, words: str) -> None:
    first, _, third = sentences(with_figures("cdc", **{figure: 7}))

    assert words in first
    assert "all" not in first.split()
    assert "this run cannot say" in third


def test_a_void_run_proves_nothing_in_the_first_sentence_too() -> None:
    first, _, _ = sentences(a_run(lambda data: data.update(void=True)))

    assert first.endswith("so this proves nothing.")


def test_the_older_design_loses_orders_and_its_consumer_is_named() -> None:
    share = {"lost_orders": {"share": 0.44}}
    _, second, _ = sentences(with_figures("dual-write", lost_orders=26, distributions=share))

    assert "dual-write, with the naive consumer stored 26 orders that nobody is ever shown" in second
    assert "44 % of the schedules" in second


def test_a_run_in_which_the_older_design_lost_no_order_says_so() -> None:
    _, second, _ = sentences(with_figures("dual-write", lost_orders=0))

    assert "showed every order that it had stored" in second


def test_the_faults_of_dual_write_break_no_promise_where_the_figure_says_so() -> None:
    figures = {"promises_undelivered": 0, "broken_promises": 185, "failed_though_stored": 297}
    _, second, _ = sentences(with_figures("dual-write", **figures))

    assert HONEST in second
    assert "answered as an error (297 requests here), and never shown by the naive consumer" in second
    assert "whose own faults broke 185 promises more" in second


def test_a_promise_that_dual_write_did_break_is_said_instead() -> None:
    _, second, _ = sentences(with_figures("dual-write", promises_undelivered=3, broken_promises=3))

    assert HONEST not in second
    assert "broke 3 promises to clients that were told success" in second


def test_without_that_figure_broken_promises_of_a_run_with_all_faults_are_nobodys() -> None:
    def change(data: Data) -> None:
        cell(data, "dual-write").pop("promises_undelivered", None)
        cell(data, "dual-write")["broken_promises"] = 5

    _, second, _ = sentences(a_run(change))

    assert HONEST not in second
    assert "do not tell its faults from the design's" in second


def test_where_only_its_own_faults_strike_the_promises_are_dual_writes_own() -> None:
    def change(data: Data, broken: int) -> None:
        cell(data, "dual-write").pop("promises_undelivered", None)
        cell(data, "dual-write")["broken_promises"] = broken
        data["rates"] = {name: rate for name, rate in RATES.items() if name in OWN_FAULTS}

    _, kept, _ = sentences(a_run(lambda data: change(data, 0)))
    _, lost, _ = sentences(a_run(lambda data: change(data, 2)))

    assert HONEST in kept
    assert "broke 2 promises" in lost


def test_the_price_stands_beside_that_of_the_older_design() -> None:
    def change(data: Data) -> None:
        cell(data, "cdc").update(usd_per_million_commands=5.46, staleness_p50_ms=423.0, staleness_p99_ms=23569.0)
        cell(data, "dual-write").update(usd_per_million_commands=2.083)

    _, _, third = sentences(a_run(change))

    assert "5.46 USD with cdc per million commands, against 2.08 USD with dual-write" in third
    assert "within 423 ms, faults included" in third


def test_what_was_not_run_is_not_spoken_of() -> None:
    first, second, third = sentences(a_run(lambda data: data.update(cells=[cell(data, "publish-first")])))

    assert "does not say what the shop keeps" in first
    assert "does not say what that one loses" in second
    assert "cannot say" in third


def test_every_fault_of_the_way_to_the_broker_is_a_fault() -> None:
    assert set(RATES) > OWN_FAULTS
