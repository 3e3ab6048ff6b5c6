"""What PostgreSQL's event store owes beyond its port: one statement a commit, no deadlock, no session, and servers that fail."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from adapters.postgres.connections import SETTINGS, Pool
from adapters.postgres.event_store import PostgresEventStore
from adapters.postgres.parameters import COMMIT, commit_parameters
from adapters.postgres.snapshot_store import PostgresSnapshotStore
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from adapters.system.environment import system_environment
from core.domain.product import ProductCreated
from core.ports.commit import Check, Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, EventStore, StoreError, StoreUnavailable
from core.ports.events import Metadata
from core.ports.snapshot_store import Snapshot
from tests.contract.postgres_harness import PATIENCE, PostgresHarness
from tests.contract.small_commits import claims_alone, five_streams, one_event
from tests.support.commits import AT, adding, append, commit_of, fill, stock_added, versions
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres

WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
STREAMS = [f"s-{number}" for number in range(8)]


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[PostgresHarness]:
    """Give an empty store behind a proxy, whose connection is there and has nothing to prepare any more."""
    with closing(PostgresHarness.open(postgres_url)) as harness:
        for _ in range(3):
            harness.store.commit(commit_of(claims=[Claim("warm", "me"), Release("other", "me")]))
            harness.store.commit(commit_of(claims=[Release("warm", "me")]))
        harness.proxy.asked.clear()
        yield harness


@pytest.mark.parametrize(
    "commit", [one_event(), five_streams(), claims_alone(), commit_of(append("s", 0), checks=[Check("t", 0)])]
)
def test_a_commit_is_one_round_trip(postgres: PostgresHarness, commit: Commit) -> None:
    postgres.store.commit(commit)

    assert [statement.partition("(")[0] for statement in postgres.proxy.asked] == ["SELECT shop_events.commit"]


def test_a_refused_commit_is_one_round_trip_too(postgres: PostgresHarness) -> None:
    postgres.another().commit(five_streams())

    with pytest.raises(Conflict):
        postgres.store.commit(one_event())
    with pytest.raises(ClaimTaken):
        postgres.store.commit(claims_alone())

    assert len(postgres.proxy.asked) == 2


def test_a_stream_is_read_in_pages_and_a_short_one_in_one(postgres: PostgresHarness) -> None:
    fill(postgres.another(), "long", 1_100)
    fill(postgres.another(), "short", 3)

    assert versions(postgres.store, "long") == list(range(1, 1_101))
    assert len(postgres.proxy.asked) == 3
    assert versions(postgres.store, "short") == [1, 2, 3]
    assert len(postgres.proxy.asked) == 4


def test_text_comes_back_as_it_was(postgres: PostgresHarness) -> None:
    odd = '🍵 "quoted" \\ {curly}, NULL \t\n\r \x01\x7f \u2028 ÅÅ ' + "'; DROP TABLE shop_events.events; --"
    name = odd + "$$ %s"
    commit = commit_of(
        append(name, 0, ProductCreated("p", odd, odd, 1, 1, AT)),
        checks=[Check(f"checked {odd}", 0)],
        claims=[Claim(name, odd, JsonCodec().encode(odd)), Claim("empty", "", b"")],
    )
    commit = replace(commit, metadata=Metadata(correlation_id="\0" + odd, actor=odd))

    postgres.store.commit(commit)

    (event,) = postgres.store.read(name)
    assert event.data == JsonCodec().encode_event(commit.appends[0].events[0].data)[3]
    assert event.metadata == commit.metadata
    held, empty = postgres.store.find_claim(name, AT), postgres.store.find_claim("empty", AT)
    assert held
    assert (held.owner, held.value) == (odd, JsonCodec().encode(odd))
    assert empty
    assert (empty.owner, empty.value) == ("", b"")
    with pytest.raises(ClaimTaken) as taken:
        postgres.store.commit(commit_of(claims=[Claim(name, "another")]))
    assert taken.value.key == name


@pytest.mark.parametrize("name", ["\0", "s\0", "\ud83c"])
def test_under_a_name_that_nothing_can_have_there_is_nothing(postgres: PostgresHarness, name: str) -> None:
    assert versions(postgres.store, name) == []
    assert postgres.store.find_claim(name, AT) is None
    assert postgres.snapshots.load(name) is None


def over_streams(store: EventStore, chance: random.Random, _number: int) -> Commit:
    """Give a commit of some of the streams, in any order."""
    heads = {head.stream: head.version for head in store.heads()}
    names = chance.sample(STREAMS, 5)
    return commit_of(
        *[append(name, heads.get(name, 0)) for name in names[:3]],
        checks=[Check(name, heads.get(name, 0)) for name in names[3:]],
    )


def over_keys(_store: EventStore, chance: random.Random, number: int) -> Commit:
    """Give a commit of the round's keys, in any order."""
    return commit_of(claims=[Claim(f"key-{number}-{key}", "me") for key in chance.sample(range(50), 50)])


@pytest.mark.parametrize("make", [over_streams, over_keys])
def test_commits_that_name_streams_or_keys_in_other_orders_never_wait_for_each_other_in_a_ring(
    postgres: PostgresHarness, make: Callable[[EventStore, random.Random, int], Commit]
) -> None:
    outcomes, repeated, together = list[str](), list[float](), threading.Barrier(8)
    environment = replace(
        system_environment(), sleep=repeated.append
    )  # a deadlock is met by trying again after a pause
    store = PostgresEventStore(postgres.pool(), JsonCodec(), environment, PATIENCE)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for number in range(40):
            commit = make(store, chance, number)
            together.wait()
            try:
                store.commit(commit)
                outcomes.append("committed")
            except StoreError as error:
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(outcomes) <= {"committed", "Conflict", "ClaimTaken"}
    assert outcomes.count("committed") >= 40
    assert repeated == []


def test_a_commit_waits_for_another_that_checks_what_it_appends(postgres: PostgresHarness) -> None:
    for stream in "ab":
        fill(postgres.another(), stream, 1)
    first, outcomes = commit_of(append("a", 1), checks=[Check("b", 1)]), list[str]()

    def crossing() -> None:
        try:
            postgres.another().commit(commit_of(append("b", 1), checks=[Check("a", 1)]))
            outcomes.append("committed")
        except Conflict:
            outcomes.append("Conflict")

    with psycopg.connect(postgres.url) as slow:
        slow.execute(COMMIT, commit_parameters(first, record(JsonCodec(), first), JsonCodec()))
        thread = threading.Thread(target=crossing)
        thread.start()
        wait_until(lambda: bool(outcomes) or postgres.execute(WAITING) == [(1,)])
        slow.commit()
        thread.join()

    assert outcomes == ["Conflict"]
    assert (versions(postgres.store, "a"), versions(postgres.store, "b")) == ([1, 2], [1])


def test_nothing_needs_a_session(postgres: PostgresHarness) -> None:
    def forget_everything(connection: psycopg.Connection) -> None:
        connection.execute("DISCARD ALL")  # between two statements, as if a pooler gave each another connection

    kwargs = {"autocommit": True, "prepare_threshold": None}
    with ConnectionPool(postgres.url, kwargs=kwargs, reset=forget_everything, min_size=1, max_size=1) as pool:
        store = PostgresEventStore(pool, JsonCodec(), system_environment(), PATIENCE)
        snapshots = PostgresSnapshotStore(pool, system_environment(), PATIENCE)

        fill(store, "s", 1_100)
        store.commit(five_streams_beside())
        with pytest.raises(Conflict):
            store.commit(one_event())
        snapshots.save(Snapshot("s", "Inventory", 1, 1, b"{}", AT))

        assert len(versions(store, "s")) == 1_100
        assert len(list(store.replay())) == 1_102
        assert [event.created_at.tzinfo for event in store.read("t")] == [AT.tzinfo]
        assert snapshots.load("s")


def five_streams_beside() -> Commit:
    """Give a commit with everything in it that touches no stream of the others."""
    return commit_of(append("t", 0), append("u", 0), checks=[Check("v", 0)], claims=[Claim("a", "me")])


def terminate(postgres: PostgresHarness) -> None:
    """End every connection to the database but the one that does it, as a server that restarts does."""
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_connections_that_a_restart_ended_are_made_again_though_all_of_the_pool_are_dead(
    postgres: PostgresHarness,
) -> None:
    pool = postgres.pool()
    store = postgres.store_on(pool)
    together = threading.Barrier(8)

    def hold() -> None:
        with pool.connection():
            together.wait()

    threads = [threading.Thread(target=hold) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pool.get_stats()["pool_size"] == 8
    terminate(postgres)

    store.commit(one_event())

    assert versions(store, "s") == [1]


def test_a_database_that_is_read_only_for_now_is_unavailable_and_then_written_to(postgres: PostgresHarness) -> None:
    postgres.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
    try:
        store = postgres.store_on(postgres.pool())
        with pytest.raises(StoreUnavailable, match="read-only"):
            store.commit(one_event())
        assert versions(store, "s") == []
    finally:
        postgres.execute("BEGIN READ WRITE; ALTER ROLE CURRENT_USER RESET default_transaction_read_only; COMMIT")

    postgres.another().commit(one_event())
    assert versions(store, "s") == [1]


def test_a_lock_that_is_not_got_in_time_is_unavailable(
    postgres: PostgresHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SETTINGS, "lock_timeout", "10ms")
    store = postgres.store_on(postgres.pool())
    fill(store, "s", 1)
    with psycopg.connect(postgres.url) as holder:
        holder.execute("SELECT FROM shop_events.heads FOR UPDATE")

        with pytest.raises(StoreUnavailable, match="lock timeout"):
            store.commit(adding(stock_added(), to="s", at_version=1))

    store.commit(adding(stock_added(), to="s", at_version=1))


def test_out_of_connections_is_unavailable_until_there_are_some(postgres: PostgresHarness) -> None:
    (name,) = postgres.execute("SELECT current_database()")[0]
    postgres.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 1 IN ROLE postgres")
    try:
        url = psycopg.conninfo.make_conninfo(postgres.url, user="crowded")
        with psycopg.connect(url):
            crowded: Pool = postgres.pool(url, wait_seconds=0.05)
            with pytest.raises(StoreUnavailable):
                list(postgres.store_on(crowded).heads())
    finally:
        postgres.execute("DROP ROLE crowded")
    assert name


def test_a_statement_that_the_server_would_always_refuse_is_sent_once(postgres: PostgresHarness) -> None:
    postgres.execute("ALTER TABLE shop_events.heads RENAME TO away")

    with pytest.raises(StoreUnavailable, match="heads"):
        postgres.store.commit(one_event())
    with pytest.raises(StoreUnavailable, match="heads"):
        list(postgres.store.heads())

    asked = [statement.partition("(")[0] for statement in postgres.proxy.asked]
    assert asked == ["SELECT shop_events.commit", "SELECT verdict, about FROM shop_events.verdict", asked[2]]


def test_a_copy_of_a_database_is_another_life(postgres: PostgresHarness, postgres_url: str) -> None:
    with closing(PostgresHarness.open(postgres_url)) as copied:  # of the same template
        assert copied.execute("SELECT id FROM shop_events.lives") == postgres.execute(
            "SELECT id FROM shop_events.lives"
        )
        assert copied.store.incarnation() != postgres.store.incarnation()
