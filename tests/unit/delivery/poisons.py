"""Events that cannot be applied, each made and mended in its way, and the look of a stream that waits for one."""

from collections.abc import Callable

import pytest

from core.ports.projection_store import Parked
from tests.unit.delivery.scene import Scene


def undecodable(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Break the event's data; the result mends it."""
    good = scene.event(stream, version).data
    scene.replace(stream, version, data=b'{"quantity": "many"}')
    return lambda: scene.replace(stream, version, data=good)


def fold_raises(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have a bug in the fold; the result mends it."""
    scene.fold.bugs.add((stream, version))
    return scene.fold.bugs.clear


def newer_schema(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have the event written by newer code; the result is the newer code."""
    scene.replace(stream, version, schema_version=99)
    return lambda: scene.replace(stream, version, schema_version=1)


def row_refused(scene: Scene, stream: str, version: int) -> Callable[[], None]:
    """Have the event lead to a row that no table holds; the result mends it."""
    good = scene.event(stream, version).data
    scene.replace(stream, version, data=good.replace(b'"quantity":', b'"quantity":1000000000000000000000'))
    return lambda: scene.replace(stream, version, data=good)


POISON = [undecodable, fold_raises, newer_schema, row_refused]
Poison = Callable[[Scene, str, int], Callable[[], None]]

poisoned = pytest.mark.parametrize("poison", POISON, ids=lambda poison: poison.__name__)


def parked_at(scene: Scene, stream: str, version: int, attempts: int, newest: int) -> bool:
    """Tell whether a stream waits like this, with a reason."""
    parked = scene.parked(stream)
    return (
        parked is not None and bool(parked.error) and parked == Parked(stream, version, parked.error, attempts, newest)
    )
