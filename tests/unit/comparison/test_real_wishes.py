"""What real runs there are, and what their clients ask for."""

from itertools import islice

import pytest

from entrypoints.comparison.real.dealing import dealt, steps
from entrypoints.comparison.real.wish import CannotRun, Wish, applying


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (
            Wish("cdc", consumer="hasty"),
            "A real run has one of the consumers naive, cursor, doorbell, doorbell+reconcile, not 'hasty'.",
        ),
        (Wish("cdc", store="memory"), "There is no real run of 'cdc' on 'memory'."),
        (Wish("cdc", transport="kafka"), "cdc on dynamodb is carried by kinesis, not 'kafka'."),
        (Wish("outbox", transport="memory"), "outbox on dynamodb is carried by kafka or kinesis, not 'memory'."),
    ],
)
def test_what_does_not_go_together_is_one_sentence(wish: Wish, told: str) -> None:
    with pytest.raises(CannotRun) as refused:
        wish.carried_by  # noqa: B018 - it raises

    assert str(refused.value) == told


def test_a_design_is_carried_by_what_suits_its_store() -> None:
    assert Wish("cdc").carried_by == "kinesis"
    assert Wish("cdc", store="postgres").carried_by == "postgres"
    assert Wish("dual-write", store="postgres").carried_by == "kafka"
    assert Wish("outbox", transport="kinesis").carried_by == "kinesis"


def test_faults_of_a_way_that_there_is_not_do_not_apply() -> None:
    assert {"shard.throttled", "record.oversized", "feed.reorder"} <= set(applying(Wish("cdc")))
    assert not {"shard.throttled", "record.oversized", "feed.reorder"} & set(applying(Wish("cdc", store="postgres")))
    assert "broker.down" in applying(Wish("outbox"))
    assert "broker.down" not in applying(Wish("outbox", transport="kinesis"))
    assert "relay.before_unmark" not in applying(Wish("dual-write"))


def test_the_workload_goes_on_with_other_things_round_after_round() -> None:
    asked = list(islice(steps(Wish("cdc")), 300))

    placed = [step.on["order"] for step in asked if step.do == "place_order"]
    products = [step.on["product"] for step in asked if step.do == "create_product"]
    assert len(set(placed)) == len(placed) > 20
    assert len(set(products)) == len(products) > 6


def test_a_number_of_orders_is_kept_to() -> None:
    placed = [step.on["order"] for step in steps(Wish("cdc", orders=23)) if step.do == "place_order"]

    assert sorted(placed) == list(range(1, 24))


def test_every_step_goes_to_one_client() -> None:
    wish = Wish("cdc", orders=5)
    first, second, third = dealt(steps(wish), 3)
    begun = list(islice(second, 4))  # one may be ahead of the others

    served = [*begun, *first, *third, *second]

    assert sorted(map(str, served)) == sorted(map(str, steps(wish)))
