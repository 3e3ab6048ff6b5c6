"""What every aggregate's state has in common: folding events, one method per event type."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar

Evolver = TypeVar("Evolver", bound=Callable[[Any, Any], None])
Recorded = TypeVar("Recorded")


def evolves(event_type: type) -> Callable[[Evolver], Evolver]:
    """Mark the method that folds events of this type."""

    def mark(method: Evolver) -> Evolver:
        method.__dict__["evolves"] = event_type
        return method

    return mark


@dataclass(slots=True)
class Aggregate:
    """The state of one stream; version 0 is the state without arguments. Decide methods return events, they change nothing."""

    schema_version: ClassVar[int] = 1
    """Of the state as it is saved; raise it when a fold or a field changes, and older snapshots are ignored."""

    snapshot_every: ClassVar[int] = 50
    """A snapshot is saved whenever the version passes a multiple of it."""

    _evolvers: ClassVar[dict[type, Callable[[Any, Any], None]]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the methods marked with `evolves`."""
        marked = {method.evolves: method for method in vars(cls).values() if hasattr(method, "evolves")}
        cls._evolvers = {**cls._evolvers, **marked}

    @classmethod
    def event_types(cls) -> tuple[type, ...]:
        """Every event type of this aggregate."""
        return tuple(cls._evolvers)

    def evolve(self, event: object) -> None:
        """Fold one event in. Never raises: any history is accepted, and events of other aggregates change nothing."""
        evolver = self._evolvers.get(type(event))
        if evolver is not None:
            evolver(self, event)

    def fold(self, recorded: Iterable[Recorded], event_of: Callable[[Recorded], object]) -> int:
        """Evolve over what was recorded, in order, `event_of` reading each; tell how many they were."""
        evolver_of, count = self._evolvers.get, 0
        for each in recorded:
            count += 1
            event = event_of(each)
            evolver = evolver_of(type(event))
            if evolver is not None:
                evolver(self, event)
        return count

    def copy(self) -> Self:
        """Give a state that can evolve without changing this one; a state with a mutable field copies that too."""
        return type(self)(*_fields_of(type(self))(self))  # type: ignore[arg-type] # a class can be a key, whatever its instances are


@cache
def _fields_of(kind: type[Aggregate]) -> Callable[[Aggregate], tuple[Any, ...]]:
    """Read all fields at once; `dataclasses.replace` takes three times as long, and a projector copies for each event."""
    return attrgetter(*(field.name for field in fields(kind)))
