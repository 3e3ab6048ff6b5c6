"""Why a command is refused: four kinds of error, and bounds that several aggregates share."""

from typing import ClassVar


class DomainError(Exception):
    """A rule refuses the command. The text is a sentence for people, `code` a name and `details` the facts for programs."""

    code: ClassVar[str] = "refused"

    def __init__(self, sentence: str, **details: object) -> None:
        """Keep the sentence and the facts."""
        super().__init__(sentence)
        self.details = details


class NotFound(DomainError):
    """What the command names does not exist, or no longer does."""

    code = "not_found"


class Invalid(DomainError):
    """A value is outside its bounds."""

    code = "invalid"


class Forbidden(DomainError):
    """It exists, but is not the caller's."""

    code = "forbidden"


class NotNow(DomainError):
    """The state of things does not allow it."""

    code = "not_now"


TOLD_BELOW = 10**20
"""A refusal repeats a number up to here; a longer one helps nobody."""


def bounded(field: str, value: int, lowest: int, highest: int) -> None:
    """Refuse a number out of bounds.

    Raises:
        Invalid: naming the field and its bounds.
    """
    if not lowest <= value <= highest:
        instead = f", not {value:,}" if abs(value) < TOLD_BELOW else ""
        raise Invalid(f"{field} must be {lowest:,} to {highest:,}{instead}", field=field)


def bounded_text(field: str, value: str, shortest: int, longest: int) -> None:
    """Refuse a text that is too short or too long, counted in code points, or holds a NUL or half a surrogate pair.

    PostgreSQL cannot store the first, UTF-8 cannot write the second.

    Raises:
        Invalid: naming the field and its bounds.
    """
    if not shortest <= len(value) <= longest:
        raise Invalid(f"{field} must be {shortest:,} to {longest:,} characters long, not {len(value):,}", field=field)
    if "\0" in value:
        raise Invalid(f"{field} must not hold a NUL character", field=field)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"{field} must not hold half a surrogate pair", field=field) from error
