"""What each answer of DynamoDB to a write means, seen at the wire and in the tables; the contract suite has the promises."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.dynamodb.retries import FIRST_PAUSE, LONGEST_PAUSE, tries
from adapters.dynamodb.snapshot_store import MAX_STATE_BYTES, DynamoDBSnapshotStore
from adapters.system.environment import system_environment
from core.ports.commit import Append, Check, Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown, StoreUnavailable
from core.ports.snapshot_store import Snapshot
from tests.contract.dynamodb_harness import BUDGET, DynamoDBHarness, client_of
from tests.support.commits import AT, adding, append, commit_of, new_id, stock_added, versions
from tests.support.faulty_proxy import (
    Exchange,
    Fault,
    keep_waiting,
    lose_answer,
    lose_request,
    refuse,
    respond,
    show_a_page,
)

FOREVER = 1_000

pytestmark = pytest.mark.ministack  # whose transactions are atomic, and whose tokens count


@pytest.fixture
def dynamodb(ministack_endpoint: str) -> Iterator[DynamoDBHarness]:
    """Give an empty store behind a proxy."""
    with closing(DynamoDBHarness.open(ministack_endpoint)) as harness:
        harness.proxy.asked.clear()
        yield harness


def one_event() -> Commit:
    return adding(stock_added(), to="s", at_version=0)


def two_streams() -> Commit:
    return commit_of(append("s", 0), append("t", 0))


def a_claim() -> Commit:
    return commit_of(claims=[Claim("key", "me")])


EACH = pytest.mark.parametrize("make", [one_event, two_streams, a_claim])


def cancelled(*codes: str) -> Fault:
    """Answer that the transaction was cancelled for these reasons, one an operation."""
    return refuse("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


def tokens(dynamodb: DynamoDBHarness) -> list[str]:
    """Give the tokens of all transactions that were asked for."""
    return [body["ClientRequestToken"] for body in dynamodb.proxy.bodies("TransactWriteItems")]


def stored_by(dynamodb: DynamoDBHarness, stream: str) -> list[str]:
    """Give the commit of each event of the stream."""
    return [event.commit_id for event in dynamodb.another().read(stream)]


def test_one_event_alone_is_one_plain_write(dynamodb: DynamoDBHarness) -> None:
    dynamodb.store.commit(one_event())

    assert dynamodb.proxy.operations() == ["PutItem"]


@pytest.mark.parametrize(
    "commit",
    [
        adding(stock_added(), stock_added(), to="s", at_version=0),
        two_streams(),
        commit_of(append("s", 0), checks=[Check("t", 0)]),
        commit_of(append("s", 0), claims=[Claim("key", "me")]),
        a_claim(),
        commit_of(claims=[Release("key", "me")]),
        commit_of(append("order", 0), *(append(f"inventory-{n}", 0) for n in range(30)), checks=[Check("cart", 0)]),
    ],
    ids=[
        "two events",
        "two streams",
        "a check",
        "an event and a claim",
        "a claim",
        "a release",
        "an order of 30 lines",
    ],
)
def test_anything_else_is_one_transaction_with_the_commit_as_its_token(
    dynamodb: DynamoDBHarness, commit: Commit
) -> None:
    dynamodb.store.commit(commit)

    assert dynamodb.proxy.operations() == ["TransactWriteItems"]
    assert tokens(dynamodb) == [commit.id]


@pytest.mark.parametrize("make", [one_event, two_streams])
def test_a_lost_commit_costs_no_read_either(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    dynamodb.another().commit(one_event())

    with pytest.raises(Conflict):
        dynamodb.store.commit(make())

    assert len(dynamodb.proxy.operations()) == 1


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_cancelled_transaction_is_repeated_under_a_new_token(dynamodb: DynamoDBHarness, reason: str) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(cancelled("None", reason), cancelled(reason, "None"))

    dynamodb.store.commit(commit)

    first, second, third = tokens(dynamodb)
    assert first == commit.id
    assert len({first, second, third}) == 3
    assert max(map(len, (second, third))) <= 36
    assert stored_by(dynamodb, "s") == stored_by(dynamodb, "t") == [commit.id]


@pytest.mark.parametrize(
    "fault",
    [
        lose_request,
        lose_answer,
        refuse("InternalServerError", 500),
        refuse("ServiceUnavailable", 503),
        respond(502, {}),
        refuse("TransactionInProgressException"),
        show_a_page,
    ],
    ids=["lost request", "lost answer", "500", "503", "502 of no known form", "in progress", "another server's page"],
)
def test_a_doubtful_transaction_is_repeated_under_the_same_token(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(fault, fault)

    dynamodb.store.commit(commit)

    assert tokens(dynamodb) == [commit.id] * 3
    assert stored_by(dynamodb, "s") == stored_by(dynamodb, "t") == [commit.id]


def test_after_a_new_token_a_doubtful_repeat_keeps_it(dynamodb: DynamoDBHarness) -> None:
    commit = two_streams()
    dynamodb.proxy.on_writes(cancelled("TransactionConflict", "None"), lose_answer)

    dynamodb.store.commit(commit)

    first, second, third = tokens(dynamodb)
    assert first != second == third
    assert stored_by(dynamodb, "s") == [commit.id]


def test_a_token_that_stands_for_another_request_is_replaced(dynamodb: DynamoDBHarness) -> None:
    commit = two_streams()
    other = {"Put": {"TableName": dynamodb.tables.claims, "Item": {"key": {"S": "of another request"}}}}
    dynamodb.direct.transact_write_items(TransactItems=[other], ClientRequestToken=commit.id)  # type: ignore[list-item]

    dynamodb.store.commit(commit)

    assert stored_by(dynamodb, "s") == [commit.id]


@pytest.mark.parametrize(
    "fault",
    [
        refuse("TransactionConflictException"),
        refuse("ThrottlingException"),
        refuse("ProvisionedThroughputExceededException"),
        refuse("RequestLimitExceeded"),
        refuse("ReplicatedWriteConflictException"),
        refuse("Slow", 429),
        refuse("InternalServerError", 500),
        lose_request,
        lose_answer,
        show_a_page,
    ],
)
def test_a_plain_write_that_did_not_go_through_is_tried_again(dynamodb: DynamoDBHarness, fault: Fault) -> None:
    commit = one_event()
    dynamodb.proxy.on_writes(fault, fault, fault)

    dynamodb.store.commit(commit)

    assert dynamodb.proxy.operations() == ["PutItem"] * 4
    assert stored_by(dynamodb, "s") == [commit.id]


@EACH
def test_an_answer_that_comes_too_late_is_as_good_as_lost(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    store = dynamodb.store_on(client_of(dynamodb.proxy.endpoint, read_seconds=0.2))
    dynamodb.proxy.on_writes(keep_waiting)

    assert store.commit(commit).commit_id == commit.id

    assert len(dynamodb.proxy.operations()) >= 2
    assert stored_by(dynamodb, "s") == [commit.id][: len(commit.appends)]


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (one_event, refuse("ThrottlingException")),
        (one_event, refuse("TransactionConflictException")),
        (two_streams, cancelled("TransactionConflict", "None")),
        (two_streams, refuse("ThrottlingException")),
        (a_claim, cancelled("TransactionConflict")),
    ],
)
def test_a_store_that_refuses_every_try_is_unavailable_and_nothing_is_looked_up(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], fault: Fault
) -> None:
    dynamodb.proxy.on_writes(*[fault] * FOREVER)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(make())

    assert "GetItem" not in dynamodb.proxy.operations()
    assert len(dynamodb.proxy.operations()) > 3


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (one_event, refuse("ValidationException")),
        (one_event, refuse("ResourceNotFoundException")),
        (two_streams, refuse("AccessDeniedException")),
        (two_streams, cancelled("ValidationError", "TransactionConflict")),
    ],
)
def test_what_is_refused_for_good_is_not_repeated(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], fault: Fault
) -> None:
    dynamodb.proxy.on_writes(*[fault] * FOREVER)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(make())

    assert len(dynamodb.proxy.operations()) == 1


@EACH
def test_a_doubt_is_settled_by_looking_though_the_store_refuses_afterwards(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    commit = make()
    dynamodb.proxy.on_writes(lose_answer, refuse("AccessDeniedException"))

    assert dynamodb.store.commit(commit).commit_id == commit.id


@EACH
def test_one_doubtful_try_among_refusals_leaves_the_outcome_unknown(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit]
) -> None:
    dynamodb.proxy.on_writes(lose_request, *[refuse("ThrottlingException")] * FOREVER)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(make())


@EACH
def test_the_outcome_is_unknown_where_looking_fails_too(dynamodb: DynamoDBHarness, make: Callable[[], Commit]) -> None:
    commit = make()
    dynamodb.proxy.on_writes(*[lose_answer] * FOREVER)
    dynamodb.proxy.on_reads(*[lose_request] * FOREVER)

    with pytest.raises(OutcomeUnknown) as unknown:
        dynamodb.store.commit(commit)

    assert unknown.value.commit is commit
    assert dynamodb.another().commit(commit).commit_id == commit.id


def test_a_release_whose_answers_are_lost_leaves_nothing_to_look_at(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_writes(*[lose_answer] * FOREVER)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(commit_of(claims=[Release("key", "me")]))


def meanwhile(act: Callable[[], object], fault: Fault) -> Fault:
    """Have something happen before the fault does."""

    def acted(exchange: Exchange) -> None:
        act()
        fault(exchange)

    return acted


@pytest.mark.parametrize("make", [one_event, two_streams])
@pytest.mark.parametrize("times", [1, FOREVER])
def test_a_commit_that_wins_between_two_tries_is_a_conflict_for_the_other(
    dynamodb: DynamoDBHarness, make: Callable[[], Commit], times: int
) -> None:
    winner = one_event()
    foreign = meanwhile(lambda: dynamodb.another().commit(winner), lose_request)
    dynamodb.proxy.on_writes(foreign, *[lose_request] * (times - 1))

    with pytest.raises(Conflict):
        dynamodb.store.commit(make())

    assert stored_by(dynamodb, "s") == [winner.id]
    assert stored_by(dynamodb, "t") == []


def test_a_claim_won_by_another_while_every_request_was_lost_is_taken(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(a_claim())
    dynamodb.lose_requests(FOREVER)

    with pytest.raises(ClaimTaken):
        dynamodb.store.commit(a_claim())


def test_an_expired_claim_of_another_proves_nothing(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(commit_of(claims=[Claim("key", "another", expires_at=AT)]))
    dynamodb.lose_requests(FOREVER)

    with pytest.raises(OutcomeUnknown):
        dynamodb.store.commit(commit_of(claims=[Claim("key", "me")], created_at=AT + timedelta(hours=1)))


def hidden_behind_a_check(dynamodb: DynamoDBHarness) -> Fault:
    """Answer as DynamoDB does while somebody works on our event's item and the checked stream has gone on."""
    foreign = {"aggregate_id": {"S": "checked"}, "version": {"N": "1"}, "commit_id": {"S": new_id()}}
    dynamodb.another().commit(adding(stock_added(), to="checked", at_version=0))
    reasons = [{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed", "Item": foreign}]
    return refuse("TransactionCanceledException", CancellationReasons=reasons)


def test_an_earlier_success_is_found_though_a_transaction_conflict_hides_it(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(append("s", 0), checks=[Check("checked", 0)])
    dynamodb.another().commit(commit)
    dynamodb.proxy.on_writes(hidden_behind_a_check(dynamodb))

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_stale_check_is_a_conflict_though_a_transaction_conflict_hides_the_rest(dynamodb: DynamoDBHarness) -> None:
    dynamodb.proxy.on_writes(hidden_behind_a_check(dynamodb))

    with pytest.raises(Conflict):
        dynamodb.store.commit(commit_of(append("s", 0), checks=[Check("checked", 0)]))

    assert versions(dynamodb.another(), "s") == []


def test_an_earlier_success_is_found_though_the_failed_condition_came_without_its_item(
    dynamodb: DynamoDBHarness,
) -> None:
    commit = one_event()
    dynamodb.another().commit(commit)
    dynamodb.proxy.on_writes(refuse("ConditionalCheckFailedException"))

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_stale_check_after_a_doubtful_try_is_judged_by_looking(dynamodb: DynamoDBHarness) -> None:
    commit = commit_of(append("s", 0), checks=[Check("checked", 0)])
    # Stored, its answer lost; then an answer that shows the stale check alone.
    dynamodb.proxy.on_writes(
        lose_answer,
        refuse(
            "TransactionCanceledException",
            CancellationReasons=[
                {"Code": "None"},
                {"Code": "ConditionalCheckFailed", "Item": {"commit_id": {"S": "x"}}},
            ],
        ),
    )

    assert dynamodb.store.commit(commit).commit_id == commit.id


def test_a_taken_claim_is_told_before_a_stale_check_and_event(dynamodb: DynamoDBHarness) -> None:
    dynamodb.another().commit(
        commit_of(append("s", 0), append("checked", 0), claims=[Claim("key", "me"), Claim("held", "another")])
    )
    stale = commit_of(append("s", 0), checks=[Check("checked", 0)], claims=[Release("held", "me"), Claim("key", "me")])

    with pytest.raises(ClaimTaken) as taken:
        dynamodb.store.commit(stale)

    assert taken.value.key == "key"


def test_the_crash_points_are_passed_once_however_often_it_is_tried(dynamodb: DynamoDBHarness) -> None:
    dynamodb.lose_answers(3)

    dynamodb.store.commit(two_streams())

    assert dynamodb.failpoints.passed == ["write.before", "write.after"]


def test_an_unreachable_store_passes_no_crash_point_after_the_write(dynamodb: DynamoDBHarness) -> None:
    with pytest.raises(StoreUnavailable):
        dynamodb.unreachable().commit(one_event())

    assert dynamodb.failpoints.passed == ["write.before"]


def test_a_commit_too_large_never_leaves(dynamodb: DynamoDBHarness) -> None:
    with pytest.raises(Exception, match="101 operations"):
        dynamodb.store.commit(Commit(new_id(), AT, tuple(append(f"s-{n}", 0) for n in range(101))))

    assert dynamodb.proxy.operations() == []


def test_a_stream_name_that_dynamodb_cannot_take_is_refused_and_nothing_is_written(dynamodb: DynamoDBHarness) -> None:
    too_long = Append("x" * 2_049, 0, one_event().appends[0].events)

    with pytest.raises(StoreUnavailable):
        dynamodb.store.commit(commit_of(append("s", 0), too_long))

    assert versions(dynamodb.another(), "s") == []


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
