"""Putting functions onto an emulator. On AWS, Terraform does it, with roles, alarms and limits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.exceptions import ClientError

from adapters.aws.failures import FAILURES, code
from adapters.aws.problems import problem
from adapters.aws.services import LAMBDA

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_lambda.literals import ArchitectureType, RuntimeType

ROLE = "arn:aws:iam::000000000000:role/ecshop-local"
"""An emulator looks at the form of a role alone."""

BATCH = 100
"""Records."""


class Deployment(NamedTuple):
    """A function to be: `archive` is its zip, `handler` what is called in it, `seconds` how long a call may take."""

    name: str
    archive: bytes
    handler: str
    runtime: str
    architecture: str
    variables: Mapping[str, str]
    seconds: int = 60


def deploy(client: "LambdaClient", function: Deployment, stream_arn: str) -> None:
    """Make the function anew, and have the stream feed it from its beginning, or from where it was.

    Raises:
        AWSProblem: Lambda is not reached or refuses.
    """
    try:
        _make(client, function)
        if not client.list_event_source_mappings(FunctionName=function.name)["EventSourceMappings"]:
            client.create_event_source_mapping(
                FunctionName=function.name,
                EventSourceArn=stream_arn,
                StartingPosition="TRIM_HORIZON",
                BatchSize=BATCH,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            )
    except FAILURES as error:
        raise problem(LAMBDA, client, error) from error


def _make(client: "LambdaClient", function: Deployment) -> None:
    try:
        client.delete_function(FunctionName=function.name)
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
    client.create_function(
        FunctionName=function.name,
        Runtime=cast("RuntimeType", function.runtime),
        Architectures=[cast("ArchitectureType", function.architecture)],
        Role=ROLE,
        Handler=function.handler,
        Code={"ZipFile": function.archive},
        Timeout=function.seconds,
        MemorySize=512,
        Environment={"Variables": dict(function.variables)},
    )


def cut_off(client: "LambdaClient", prefix: str) -> None:
    """Have nothing feed the functions whose names begin so.

    Raises:
        AWSProblem: Lambda is not reached or refuses.
    """
    try:
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            if mapping["FunctionArn"].rpartition(":")[2].startswith(prefix):
                client.delete_event_source_mapping(UUID=mapping["UUID"])
    except FAILURES as error:
        raise problem(LAMBDA, client, error) from error
