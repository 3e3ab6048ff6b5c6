"""Reading the answer to a write: on which items did which conditions fail, and does the answer show all there is to see?"""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.failures import code
from adapters.dynamodb.operations import Operation
from adapters.serialization.event_items import Item

PASSED = "None"
FAILED = "ConditionalCheckFailed"


def failed_conditions(
    operations: Sequence[Operation], error: BotoCoreError | ClientError
) -> list[tuple[Operation, Item]]:
    """Give the operations whose condition failed, each with the item it failed on; none where the answer is of another kind."""
    return [
        (operation, reason.get("Item") or {})
        for operation, reason in _by_operation(operations, error)
        if reason["Code"] == FAILED
    ]


def hides_something(operations: Sequence[Operation], error: BotoCoreError | ClientError) -> bool:
    """Tell whether what stands at a place that the commit writes to is not shown, so that its own earlier success may be there.

    A transaction names a reason for each operation, and one that met TransactionConflict was not compared with its item.
    """
    return any(
        operation.action == "Put" and reason["Code"] != PASSED and not reason.get("Item")
        for operation, reason in _by_operation(operations, error)
    )


def _by_operation(
    operations: Sequence[Operation], error: BotoCoreError | ClientError
) -> list[tuple[Operation, dict[str, Any]]]:
    """Give each operation with its reason: they come in the operations' order."""
    response: dict[str, Any] = dict(error.response) if isinstance(error, ClientError) else {}
    if code(error) == "ConditionalCheckFailedException":  # a plain write, with one item
        return [(operations[0], {"Code": FAILED, "Item": response.get("Item")})]
    return list(zip(operations, response.get("CancellationReasons", []), strict=False))
