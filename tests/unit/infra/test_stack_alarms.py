"""Alarms: every way to lose in silence rings, somebody hears it, and finds what to do."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform_source import local_values, resources, sources

STACK = sources()
ALARMS = resources("aws_cloudwatch_metric_alarm", STACK)
RUN_BOOK = (Path(__file__).parents[3] / "docs" / "aws.md").read_text(encoding="utf-8").partition("\n## Run book\n")[2]

CONSUMERS, FUNCTIONS, PROJECTORS = "${local.consumers}", "${local.functions}", "${local.projectors}"
WATCHED = {
    ("AWS/DynamoDB", "AgeOfOldestUnreplicatedRecord"): None,
    ("AWS/DynamoDB", "FailedToReplicateRecordCount"): None,
    ("AWS/DynamoDB", "ThrottledPutRecordCount"): None,
    ("AWS/DynamoDB", "ReadThrottleEvents"): "${local.tables}",
    ("AWS/DynamoDB", "WriteThrottleEvents"): "${local.tables}",
    ("AWS/Lambda", "IteratorAge"): CONSUMERS,
    ("AWS/Lambda", "DestinationDeliveryFailures"): CONSUMERS,
    ("AWS/Lambda", "Errors"): FUNCTIONS,
    ("AWS/Lambda", "Throttles"): FUNCTIONS,
    ("AWS/Lambda", "Duration"): FUNCTIONS,
    ("AWS/Lambda", "Invocations"): None,
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): None,
    ("AWS/Firehose", "DeliveryToS3.DataFreshness"): None,
    ("ECShop", "ParkedStreams"): PROJECTORS,
    ("ECShop", "ReconcileDifferences"): PROJECTORS,
    ("ECShop", "LagSeconds"): PROJECTORS,
}
"""What must ring, and for each of which."""


def measures(alarm: dict[str, Any]) -> set[tuple[str, str]]:
    """Give the namespaces and names of the metrics that an alarm looks at."""
    single = {(alarm["namespace"], alarm["metric_name"])} if "metric_name" in alarm else set()
    queries = alarm.get("metric_query", [])
    parts = {(each["metric"][0]["namespace"], each["metric"][0]["metric_name"]) for each in queries if "metric" in each}
    asked = re.findall(r'SELECT \w+\((\w+)\) FROM SCHEMA\(\\?"([\w/]+)', str([q.get("expression") for q in queries]))
    return single | parts | {(namespace, metric) for metric, namespace in asked}


@pytest.mark.parametrize(("metric", "each_of"), WATCHED.items(), ids=str)
def test_what_could_be_lost_in_silence_rings(metric: tuple[str, str], each_of: str | None) -> None:
    ringing = [alarm.get("for_each") for alarm in ALARMS.values() if metric in measures(alarm)]

    assert each_of in ringing


def test_an_index_that_cannot_keep_up_rings() -> None:
    alarm = ALARMS["index_throttles"]

    assert measures(alarm) == {("AWS/DynamoDB", "WriteThrottleEvents")}
    assert alarm["for_each"] == '${toset(["GSI1", "GSI2"])}'


def test_all_of_them_are_watched() -> None:
    values = local_values(STACK)

    assert values["consumers"] == '${toset(["projector", "notifier"])}'
    assert values["projectors"] == {"projector": "read-models", "notifier": "notifier"}
    assert set(values["tables"]) == {"events", "snapshots", "claims"}


def test_one_message_in_the_queue_of_the_given_up_rings() -> None:
    alarm = ALARMS["failed_batches"]

    assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert alarm["dimensions"] == {"QueueName": "${aws_sqs_queue.failed.name}"}


def test_a_sweeper_that_is_silent_rings() -> None:
    alarm = ALARMS["no_sweeps"]

    assert alarm["treat_missing_data"] == "breaching"
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("LessThanThreshold", 1)


def test_every_alarm_tells_somebody() -> None:
    assert len(ALARMS) > 15
    for name, alarm in ALARMS.items():
        assert alarm["alarm_actions"] == ["${aws_sns_topic.alarms.arn}"], name
        assert alarm.get("actions_enabled", True) is True, name
        assert "treat_missing_data" in alarm, name


def test_the_run_book_has_a_section_for_each_alarm_and_none_for_no_alarm() -> None:
    sections = re.findall(r"^### (\S+)$", RUN_BOOK, re.MULTILINE)
    names = {alarm: body["alarm_description"].rpartition("docs/aws.md, ")[2] for alarm, body in ALARMS.items()}

    assert {alarm: name for alarm, name in names.items() if name != alarm.replace("_", "-")} == {}
    assert [alarm for alarm, body in ALARMS.items() if not body["alarm_name"].endswith(f"-{names[alarm]}")] == []
    assert len(sections) == len(set(sections))
    assert set(sections) == set(names.values())


@pytest.mark.parametrize(
    "section", re.split(r"^### ", RUN_BOOK, flags=re.MULTILINE)[1:], ids=lambda s: s.split("\n")[0]
)
def test_a_section_says_what_it_means_where_to_look_and_what_to_do(section: str) -> None:
    said = re.findall(r"^- (Means|Look|Do): \S", section, re.MULTILINE)

    assert said == ["Means", "Look", "Do"]
