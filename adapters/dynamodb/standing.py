"""How the tables are, for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from adapters.dynamodb.checks import describe

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class TableState(NamedTuple):
    """A table; `status` is empty where there is none. DynamoDB counts `items` anew each six hours or so."""

    name: str
    status: str = ""
    items: int = 0
    size_bytes: int = 0


def table_states(client: "DynamoDBClient", names: Iterable[str]) -> list[TableState]:
    """Look at the tables of these names.

    Raises:
        AWSProblem: DynamoDB is not reached or refuses.
    """
    found = []
    for name in names:
        told = describe(client, name) or {}
        state = (told.get("TableStatus", ""), told.get("ItemCount", 0), told.get("TableSizeBytes", 0))
        found.append(TableState(name, *state))
    return found
