"""A shop that is broken on purpose: the comparison reports it, or it proves nothing."""

from collections.abc import Callable

import pytest

from entrypoints.comparison.expectations import EXPECTED
from tests.integration.comparison.cells import many
from tests.integration.comparison.sabotages import ALL, Sabotage

pytestmark = [pytest.mark.mutants, pytest.mark.soak, pytest.mark.timeout(900)]

SCHEDULES = 50


@pytest.mark.parametrize("sabotage", ALL, ids=[sabotage.name for sabotage in ALL])
def test_a_broken_shop_is_reported(
    sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch, how_many: Callable[[int, int], int]
) -> None:
    sabotage.break_it(monkeypatch)

    result = many(sabotage.design, sabotage.consumer, how_many(SCHEDULES, 200))
    (cell,) = result["cells"]

    assert any(cell[name] for name in sabotage.figures), {name: cell[name] for name in sabotage.figures}
    assert {each["figure"] for each in result["broken"]} & set(sabotage.figures)
    assert set(sabotage.figures) <= set(EXPECTED[sabotage.design, sabotage.consumer].zero)


def test_there_are_enough_of_them() -> None:
    assert len({sabotage.name for sabotage in ALL}) == len({sabotage.break_it for sabotage in ALL}) >= 15
