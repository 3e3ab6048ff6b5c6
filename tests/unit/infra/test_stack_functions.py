"""Functions: what starts them, what they are given, and that no record is given up."""

import re
from typing import Any

import pytest

from config.settings import SECRETS, Settings
from tests.support.terraform_source import blocks, local_values, resources, sources, things

STACK = sources()
LOCALS = local_values(STACK)
STORE = {
    "STORE",
    "DYNAMODB_TABLE_NAME",
    "DYNAMODB_SNAPSHOT_TABLE_NAME",
    "DYNAMODB_CLAIMS_TABLE_NAME",
    "DYNAMODB_REGION",
    "DYNAMODB_ENDPOINT",
    "KINESIS_STREAM_NAME",
    "DATABASE_URL",
}
MAIL = {"SMTP_HOST", "SMTP_PORT", "SMTP_FROM", "SMTP_USER", "SMTP_PASSWORD", "SMTP_TLS"}
GIVEN = {
    "projector": STORE,
    "notifier": STORE | MAIL,
    "sweeper": STORE | MAIL,
    "api": STORE | {"ENVIRONMENT", "SECRET_KEY", "ADMIN_TOKEN", "WORKERS"},
}


def environment(function: str) -> dict[str, Any]:
    """Give what a function finds in its environment: locals, or several merged."""
    merged = re.findall(r"local\.(\w+)", LOCALS["functions"][function]["environment"])
    return {name: value for local in merged for name, value in LOCALS[local].items()}


@pytest.mark.parametrize("function", GIVEN)
def test_a_function_is_given_what_it_needs_and_no_secret_more(function: str) -> None:
    assert set(environment(function)) == GIVEN[function]


def test_what_functions_are_given_are_settings() -> None:
    known = {name.upper() for name in Settings.model_fields}

    assert {name for function in GIVEN for name in environment(function)} <= known


def test_there_are_these_functions_and_no_other() -> None:
    assert set(LOCALS["functions"]) == set(GIVEN)
    assert set(resources("aws_lambda_function", STACK)) == {"shop"}


def test_a_function_is_the_zip_and_the_handler_of_its_name() -> None:
    function = resources("aws_lambda_function", STACK)["shop"]

    assert function["for_each"] == "${local.functions}"
    assert function["filename"] == "${var.lambda_zips}/${each.key}-${var.architecture}.zip"
    assert function["source_code_hash"] == f'${{filebase64sha256("{function["filename"]}")}}'
    assert function["handler"] == "entrypoints.lambdas.${each.key}.handler"
    assert function["architectures"] == ["${var.architecture}"]
    assert blocks("variable", STACK)["architecture"]["default"] == "arm64"
    assert blocks("variable", STACK)["lambda_zips"]["default"] == "../../build/lambdas"


def test_both_consumers_take_every_record_from_the_beginning_and_give_none_up() -> None:
    mapping = resources("aws_lambda_event_source_mapping", STACK)["consumer"]

    assert (mapping["for_each"], LOCALS["consumers"]) == ("${local.consumers}", '${toset(["projector", "notifier"])}')
    assert mapping["event_source_arn"] == "${aws_kinesis_stream.events.arn}"
    assert mapping["starting_position"] == "TRIM_HORIZON"
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert (mapping["maximum_retry_attempts"], mapping["maximum_record_age_in_seconds"]) == (-1, -1)
    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["destination_config"][0]["on_failure"] == [{"destination_arn": "${aws_sqs_queue.failed.arn}"}]
    assert {"parallelization_factor", "maximum_batching_window_in_seconds", "batch_size"} <= mapping.keys()


def test_the_sweeper_is_told_its_tasks_on_time() -> None:
    schedule = resources("aws_scheduler_schedule", STACK)["sweep"]

    assert LOCALS["sweeps"] == {
        "reconcile-recent": "rate(5 minutes)",
        "reconcile-all": "rate(15 minutes)",
        "mails": "rate(1 minute)",
    }
    assert blocks("variable", STACK)["full_reconcile_days"]["default"] == 1
    assert schedule["for_each"] == "${local.sweeps}"
    assert schedule["schedule_expression"] == "${each.value}"
    assert schedule["target"][0]["input"] == "${jsonencode({task = each.key, days = var.full_reconcile_days})}"
    assert schedule["target"][0]["arn"] == '${aws_lambda_function.shop["sweeper"].arn}'


def test_the_secrets_are_those_of_the_settings() -> None:
    secret = resources("aws_secretsmanager_secret_version", STACK)["shop"]["secret_string"]
    variables = blocks("variable", STACK)

    assert set(re.findall(r"\b([A-Z_]+) =", secret)) == SECRETS
    assert {name.upper() for name, variable in variables.items() if variable.get("sensitive")} == SECRETS
    assert resources("aws_lambda_function", STACK)["shop"]["kms_key_arn"] == "${aws_kms_key.secrets.arn}"


def test_no_secret_is_shown_as_an_output() -> None:
    outputs = blocks("output", STACK)

    assert all(f"var.{secret.lower()}" not in str(outputs) for secret in SECRETS)
    assert 'if name != "DATABASE_URL"' in outputs["settings"]["value"]


def test_logs_are_kept_for_a_time_and_no_longer() -> None:
    groups = resources("aws_cloudwatch_log_group", STACK)

    assert set(groups) == {"function", "archive"}
    assert all(group["retention_in_days"] == "${var.log_retention_days}" for group in groups.values())
    assert things("resource", "aws_lambda_function", STACK)["shop"]["logging_config"][0]["log_format"] == "Text"
