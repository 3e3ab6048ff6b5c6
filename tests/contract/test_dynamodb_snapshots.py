"""Snapshots in DynamoDB: lost acknowledgements, states too large, a store that is away."""

from dataclasses import replace

import pytest

from adapters.dynamodb.snapshot_store import MAX_STATE_BYTES, DynamoDBSnapshotStore
from core.ports.event_store import StoreUnavailable
from core.ports.snapshot_store import Snapshot
from tests.contract.dynamodb_harness import DynamoDBHarness
from tests.contract.dynamodb_writes import FOREVER, dynamodb_of_ministack
from tests.support.commits import AT
from tests.support.faulty_proxy import lose_request, refuse
from tests.support.pauses import BUDGET

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count
dynamodb = dynamodb_of_ministack

SNAPSHOT = Snapshot("s", "Product", 50, 1, b"{}", AT)


def test_a_snapshot_is_kept_though_the_acknowledgement_is_lost(dynamodb: DynamoDBHarness) -> None:
    dynamodb.lose_answers(2)

    assert dynamodb.snapshots.save(SNAPSHOT)
    assert not dynamodb.snapshots.save(SNAPSHOT)

    assert dynamodb.snapshots.load("s") == SNAPSHOT


def test_a_snapshot_older_than_the_kept_one_is_not_kept_though_requests_are_lost(dynamodb: DynamoDBHarness) -> None:
    dynamodb.snapshots.save(SNAPSHOT)
    dynamodb.lose_requests(1)

    assert not dynamodb.snapshots.save(replace(SNAPSHOT, version=49))

    assert dynamodb.snapshots.load("s") == SNAPSHOT


def test_a_state_too_large_for_an_item_is_not_kept(dynamodb: DynamoDBHarness) -> None:
    largest = replace(SNAPSHOT, state=b"x" * MAX_STATE_BYTES)

    assert not dynamodb.snapshots.save(replace(SNAPSHOT, version=51, state=largest.state + b"x"))
    assert dynamodb.snapshots.save(largest)

    assert dynamodb.snapshots.load("s") == largest


def test_an_unreachable_snapshot_store_is_unavailable(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_writes(*[refuse("ThrottlingException")] * FOREVER)
    dynamodb.proxy.on_reads(*[lose_request] * FOREVER)
    store = DynamoDBSnapshotStore(dynamodb.client, dynamodb.tables.snapshots, dynamodb.environment, BUDGET)

    with pytest.raises(StoreUnavailable):
        store.save(SNAPSHOT)
    with pytest.raises(StoreUnavailable):
        store.load("s")
