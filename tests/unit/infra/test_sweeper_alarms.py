"""The sweeper: what it does each minute must not hide that what it does each 5 or 15 minutes fails, ends too late or never ends."""

import pytest

from entrypoints.lambdas.sweeper import RESERVE
from tests.support.terraform_source import local_values, resources, sources

STACK = sources()
ALARMS = resources("aws_cloudwatch_metric_alarm", STACK)
LOCALS = local_values(STACK)
EVERY = {task: int(rate.removeprefix("rate(").split()[0]) for task, rate in LOCALS["sweeps"].items()}
SWEEPER = LOCALS["functions"]["sweeper"]
PATIENCE = LOCALS["patience"]


def rings(bad: int, minutes: int, *, every: int, took: int, at: int) -> bool:
    """Tell whether an alarm rings at a minute, where each run from minute 0 on is bad; a run is dated by its start, and seen at its end.

    Source: "View metrics for Lambda functions" in the AWS Lambda developer guide.
    """
    seen = [start for start in range(0, at + 1, every) if start + took <= at and start > at - minutes]
    return len(seen) >= bad


@pytest.mark.parametrize("took", [0, SWEEPER["seconds"] // 60], ids=["at once", "at its time-out"])
@pytest.mark.parametrize("task", EVERY)
def test_a_task_that_fails_for_ever_rings_without_a_pause(task: str, took: int) -> None:
    bad, minutes = PATIENCE["sweeper"]["bad"], PATIENCE["sweeper"]["minutes"]

    # CloudWatch may be three minutes late with what it was told.
    quiet = [at for at in range(60, 600) if not rings(bad, minutes - 3, every=EVERY[task], took=took, at=at)]

    assert quiet == []


def test_one_bad_minute_of_a_function_that_works_all_the_time_is_no_alarm() -> None:
    others = {name: patience for name, patience in PATIENCE.items() if name != "sweeper"}

    assert PATIENCE.keys() == LOCALS["functions"].keys()
    assert {(patience["bad"], patience["minutes"], patience["share"]) for patience in others.values()} == {(2, 5, 0.8)}


@pytest.mark.parametrize("name", ["errors", "throttles", "duration"])
def test_each_function_is_watched_with_its_own_patience(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["evaluation_periods"] == "${local.patience[each.key].minutes}"
    assert alarm["datapoints_to_alarm"] == "${local.patience[each.key].bad}"
    assert (alarm["for_each"], alarm["period"]) == ("${local.functions}", 60)


def test_a_sweep_that_ends_when_it_means_to_does_not_ring_and_one_that_is_cut_off_does() -> None:
    limit = SWEEPER["seconds"] * 1_000

    assert ALARMS["duration"]["threshold"] == "${each.value.seconds * 1000 * local.patience[each.key].share}"
    assert limit - RESERVE < limit * PATIENCE["sweeper"]["share"] < limit


def test_recent_streams_that_nobody_looks_at_ring_within_twenty_minutes() -> None:
    alarm = ALARMS["no_reconciles"]
    shown, told = alarm["metric_query"]
    metric = told["metric"][0]
    minutes = alarm["evaluation_periods"] * metric["period"] / 60

    assert (metric["namespace"], metric["metric_name"], metric["stat"]) == ("ECShop", "ParkedStreams", "SampleCount")
    assert (alarm["for_each"], metric["dimensions"]) == ("${local.projectors}", {"Projector": "${each.value}"})
    assert (shown["expression"], shown["return_data"], told["id"]) == ("FILL(told, 0)", True, "told")
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("LessThanThreshold", 1)
    assert alarm["treat_missing_data"] == "breaching"
    assert alarm["datapoints_to_alarm"] == alarm["evaluation_periods"]
    assert 3 * EVERY["reconcile-recent"] <= minutes <= 20


def test_a_look_at_all_streams_that_never_ends_rings_and_so_does_an_hour_of_silence_about_it() -> None:
    alarm = ALARMS["sweep_age"]
    shown, told = alarm["metric_query"]
    metric = told["metric"][0]

    assert (metric["namespace"], metric["metric_name"], metric["stat"]) == ("ECShop", "SweepAgeSeconds", "Maximum")
    assert (alarm["for_each"], metric["dimensions"]) == ("${local.projectors}", {"Projector": "${each.value}"})
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanThreshold", "${local.most_sweep_age}")
    assert LOCALS["most_sweep_age"] == "${2 * var.full_reconcile_days * 86400}"
    assert (shown["expression"], shown["return_data"]) == ("FILL(told, ${local.most_sweep_age + 1})", True)
    assert alarm["treat_missing_data"] == "breaching"
    assert alarm["datapoints_to_alarm"] == alarm["evaluation_periods"]
    assert metric["period"] == EVERY["reconcile-all"] * 60
    assert alarm["evaluation_periods"] * metric["period"] == 3_600


def test_one_record_that_nobody_can_read_rings() -> None:
    alarm = ALARMS["unreadable"]

    assert (alarm["statistic"], alarm["comparison_operator"], alarm["threshold"]) == ("Sum", "GreaterThanThreshold", 0)
    assert alarm["dimensions"] == {"Projector": "${each.value}"}
    assert alarm["evaluation_periods"] == 1
