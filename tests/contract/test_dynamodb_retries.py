"""Reads that are tried again, and the pauses between tries."""

from dataclasses import replace

import pytest

from adapters.system.environment import system_environment
from core.ports.event_store import StoreUnavailable
from core.ports.retries import FIRST_PAUSE, LONGEST_PAUSE, tries
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import FOREVER, dynamodb_of_ministack, one_event
from tests.support.faulty_proxy import Fault, lose_answer, refuse

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack


@pytest.mark.parametrize("fault", [lose_answer, refuse("ThrottlingException"), refuse("InternalServerError", 500)])
def test_a_read_is_tried_again(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    dynamodb.another().commit(one_event())
    for read in (dynamodb.store.read("s"), dynamodb.store.replay(), dynamodb.store.heads()):
        dynamodb.proxy.on_reads(fault, fault)

        assert [found.version for found in read] == [1]


def test_a_read_that_never_gets_through_says_that_the_store_is_unavailable(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_reads(*[refuse("ThrottlingException")] * FOREVER)

    with pytest.raises(StoreUnavailable, match="ThrottlingException"):
        list(dynamodb.store.read("s"))
    assert len(dynamodb.proxy.operations()) > 3


def test_pauses_double_up_to_a_bound_and_stay_within_the_budget() -> None:
    pauses: list[float] = []
    environment = replace(
        system_environment(), monotonic=lambda: sum(pauses), sleep=pauses.append, jitter=lambda most: most
    )

    count = sum(1 for _ in tries(environment, 3.0))

    assert count == len(pauses) + 1
    assert pauses == [min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(len(pauses))]
    assert LONGEST_PAUSE in pauses
    assert 3.0 - LONGEST_PAUSE <= sum(pauses) < 3.0


def test_the_first_try_is_made_without_any_budget() -> None:
    assert sum(1 for _ in tries(system_environment(), 0.0)) == 1
