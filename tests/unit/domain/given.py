"""Given these events, when this is decided, then these events come of it, or this error."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import pytest

from core.domain.aggregate import Aggregate
from core.domain.errors import DomainError

A = TypeVar("A", bound=Aggregate)

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 9, 0, 0, 0, tzinfo=UTC)


def folded(state: A, *events: object) -> A:
    """Fold events into a state and give it back."""
    for event in events:
        state.evolve(event)
    return state


def given(kind: type[A], *events: object) -> "Given[A]":
    """Begin with the state that these events make."""
    return Given(folded(kind(), *events))


@dataclass(frozen=True)
class Given(Generic[A]):
    """A state to decide on."""

    state: A

    def when(self, decide: Callable[[A], object]) -> "When[A]":
        """Name the decision."""
        return When(self.state, decide)


@dataclass(frozen=True)
class When(Generic[A]):
    """A decision to be taken; whatever comes of it, deciding changes nothing."""

    state: A
    decide: Callable[[A], object]

    def then(self, *expected: object) -> None:
        """Expect exactly these events."""
        before = self.state.copy()
        decided = self.decide(self.state)
        assert (decided if isinstance(decided, list) else [decided]) == list(expected)
        assert self.state == before

    def then_nothing(self) -> None:
        """Expect that there is nothing to write."""
        self.then()

    def then_refused(self, error: type[DomainError], code: str, *sentence: str, **details: object) -> None:
        """Expect exactly this error, under this code, its sentence holding these words and its details these facts."""
        before = self.state.copy()
        with pytest.raises(DomainError) as refused:
            self.decide(self.state)
        assert (type(refused.value), refused.value.code) == (error, code)
        for words in sentence:
            assert words in str(refused.value)
        assert refused.value.details.items() >= details.items()
        assert self.state == before
