"""Terraform itself on the stack: format, and, where its AWS provider is, the plan of both examples as JSON."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform import copy_of_the_stack, needs_provider, needs_terraform, terraform
from tests.support.terraform_source import ALLOWED_WIDE, EXAMPLES, FOLDER, GRANTS_BESIDE_DOCUMENTS, texts

ROOT = FOLDER.parents[1]
FUNCTIONS = {"projector", "notifier", "sweeper", "api"}
SECRETS = {
    "TF_VAR_database_url": "postgresql://shop@database.example/shop",
    "TF_VAR_secret_key": "a key of more than thirty-two characters",
    "TF_VAR_admin_token": "token",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the stack beside zips that are none, its provider in place."""
    root = tmp_path_factory.mktemp("infra")
    zips = root / "build" / "lambdas"
    zips.mkdir(parents=True)
    for function in FUNCTIONS:
        (zips / f"{function}-arm64.zip").write_bytes(b"not looked into by a plan")
    return copy_of_the_stack(root)


@cache
def planned(stack: Path, example: str) -> dict[str, Any]:
    """Plan an example against an address where nobody is; give the plan."""
    password = "password" if "smtp_user" in (stack / "examples" / f"{example}.tfvars").read_text() else ""
    given = SECRETS | {"TF_VAR_smtp_password": password, "TF_VAR_endpoint": "http://127.0.0.1:9"}
    file = f"-var-file=examples/{example}.tfvars"
    terraform(
        stack, "plan", "-input=false", "-no-color", "-refresh=false", file, f"-out={example}.plan", variables=given
    )
    plan: dict[str, Any] = json.loads(terraform(stack, "show", "-json", f"{example}.plan"))
    return plan


@pytest.fixture(params=EXAMPLES)
def plan(stack: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give the plan of each example."""
    return planned(stack, request.param)


def values(plan: dict[str, Any], of: str) -> list[dict[str, Any]]:
    """Give the planned resources of a type."""
    made = plan["planned_values"]["root_module"]["resources"]
    return [each["values"] for each in made if each["type"] == of]


def written(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Give resources and data as they are written, each expression a constant or what it refers to."""
    found: list[dict[str, Any]] = plan["configuration"]["root_module"]["resources"]
    return found


@needs_terraform
def test_the_sources_are_formatted() -> None:
    terraform(FOLDER, "fmt", "-check", "-recursive", "-diff")


@needs_provider
def test_the_sources_are_valid(stack: Path) -> None:
    assert json.loads(terraform(stack, "validate", "-json"))["valid"] is True


@needs_provider
def test_the_plan_is_complete(plan: dict[str, Any]) -> None:
    assert plan["errored"] is False
    assert {change["change"]["actions"][0] for change in plan["resource_changes"]} <= {"create", "read"}
    assert {each["handler"] for each in values(plan, "aws_lambda_function")} == {
        f"entrypoints.lambdas.{function}.handler" for function in FUNCTIONS
    }
    assert {tuple(each["architectures"]) for each in values(plan, "aws_lambda_function")} == {("arm64",)}


@needs_provider
def test_no_right_in_the_plan_is_wide_but_what_is_listed(plan: dict[str, Any]) -> None:
    granting = [each for each in written(plan) if each["type"] in {"aws_iam_policy_document", "aws_lambda_permission"}]
    wide = {(each["address"], text) for each in granting for text in texts(each["expressions"]) if "*" in text}

    assert len(granting) > 10
    assert wide == {(place, text) for place, text in ALLOWED_WIDE if text == "*"}


@needs_provider
def test_no_right_in_the_plan_comes_past_the_documents(plan: dict[str, Any]) -> None:
    policies = [each for each in written(plan) if each["type"] == "aws_iam_role_policy"]

    assert len(policies) > 5
    assert {each["type"] for each in written(plan)} & GRANTS_BESIDE_DOCUMENTS == set()
    assert all(
        each["expressions"]["policy"]["references"][0].startswith("data.aws_iam_policy_document.") for each in policies
    )


@needs_provider
def test_both_consumers_of_the_plan_give_no_record_up(plan: dict[str, Any]) -> None:
    mappings = values(plan, "aws_lambda_event_source_mapping")

    assert len(mappings) == 2
    for mapping in mappings:
        assert (mapping["maximum_retry_attempts"], mapping["maximum_record_age_in_seconds"]) == (-1, -1)
        assert mapping["starting_position"] == "TRIM_HORIZON"
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
        assert mapping["bisect_batch_on_function_error"] is True
        assert len(mapping["destination_config"][0]["on_failure"]) == 1


@needs_provider
def test_every_function_table_and_projector_of_the_plan_is_watched(plan: dict[str, Any]) -> None:
    name = plan["variables"]["name"]["value"]
    alarms = values(plan, "aws_cloudwatch_metric_alarm")

    def watched(metric: str, dimension: str) -> set[str]:
        parts = [query["metric"][0] for alarm in alarms for query in alarm["metric_query"] if query["metric"]]
        looked_at = [each for each in [*alarms, *parts] if each["metric_name"] == metric]
        return {each["dimensions"][dimension].removeprefix(f"{name}-") for each in looked_at}

    for metric in ("Errors", "Throttles", "Duration"):
        assert watched(metric, "FunctionName") == FUNCTIONS
    for metric in ("IteratorAge", "DestinationDeliveryFailures"):
        assert watched(metric, "FunctionName") == {"projector", "notifier"}
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        assert watched(metric, "TableName") == {"events", "snapshots", "claims"}
    for metric in ("ParkedStreams", "ReconcileDifferences", "LagSeconds", "Unreadable", "SweepAgeSeconds"):
        assert watched(metric, "Projector") == {"read-models", "notifier"}
    assert watched("ApproximateNumberOfMessagesVisible", "QueueName") == {"failed-batches"}
    for metric in ("AgeOfOldestUnreplicatedRecord", "FailedToReplicateRecordCount", "ThrottledPutRecordCount"):
        asked = [query["expression"] or "" for alarm in alarms for query in alarm["metric_query"]]
        assert any(f"({metric})" in query and f"'{name}-events'" in query for query in asked)


@needs_provider
def test_one_bad_minute_of_the_sweeper_rings_in_the_plan(plan: dict[str, Any]) -> None:
    name = plan["variables"]["name"]["value"]
    alarms = {each["alarm_name"].removeprefix(f"{name}-"): each for each in values(plan, "aws_cloudwatch_metric_alarm")}

    for of in ("errors", "throttles", "duration"):
        assert [
            (alarms[f"{function}-{of}"]["datapoints_to_alarm"], alarms[f"{function}-{of}"]["evaluation_periods"])
            for function in ("sweeper", "projector")
        ] == [(1, 35), (2, 5)]
    assert alarms["sweeper-duration"]["threshold"] == 855_000
    assert {alarms[f"{projector}-sweep-age"]["threshold"] for projector in ("projector", "notifier")} == {
        2 * 86_400 * float(plan["variables"]["full_reconcile_days"]["value"])
    }
    assert {alarms[f"{projector}-no-reconciles"]["treat_missing_data"] for projector in ("projector", "notifier")} == {
        "breaching"
    }


@needs_provider
def test_production_archives_and_refuses_to_be_deleted(stack: Path) -> None:
    production, development = planned(stack, "production"), planned(stack, "development")

    assert {table["deletion_protection_enabled"] for table in values(production, "aws_dynamodb_table")} == {True}
    assert {table["deletion_protection_enabled"] for table in values(development, "aws_dynamodb_table")} == {False}
    assert len(values(production, "aws_kinesis_firehose_delivery_stream")) == 1
    assert values(development, "aws_kinesis_firehose_delivery_stream") == []
    assert all(function["vpc_config"] for function in values(production, "aws_lambda_function"))


@pytest.mark.parametrize("target", ["tf-validate", "tf-plan", "tf-apply", "tf-destroy"])
def test_without_terraform_make_says_so_in_a_sentence(target: str) -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    done = subprocess.run(
        ["make", "--no-print-directory", target, "TERRAFORM=/nowhere/terraform"],  # noqa: S607 - make is what is tested
        cwd=ROOT,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence, verdict = done.stderr.strip().splitlines()

    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence.startswith("This needs Terraform 1.9 or newer, and there is no '/nowhere/terraform' here.")
    assert verdict.startswith("make: ***")
