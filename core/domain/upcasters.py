"""How data of an older schema becomes that of the next: one function per event type and the schema version it comes from.

Version 0 is what was written before events carried a schema version; it left empty texts out.
"""

from collections.abc import Callable, Mapping
from typing import Any


def _defaults(**values: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: {**values, **data}


UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {
    ("ProductCreated", 0): _defaults(description=""),
    ("ProductUpdated", 0): _defaults(description=""),
    ("OrderCancelled", 0): _defaults(reason=""),
    ("OrderCancelled", 1): _defaults(cancelled_by=""),
    ("CartCleared", 1): _defaults(order_id=""),
}
