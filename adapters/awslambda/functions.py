"""Which functions there are, and what feeds them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from adapters.aws.problems import explained
from adapters.aws.services import LAMBDA

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class Mapping(NamedTuple):
    """What feeds a function from a stream: its state (`Enabled` where it works) and how its last batch went, in Lambda's words."""

    source: str
    state: str
    last_result: str


class Function(NamedTuple):
    """A function; `state` is `Active` where it works, or `Inactive` where Lambda put it to rest until the next call."""

    name: str
    state: str
    runtime: str
    changed_at: str
    mappings: Sequence[Mapping]


def functions_of(client: "LambdaClient", prefix: str) -> list[Function]:
    """List the functions whose names begin so, by name.

    Raises:
        AWSProblem: Lambda is not reached or refuses.
    """

    def look() -> list[Function]:
        pages = client.get_paginator("list_functions").paginate()
        names = [each["FunctionName"] for page in pages for each in page["Functions"]]
        return [_function(client, name) for name in sorted(names) if name.startswith(prefix)]

    return explained(LAMBDA, client, look)


def _function(client: "LambdaClient", name: str) -> Function:
    # A list does not tell the state.
    told = client.get_function_configuration(FunctionName=name)
    pages = client.get_paginator("list_event_source_mappings").paginate(FunctionName=name)
    mappings = [
        Mapping(
            each.get("EventSourceArn", "").rpartition("/")[2],
            each.get("State", ""),
            each.get("LastProcessingResult", ""),
        )
        for page in pages
        for each in page["EventSourceMappings"]
    ]
    return Function(name, told.get("State", ""), told.get("Runtime", ""), told.get("LastModified", ""), mappings)
