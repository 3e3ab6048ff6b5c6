"""What a report is made from, small: a real run of the simulation, and hands to change it with."""

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

from entrypoints.comparison.comparing import Wish, compare

Data = dict[str, Any]
CELLS = (("cdc", "doorbell+reconcile"), ("dual-write", "naive"), ("publish-first", "doorbell"))


@cache
def _ran() -> Data:
    return compare(Wish(seed=1, schedules=2, orders=4, cells=CELLS))


def a_run(change: Callable[[Data], object] = lambda _data: None) -> Data:
    """Give the figures of a real run of three cells, changed."""
    data = copy.deepcopy(_ran()) | {"void": False, "unfired": [], "broken": [], "schedules": 50}
    for cell in data["cells"]:
        cell["schedules"] = 50
    change(data)
    return data


def cell(data: Data, design: str) -> Data:
    """Give the cell of a design."""
    (found,) = (each for each in data["cells"] if each["design"] == design)
    return found  # type: ignore[no-any-return]
