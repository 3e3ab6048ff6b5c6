"""A shop on DynamoDB, Kinesis and PostgreSQL: its settings for commands, each with tables, stream and database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.support.command import CREDENTIALS, ecshop
from tests.support.durable_shop import Variables
from tests.support.postgres_databases import empty_database


@contextmanager
def aws_settings(endpoint: str, server_url: str, *, shards: int = 1) -> Iterator[Variables]:
    """Give the settings of a shop on new tables, a new stream and a new database, made as an operator makes them."""
    name = uuid4().hex[:12]
    with empty_database(server_url) as url:
        settings = {
            "STORE": "dynamodb",
            "DATABASE_URL": url,
            "DYNAMODB_ENDPOINT": endpoint,
            "DYNAMODB_TABLE_NAME": f"events-{name}",
            "DYNAMODB_SNAPSHOT_TABLE_NAME": f"snapshots-{name}",
            "DYNAMODB_CLAIMS_TABLE_NAME": f"claims-{name}",
            "DYNAMODB_LEASES_TABLE_NAME": f"leases-{name}",
            "KINESIS_ENDPOINT": endpoint,
            "KINESIS_STREAM_NAME": f"ec-events-{name}",
            **CREDENTIALS,
        }
        for command in (["tables", "create"], ["stream", "create", "--shards", str(shards)], ["migrate"]):
            ended = ecshop(*command, **settings)
            assert ended.exit_code == 0, ended.stderr
        with pytest.MonkeyPatch.context() as variables:  # for what is opened in this process
            for variable, value in CREDENTIALS.items():
                variables.setenv(variable, value)
            yield settings
