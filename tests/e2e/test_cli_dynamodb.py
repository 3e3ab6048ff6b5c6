"""The commands that ask DynamoDB: what they do there, and which setting or credential they name when they cannot."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.layout import Tables
from adapters.serialization.event_items import event_key
from tests.support.command import CREDENTIALS, NO_CREDENTIALS, ecshop, free_port, says_no
from tests.support.commits import adding
from tests.support.dynamodb_shop import store_at
from tests.support.strangers import UNKNOWN_KEY, stranger

COMMANDS = [("tables", "create"), ("events", "a-stream")]
either = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture(scope="module")
def knows_nobody() -> Iterator[str]:
    """Give the address of what answers as AWS does to a key it does not know."""
    with stranger(400, UNKNOWN_KEY) as endpoint:
        yield endpoint


@either
def test_wrong_credentials_are_told(command: tuple[str, ...], knows_nobody: str) -> None:
    says_no(
        ecshop(*command, DYNAMODB_ENDPOINT=knows_nobody, **CREDENTIALS),
        "AWS_ACCESS_KEY_ID",
        "UnrecognizedClientException",
    )


@either
def test_missing_credentials_are_told(command: tuple[str, ...], knows_nobody: str) -> None:
    says_no(ecshop(*command, DYNAMODB_ENDPOINT=knows_nobody, **NO_CREDENTIALS), "AWS_ACCESS_KEY_ID", "AWS_PROFILE")


PROFILES = """
[profile failing]
credential_process = /bin/false
[profile logged-out]
sso_session = a-session
sso_account_id = 1
sso_role_name = a-role
[sso-session a-session]
sso_region = us-east-1
sso_start_url = https://example.invalid
[profile half]
aws_access_key_id = a-key
[profile lost]
role_arn = arn:aws:iam::1:role/a-role
source_profile = nope
[profile homeless]
role_arn = arn:aws:iam::1:role/a-role
web_identity_token_file = /nowhere
"""


@pytest.mark.parametrize("profile", ["nope", "failing", "logged-out", "half", "lost", "homeless"])
def test_a_profile_that_gives_no_credentials_is_told(profile: str, tmp_path: Path, knows_nobody: str) -> None:
    config = tmp_path / "config"
    config.write_text(PROFILES)
    settings = NO_CREDENTIALS | {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": profile, "HOME": str(tmp_path)}
    ended = ecshop("events", "a-stream", DYNAMODB_ENDPOINT=knows_nobody, **settings)
    says_no(ended, "AWS credentials cannot be used", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")
    assert "DYNAMODB" not in ended.stderr


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("value", ["hunter2\n", " hunter2", "hunter2鍵"])
def test_credentials_that_fit_no_header_are_told(name: str, value: str, knows_nobody: str) -> None:
    ended = ecshop("events", "a-stream", DYNAMODB_ENDPOINT=knows_nobody, **CREDENTIALS | {name: value})
    says_no(ended, "AWS credentials cannot be used", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")
    assert "hunter2" not in ended.stderr
    assert "DYNAMODB" not in ended.stderr


@either
def test_an_endpoint_that_is_not_there_is_told(command: tuple[str, ...]) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    says_no(ecshop(*command, DYNAMODB_ENDPOINT=endpoint, **CREDENTIALS), "DYNAMODB_ENDPOINT", endpoint)


@either
def test_an_endpoint_that_cannot_be_one_is_told(command: tuple[str, ...]) -> None:
    says_no(ecshop(*command, DYNAMODB_ENDPOINT="localhost", **CREDENTIALS), "DYNAMODB_ENDPOINT", "'localhost'")


@either
def test_a_region_that_cannot_be_one_is_told(command: tuple[str, ...]) -> None:
    says_no(ecshop(*command, DYNAMODB_REGION="no region", **CREDENTIALS), "DYNAMODB_REGION", "no region")


@pytest.fixture
def settings(ministack_endpoint: str) -> dict[str, str]:
    """Name tables that are not there yet."""
    names = {
        "DYNAMODB_TABLE_NAME": f"{uuid4()}-events",
        "DYNAMODB_SNAPSHOT_TABLE_NAME": f"{uuid4()}-snapshots",
        "DYNAMODB_CLAIMS_TABLE_NAME": f"{uuid4()}-claims",
    }
    # A busy machine may answer late, and the time for one answer is a part of the budget.
    return names | CREDENTIALS | {"DYNAMODB_ENDPOINT": ministack_endpoint, "COMMIT_BUDGET": "60"}


def tables(settings: dict[str, str]) -> Tables:
    """Give their names."""
    return Tables(*[name for setting, name in settings.items() if "TABLE" in setting])


@pytest.mark.ministack
def test_tables_are_made_once(settings: dict[str, str]) -> None:
    says_no(
        ecshop("events", "a-stream", **settings),
        "DYNAMODB_TABLE_NAME",
        settings["DYNAMODB_TABLE_NAME"],
        "ecshop tables create",
    )

    made = ecshop("tables", "create", **settings)
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.splitlines() == [f"{name}: created" for name in tables(settings)]
    again = json.loads(ecshop("tables", "create", "--json", **settings).stdout)
    assert again == [{"table": name, "created": False} for name in tables(settings)]

    says_no(ecshop("events", "a-stream", **settings), "a-stream")


@pytest.mark.ministack
def test_events_are_read_from_the_tables(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.cli.stored_history.PAGE", 2)
    ecshop("tables", "create", **settings)
    store = store_at(settings["DYNAMODB_ENDPOINT"], tables(settings))
    for version in range(5):
        store.commit(adding(to="inventory-tea", at_version=version))

    told = json.loads(ecshop("events", "inventory-tea", "--json", **settings).stdout)
    assert [(event["version"], event["event_type"]) for event in told] == [(n, "StockAdded") for n in range(1, 6)]
    state = ecshop("events", "inventory-tea", "--at-version", "3", **settings)
    assert "Inventory inventory-tea after 3 events" in state.stdout
    assert "total: 3" in state.stdout


@pytest.mark.ministack
def test_an_event_that_is_not_what_its_type_says_is_told(settings: dict[str, str]) -> None:
    ecshop("tables", "create", **settings)
    store_at(settings["DYNAMODB_ENDPOINT"], tables(settings)).commit(adding(to="inventory-tea", at_version=0))
    client = dynamodb_client("ap-northeast-1", settings["DYNAMODB_ENDPOINT"], credentials=("test", "test"))
    client.update_item(
        TableName=tables(settings).events,
        Key=event_key("inventory-tea", 1),
        UpdateExpression="SET #data = :nothing",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":nothing": {"S": "{}"}},
    )

    says_no(ecshop("events", "inventory-tea", "--at-version", "1", **settings), "StockAdded version 1 of inventory-tea")
    assert ecshop("events", "inventory-tea", **settings).exit_code == 0
