"""Endpoints, credentials, rights and regions that cannot be meant, and in which words a start on them is refused."""

import boto3
import pytest

from adapters.aws.client import AWSProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.client import dynamodb_client
from adapters.dynamodb.tables import create_tables
from tests.contract.dynamodb_harness import DynamoDBHarness, client_of, fresh_names
from tests.contract.dynamodb_start import problem_of
from tests.support.faulty_proxy import Fault, lose_request, refuse, show_a_page


def test_an_endpoint_that_does_not_answer_is_named(dynamodb: DynamoDBHarness) -> None:
    endpoint = dynamodb.free_endpoint()

    for act in (check_tables, lambda client, tables: create_tables(client, tables, dynamodb.environment)):
        with pytest.raises(AWSProblem) as problem:
            act(client_of(endpoint), dynamodb.tables)
        assert endpoint in str(problem.value)
        assert "DYNAMODB_ENDPOINT" in str(problem.value)
        assert "DYNAMODB_REGION" in str(problem.value)


@pytest.mark.parametrize("fault", [lose_request, show_a_page])
def test_an_endpoint_that_is_no_dynamodb_is_named(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    dynamodb.proxy.on(("DescribeTable",), fault)

    assert "DYNAMODB_ENDPOINT" in problem_of(dynamodb.client, dynamodb.tables)


@pytest.mark.parametrize("operation", ["DescribeTable", "Scan"])
@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"])
def test_wrong_credentials_are_named(dynamodb: DynamoDBHarness, operation: str, code: str) -> None:
    dynamodb.proxy.on((operation,), refuse(code))

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert code in sentence
    assert "AWS_ACCESS_KEY_ID" in sentence
    assert "AWS_SECRET_ACCESS_KEY" in sentence


def test_rights_that_are_missing_are_named(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on(("DescribeTable",), refuse("AccessDeniedException"))

    assert "AWS credentials may not do this" in problem_of(dynamodb.client, dynamodb.tables)


def test_any_other_refusal_is_told_as_dynamodb_says_it(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on(("DescribeTable",), refuse("ValidationException"))

    sentence = problem_of(dynamodb.client, dynamodb.tables)

    assert "ValidationException: says the test" in sentence
    assert "DYNAMODB_ENDPOINT" in sentence


@pytest.mark.moto
def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch, moto_endpoint: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    sentence = problem_of(dynamodb_client("ap-northeast-1", moto_endpoint), fresh_names())

    assert "AWS_ACCESS_KEY_ID" in sentence


@pytest.mark.memory
@pytest.mark.parametrize(
    ("region", "endpoint", "setting"),
    [("ap-northeast-1", "localhost:8000", "DYNAMODB_ENDPOINT"), ("not a region", None, "DYNAMODB_REGION")],
)
def test_a_region_or_an_endpoint_that_cannot_be_meant_is_named(region: str, endpoint: str | None, setting: str) -> None:
    with pytest.raises(AWSProblem, match=setting):
        dynamodb_client(region, endpoint, credentials=("test", "test"))


@pytest.mark.memory
@pytest.mark.parametrize("empty", [None, ""])
def test_no_endpoint_is_aws_whatever_else_is_configured(monkeypatch: pytest.MonkeyPatch, empty: str | None) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    client = dynamodb_client("ap-northeast-1", empty, credentials=("test", "test"))

    assert client.meta.endpoint_url == "https://dynamodb.ap-northeast-1.amazonaws.com"
