"""Tables and stream: what `ecshop tables create` makes on a laptop, Terraform makes on AWS."""

from typing import Any

import pytest

from adapters.dynamodb.layout import CLAIMS, EVENTS, SNAPSHOTS, TTL_ATTRIBUTE
from tests.support.terraform_source import local_values, resources, sources

STACK = sources()
TABLES = resources("aws_dynamodb_table", STACK)


def keys(thing: dict[str, Any]) -> list[dict[str, str]]:
    """Give the keys of a table or index as DynamoDB writes them."""
    sort = [{"AttributeName": thing["range_key"], "KeyType": "RANGE"}] if "range_key" in thing else []
    return [{"AttributeName": thing["hash_key"], "KeyType": "HASH"}, *sort]


def layout(table: dict[str, Any]) -> dict[str, Any]:
    """Give a table of the stack as `CreateTable` wants it."""
    attributes = [{"AttributeName": each["name"], "AttributeType": each["type"]} for each in table["attribute"]]
    indexes = [
        {
            "IndexName": index["name"],
            "KeySchema": keys(index),
            "Projection": {"ProjectionType": index["projection_type"]},
        }
        for index in table.get("global_secondary_index", [])
    ]
    made = {"KeySchema": keys(table), "AttributeDefinitions": attributes}
    return made | ({"GlobalSecondaryIndexes": indexes} if indexes else {})


@pytest.mark.parametrize(("name", "wanted"), [("events", EVENTS), ("snapshots", SNAPSHOTS), ("claims", CLAIMS)])
def test_a_table_has_the_keys_and_indexes_that_the_adapter_asks_for(name: str, wanted: dict[str, Any]) -> None:
    assert layout(TABLES[name]) == wanted


def test_leases_are_found_by_their_name() -> None:
    assert layout(TABLES["leases"]) == {
        "KeySchema": [{"AttributeName": "lease", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "lease", "AttributeType": "S"}],
    }


def test_every_table_is_paid_by_request_and_can_be_restored_and_protected() -> None:
    assert set(TABLES) == {"events", "snapshots", "claims", "leases"}
    for name, table in TABLES.items():
        assert table["billing_mode"] == "PAY_PER_REQUEST", name
        assert table["point_in_time_recovery"] == [{"enabled": True}], name
        assert table["deletion_protection_enabled"] == "${var.deletion_protection}", name


def test_only_claims_expire() -> None:
    assert {name: table["ttl"] for name, table in TABLES.items() if "ttl" in table} == {
        "claims": [{"attribute_name": TTL_ATTRIBUTE, "enabled": True}]
    }


def test_the_stream_keeps_records_for_a_week_and_encrypts_them() -> None:
    stream = resources("aws_kinesis_stream", STACK)["events"]

    assert stream["retention_period"] == 168
    assert stream["encryption_type"] == "KMS"
    assert stream["kms_key_id"] == "alias/aws/kinesis"


def test_changes_carry_their_time_in_microseconds() -> None:
    destination = resources("aws_dynamodb_kinesis_streaming_destination", STACK)["events"]

    assert destination["approximate_creation_date_time_precision"] == "MICROSECOND"
    assert destination["table_name"] == "${aws_dynamodb_table.events.name}"
    assert destination["stream_arn"] == "${aws_kinesis_stream.events.arn}"


def test_the_archive_is_partitioned_by_time_and_grows_cold() -> None:
    writer = resources("aws_kinesis_firehose_delivery_stream", STACK)["archive"]["extended_s3_configuration"][0]
    rule = resources("aws_s3_bucket_lifecycle_configuration", STACK)["archive"]["rule"][0]

    assert local_values(STACK)["archived"] == "${var.archive ? 1 : 0}"
    assert writer["prefix"].startswith("events/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/")
    assert writer["error_output_prefix"].startswith("errors/!{firehose:error-output-type}/")
    assert [(each["days"], each["storage_class"]) for each in rule["transition"]] == [
        (30, "STANDARD_IA"),
        (90, "GLACIER"),
    ]
