"""Generations of rows: a new one is built beside the one that people read, then takes its place."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

GenerationStatus = Literal["building", "live", "retired"]


class GenerationsRefused(Exception):
    """The generations are not in the state for this; the text is a sentence. Nothing was changed."""


class Generation(NamedTuple):
    """One set of rows with its cursors. `folds` is the version of the folds that fill it."""

    number: int
    folds: int
    status: GenerationStatus


class Generations(Protocol):
    """The registry of generations. A new store has number 1, live. All of it raises `ProjectionUnavailable` when it is not reached."""

    def generations(self) -> Sequence[Generation]:
        """List them by number, retired ones until they are dropped."""

    def passed(self, number: int | None = None) -> int:
        """Count the events that the cursors of a generation, or of the live one, have passed: how much there is to replay, about."""

    def begin(self, folds: int) -> Generation:
        """Register the next generation as building, with empty rows; give the one that is building already, to go on with it.

        When this returns, no batch is under way that does not know of it: a batch begins under a shared lock and then reads the
        registry, and this takes the lock exclusively once.

        Raises:
            GenerationsRefused: one of other folds is building.
        """

    def swap(self, number: int) -> None:
        """Have people read this generation from one moment on, without a failed read; the one before is retired.

        Raises:
            GenerationsRefused: it is not building.
        """

    def drop(self, number: int) -> None:
        """Remove a generation with its rows and cursors.

        Raises:
            GenerationsRefused: it is live, or there is none of this number.
        """
