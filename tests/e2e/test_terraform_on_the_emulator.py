"""The stack, applied to an emulator by the real terraform: an order, a second plan, and nothing left after `destroy`."""

from pathlib import Path

import pytest

from tests.support.terraform import needs_provider
from tests.support.terraform_rehearsal import rehearse
from tests.support.terraform_source import EXAMPLES


@needs_provider
@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_stack_comes_serves_an_order_and_goes(
    example: str, postgres_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("--soak"):
        pytest.skip("takes minutes: make soak runs it")
    told: list[str] = []

    rehearse(example, postgres_url, tmp_path, told.append)

    assert len([line for line in told if line.startswith("Apply complete!")]) == 1
