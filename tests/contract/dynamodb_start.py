"""A start of the shop on DynamoDB that must be refused."""

from typing import TYPE_CHECKING

import pytest

from adapters.aws.client import AWSProblem
from adapters.dynamodb.checks import check_tables
from adapters.dynamodb.layout import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def problem_of(client: "DynamoDBClient", tables: Tables) -> str:
    """Give the sentence with which a start on these tables is refused."""
    with pytest.raises(AWSProblem) as problem:
        check_tables(client, tables)
    sentence = str(problem.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence
