"""What `config` makes of COMMIT_BUDGET: how long the store and the executor go on, and how long one request may take."""

import pytest
from dependency_injector import providers

from adapters.system.environment import system_environment
from config.dynamodb import open_event_store
from config.settings import load_settings
from config.shop import Shop
from core.application.products import CreateProduct
from core.ports.event_store import Conflict, EventStore, StoreUnavailable
from core.ports.retries import LONGEST_PAUSE
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import FOREVER, dynamodb_of_ministack, one_event, stored_by
from tests.support.faulty_proxy import refuse, say_nothing
from tests.support.in_process import faulty
from tests.support.pauses import Pauses

dynamodb = dynamodb_of_ministack


def store_of(dynamodb: DynamoDBHarness, monkeypatch: pytest.MonkeyPatch) -> EventStore:
    """Open the store that the environment's variables name: the one behind the proxy."""
    named = {
        "DYNAMODB_TABLE_NAME": dynamodb.tables.events,
        "DYNAMODB_SNAPSHOT_TABLE_NAME": dynamodb.tables.snapshots,
        "DYNAMODB_CLAIMS_TABLE_NAME": dynamodb.tables.claims,
        "DYNAMODB_ENDPOINT": dynamodb.proxy.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    return open_event_store(load_settings())


@pytest.mark.ministack
def test_a_request_that_is_never_answered_is_tried_again_within_the_budget(
    dynamodb: DynamoDBHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, commit = store_of(dynamodb, monkeypatch), one_event()
    dynamodb.proxy.on_writes(say_nothing)

    store.commit(commit)

    assert stored_by(dynamodb, "s") == [commit.id]


@pytest.mark.ministack
@pytest.mark.parametrize("budget", [1.5, 4.0])
def test_the_store_goes_on_for_the_budget_that_is_set(
    dynamodb: DynamoDBHarness, monkeypatch: pytest.MonkeyPatch, budget: float
) -> None:
    time = Pauses()
    monkeypatch.setenv("COMMIT_BUDGET", str(budget))
    monkeypatch.setattr("config.dynamodb.system_environment", lambda: time.within(system_environment()))
    store = store_of(dynamodb, monkeypatch)
    dynamodb.proxy.on_writes(*[refuse("ThrottlingException")] * FOREVER)

    with pytest.raises(StoreUnavailable):
        store.commit(one_event())

    assert budget - LONGEST_PAUSE <= time.seconds < budget


@pytest.mark.memory
@pytest.mark.parametrize("budget", [1.5, 4.0])
def test_a_command_goes_on_for_the_budget_that_is_set(monkeypatch: pytest.MonkeyPatch, budget: float) -> None:
    time = Pauses()
    monkeypatch.setenv("COMMIT_BUDGET", str(budget))
    shop = Shop(settings=load_settings())
    shop.environment.override(providers.Object(time.within(system_environment())))
    faulty(shop.event_store, "commit").failure = Conflict("each time")

    with pytest.raises(Conflict, match="each time"):
        shop.commands().run(CreateProduct("p-1", "煎茶", "", 1_000, 3))

    assert budget <= time.seconds < budget + LONGEST_PAUSE
