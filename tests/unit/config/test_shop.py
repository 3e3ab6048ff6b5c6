"""The shop as it is put together: what is set reaches the part that it is for."""

import pytest
from dependency_injector import providers

from config.settings import load_settings
from config.shop import Shop
from core.application.executor import Context
from core.application.products import CreateProduct
from core.ports.event_store import Conflict
from tests.contract.harness import Failpoints
from tests.support.in_process import faulty
from tests.unit.application.shop import Clock


@pytest.mark.parametrize("seconds", [1, 40])
def test_a_command_that_keeps_losing_races_is_given_up_after_the_commit_budget(
    seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMIT_BUDGET", str(seconds))
    clock, shop = Clock(), Shop(settings=load_settings())
    shop.environment.override(providers.Object(clock.environment(Failpoints())))
    faulty(shop.event_store, "commit").failure = Conflict("somebody was faster")

    with pytest.raises(Conflict):
        shop.commands().run(CreateProduct("tea", "煎茶", "", 1_080, 1), Context())

    longest_pause = 0.25
    assert seconds <= clock.seconds < seconds + longest_pause
