"""The JSON of a body, read strictly: what programs disagree about, or what no request can mean, is refused."""

import json
from typing import Any

from entrypoints.http.complaints import shortened
from entrypoints.http.problems import Problem

MOST_FIELDS = 50
"""Fields of a body that are looked at one by one; no request has a tenth of them."""

LONGEST_INTEGER = 100
"""Characters of an integer that are looked at; no bound has so many."""


def object_of(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        Problem: it is none, in UTF-8; a key stands twice, or there are more than any request has; it has numbers that JSON does not know.
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_int=_integer, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "malformed_json", "The body is not valid JSON in UTF-8.") from error
    if not isinstance(value, dict):
        raise Problem(400, "malformed_json", "The body must be a JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_FIELDS:
        words = f"The body has an object of {len(pairs):,} fields; no request takes more than {MOST_FIELDS}."
        raise Problem(400, "too_many_fields", words)
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Problem(400, "duplicate_key", f"The key {shortened(key)!r} stands twice in the body.")
        found[key] = value
    return found


def _integer(text: str) -> int:
    # Python reads no more than 4,300 digits. What is left of these is out of bounds just so, and the rule names the field.
    return int(text[:LONGEST_INTEGER])


def _no_such_number(name: str) -> None:
    raise Problem(400, "malformed_json", f"{name} is not a number in JSON.")
