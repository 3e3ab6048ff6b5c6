"""The Terraform sources of the AWS stack, parsed, and what in them may be wide."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

FOLDER = Path(__file__).parents[2] / "infra" / "terraform"
EXAMPLES = ("development", "production")

AS_PYTHON = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)

ALLOWED_WIDE = {
    # Lambda names the streams of a log, one for each machine that runs the function; the log is the function's own.
    ("data.aws_iam_policy_document.logs", "${aws_cloudwatch_log_group.function[each.key].arn}:log-stream:*"),
    # An interface has no name before it is made, and EC2 lets nobody describe only some. AWS's own policy for VPCs grants the same.
    ("data.aws_iam_policy_document.network", "*"),
    # The objects of the archive's own bucket; their names are those of hours to come.
    ("data.aws_iam_policy_document.archive", "${aws_s3_bucket.archive[0].arn}/*"),
    # A shop is open to everybody; the API asks for tokens itself. The second right holds only for calls through the URL.
    ("aws_lambda_permission.url", "*"),
    ("aws_lambda_permission.through_url", "*"),
}
"""Where a `*` stands in a right, and what it is part of; the comment says why it may."""

GRANTS_BESIDE_DOCUMENTS = {
    "aws_iam_policy",
    "aws_iam_policy_attachment",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy",
    "aws_kms_grant",
    "aws_kms_key_policy",
    "aws_s3_bucket_policy",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
}
"""Kinds that could give rights past the documents that the tests read; the stack has none of them."""


def read(text: str) -> dict[str, Any]:
    """Parse a source."""
    return hcl2.loads(text, serialization_options=AS_PYTHON)


@cache
def sources() -> list[dict[str, Any]]:
    """Parse all sources of the stack."""
    return [read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.tf"))]


def blocks(kind: str, parsed: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the blocks with one label, such as `variable`, by their label."""
    return {name: body for source in parsed for block in source.get(kind, []) for name, body in block.items()}


def things(kind: str, of: str, parsed: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the resources or data of one type by their names."""
    return {
        name: body
        for source in parsed
        for block in source.get(kind, [])
        for type_, named in block.items()
        if type_ == of
        for name, body in named.items()
    }


def resources(of: str, parsed: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Give the resources of one type by their names."""
    return things("resource", of, sources() if parsed is None else parsed)


def types(parsed: list[dict[str, Any]]) -> set[str]:
    """Give the types of all resources."""
    return {type_ for source in parsed for block in source.get("resource", []) for type_ in block}


def local_values(parsed: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Give the local values."""
    found = sources() if parsed is None else parsed
    return {name: value for source in found for block in source.get("locals", []) for name, value in block.items()}


def texts(value: object) -> Iterator[str]:
    """Give every text in a value, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts(each)
        case list():
            for each in value:
                yield from texts(each)


def rights(parsed: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Give each place that grants rights, with each text in it."""
    documents = things("data", "aws_iam_policy_document", parsed)
    permissions = things("resource", "aws_lambda_permission", parsed)
    return {
        (f"{place}.{name}", text)
        for place, found in (("data.aws_iam_policy_document", documents), ("aws_lambda_permission", permissions))
        for name, body in found.items()
        for text in texts(body)
    }


def wide(parsed: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Give each place that grants rights with a `*`, and the text that has it."""
    return {(place, text) for place, text in rights(parsed) if "*" in text}
