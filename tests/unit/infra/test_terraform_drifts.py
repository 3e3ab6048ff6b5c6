"""What a second plan wants to change is told by kind and argument, whatever it is."""

from typing import Any

import pytest

from tests.support.terraform_drifts import drifts


def change(actions: list[str], before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    """Give a plan of one resource, as terraform shows it."""
    return {
        "resource_changes": [{"type": "aws_queue", "change": {"actions": actions, "before": before, "after": after}}]
    }


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        (change(["no-op"], {"name": "a"}, {"name": "a"}), {}),
        (change(["read"], None, {"name": "a"}), {}),
        (change(["update"], {"name": "a", "size": 1}, {"name": "a", "size": 2}), {("aws_queue", "size"): 1}),
        (change(["update"], {"policy": "known"}, {}), {("aws_queue", "policy"): 1}),
        (
            change(["update"], {"block": [{"zone": "", "size": 1}]}, {"block": [{"zone": "UTC", "size": 1}]}),
            {("aws_queue", "block.zone"): 1},
        ),
        (change(["update"], {"list": [{"a": 1}]}, {"list": []}), {("aws_queue", "list"): 1}),
        (change(["create"], None, {"name": "a"}), {("aws_queue", "create"): 1}),
        (
            change(["delete", "create"], {"name": "a"}, {"name": "b"}),
            {("aws_queue", "delete"): 1, ("aws_queue", "create"): 1},
        ),
    ],
)
def test_each_change_has_its_kind_and_argument(plan: dict[str, Any], found: dict[tuple[str, str], int]) -> None:
    assert drifts(plan) == found
