"""What is wrong with a field or a parameter, in words for people: the libraries' own speak of types and schemas."""

import re
from collections.abc import Mapping
from itertools import islice

from litestar.exceptions import ValidationException

WHOLE = "must be a whole number"
OF_FIELDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request",
    "int_type": WHOLE,
    "int_from_float": WHOLE,
    "string_type": "must be text",
    "string_unicode": "must not hold half a surrogate pair",
}
"""By pydantic's kind of error: https://docs.pydantic.dev/latest/errors/validation_errors/."""

OF_PARAMETERS = (
    (re.compile(r"Expected `int` >= (\d+)"), r"must be at least \1"),
    (re.compile(r"Expected `int` <= (\d+)"), r"must be at most \1"),
    (re.compile(r"Expected `int"), WHOLE),
)
"""By msgspec's sentence; it gives its errors no kind."""

NOT_VALID = "is not valid"

MOST_NAMED, LONGEST_NAME = 10, 100
"""Fields that an answer names, and characters of each name: both are the client's, so an answer could be longer than its request."""


def fields_of(error: ValidationException) -> dict[str, str]:
    """Say of every field or parameter what is wrong with it."""
    of_pydantic = getattr(error.__cause__, "errors", None)  # the framework keeps only the sentences itself
    if of_pydantic is not None:
        return {".".join(map(str, each["loc"])) or "body": _of_field(each) for each in of_pydantic}
    extra = error.extra if isinstance(error.extra, list) else []
    return {str(each.get("key", "request")): _of_parameter(str(each["message"])) for each in extra}


def named(fields: Mapping[str, str]) -> dict[str, str]:
    """Give the first of them, long names shortened."""
    return {shortened(name): complaint for name, complaint in islice(fields.items(), MOST_NAMED)}


def shortened(name: str) -> str:
    """Cut a name that is longer than anybody reads."""
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "..."


def sentence(fields: Mapping[str, str]) -> str:
    """Tell it all in one sentence, and of many how many more there are."""
    if not fields:
        return "The request is not valid."
    told = [f"{name}: {complaint}" for name, complaint in named(fields).items()]
    if len(fields) > len(told):
        told.append(f"and {len(fields) - len(told)} more")
    return f"Not valid: {'; '.join(told)}."


def _of_field(error: Mapping[str, object]) -> str:
    if error["type"] == "value_error":  # a rule of our own
        return str(error["msg"]).removeprefix("Value error, ")
    return OF_FIELDS.get(str(error["type"]), NOT_VALID)


def _of_parameter(message: str) -> str:
    for pattern, words in OF_PARAMETERS:
        if found := pattern.match(message):
            return found.expand(words)
    return NOT_VALID
