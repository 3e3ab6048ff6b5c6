"""What a second plan wants to change, and what of it is the emulator's."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

DRIFTS = {
    # The emulator keeps alarms whole (boto3 reads them so), but its answers in XML, which the provider reads, leave these out.
    ("aws_cloudwatch_metric_alarm", "actions_enabled"),
    ("aws_cloudwatch_metric_alarm", "alarm_actions"),
    ("aws_cloudwatch_metric_alarm", "alarm_description"),
    ("aws_cloudwatch_metric_alarm", "dimensions"),
    ("aws_cloudwatch_metric_alarm", "ok_actions"),
    ("aws_cloudwatch_metric_alarm", "period"),
    ("aws_cloudwatch_metric_alarm", "statistic"),
    ("aws_cloudwatch_metric_alarm", "treat_missing_data"),
    # It forgets the tags that a stream is made with; the consumers' rights are worked out again after a change of the stream.
    ("aws_kinesis_stream", "tags_all"),
    ("aws_iam_role_policy", "policy"),
    # It does not tell the time zone of an archive's prefix, UTC where none is set.
    ("aws_kinesis_firehose_delivery_stream", "extended_s3_configuration.custom_time_zone"),
}
"""What a second plan may want to change, by the kind of resource and its argument: what the emulator forgets, and why."""


def drifts(plan: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Count what a plan would change, by the kind of resource and its argument, or what would be done to the whole of it."""
    found: Counter[tuple[str, str]] = Counter()
    for each in plan["resource_changes"]:
        actions, before, after = (each["change"][part] for part in ("actions", "before", "after"))
        if actions == ["update"]:
            found.update((each["type"], name) for name in _changed(before, after))
        elif actions not in (["no-op"], ["read"]):
            found.update((each["type"], action) for action in actions)
    return found


def _changed(before: dict[str, Any], after: dict[str, Any], block: str = "") -> Iterator[str]:
    """Give the arguments that differ, those of a block after its name."""
    for name, was in before.items():
        will_be: Any = after.get(name)
        if was == will_be:
            continue
        if all(isinstance(each, list) and len(each) == 1 and isinstance(each[0], dict) for each in (was, will_be)):
            yield from _changed(was[0], will_be[0], f"{block}{name}.")
        else:
            yield block + name
