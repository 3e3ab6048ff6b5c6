"""What the outbox on PostgreSQL owes beyond its port: commits never wait for a relay, and a stream is one relay's at a time."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.parameters import COMMIT_TO_RELAY, commit_parameters
from adapters.serialization.codec import JsonCodec
from adapters.serialization.recording import record
from core.ports.event_store import StoreUnavailable
from tests.contract.postgres_harness import PostgresHarness
from tests.contract.test_outbox import relay_everything, runs_of, write
from tests.support.commits import adding, stock_added

pytestmark = pytest.mark.postgres

MANY = 100

END_WHO_IDLES = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'
"""
ROWS = "SELECT stream, relayed FROM shop_events.outbox ORDER BY stream"


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[PostgresHarness]:
    """Give an empty store."""
    with closing(PostgresHarness.open(postgres_url)) as harness:
        yield harness


@contextmanager
def writing(postgres: PostgresHarness, stream: str, at_version: int) -> Iterator[psycopg.Connection[Any]]:
    """Append an event, in a transaction that has not ended yet; it waits for nobody longer than two seconds."""
    codec, commit = JsonCodec(), adding(stock_added(), to=stream, at_version=at_version)
    with closing(psycopg.connect(postgres.url)) as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute(COMMIT_TO_RELAY, commit_parameters(commit, record(codec, commit), codec))
        yield connection


def test_a_stream_is_given_to_one_relay_at_a_time(postgres: PostgresHarness) -> None:
    store, one, other = postgres.marking(), postgres.outbox(), postgres.outbox()
    write(store, "s")
    with one.turn(MANY):
        write(store, "s", 1)
        write(store, "t")

        assert runs_of(other) == {"t": [1]}

    assert runs_of(other) == {"s": [1, 2], "t": [1]}


def test_no_commit_waits_for_a_relay_whatever_it_has_taken(postgres: PostgresHarness) -> None:
    store, outbox = postgres.marking(), postgres.outbox()
    write(store, "s", events=3)
    with outbox.turn(MANY) as turn:
        with writing(postgres, "s", 3) as connection:
            connection.commit()
        turn.unmark([event for run in turn.runs for event in run])
        with writing(postgres, "s", 4) as connection:
            connection.commit()

    assert relay_everything(outbox) == [("s", 4), ("s", 5)]


def test_a_row_stays_where_somebody_is_about_to_go_on(postgres: PostgresHarness) -> None:
    outbox = postgres.outbox()
    write(postgres.marking(), "s")
    with writing(postgres, "s", 1) as writer:
        assert relay_everything(outbox) == [("s", 1)]
        assert postgres.execute(ROWS) == [("s", 1)]
        writer.commit()

    assert relay_everything(outbox) == [("s", 2)]
    assert postgres.execute(ROWS) == []


def test_a_row_that_was_left_behind_is_taken_away(postgres: PostgresHarness) -> None:
    outbox = postgres.outbox()
    write(postgres.marking(), "s")
    with writing(postgres, "s", 1) as writer:
        relay_everything(outbox)
        writer.rollback()

    assert relay_everything(outbox) == []
    assert postgres.execute(ROWS) == []


def test_a_relay_whose_connection_is_gone_holds_nothing(postgres: PostgresHarness) -> None:
    one, other = postgres.outbox(), postgres.outbox(postgres.pool())
    write(postgres.marking(), "s")

    def turn() -> None:
        with one.turn(MANY) as turn:
            assert runs_of(other) == {}
            postgres.execute(END_WHO_IDLES)
            turn.unmark(turn.runs[0])

    with pytest.raises(StoreUnavailable):
        turn()

    assert relay_everything(other) == [("s", 1)]


def test_an_older_event_is_never_passed_over_by_unmarking_a_later_one(postgres: PostgresHarness) -> None:
    outbox = postgres.outbox()
    write(postgres.marking(), "s", events=3)
    with outbox.turn(MANY) as turn:
        turn.unmark(turn.runs[0][1:])

    assert runs_of(outbox) == {"s": [1, 2, 3]}


def test_a_commit_is_one_round_trip_with_marks_too(postgres: PostgresHarness) -> None:
    store = postgres.marking()
    write(store, "warm")
    write(store, "warm", 1)
    postgres.proxy.asked.clear()

    write(store, "s", events=3)

    assert [statement.partition("(")[0] for statement in postgres.proxy.asked] == ["SELECT shop_events.commit_to_relay"]


def test_a_turn_costs_the_same_few_statements_for_any_number_of_streams(postgres: PostgresHarness) -> None:
    store = postgres.marking()
    for number in range(20):
        write(store, f"s-{number}", events=2)
    outbox = PostgresOutbox(postgres._pool, JsonCodec())
    postgres.proxy.asked.clear()

    with outbox.turn(MANY) as turn:
        turn.unmark([event for run in turn.runs for event in run])

    assert len(turn.runs) == 20
    assert len(postgres.proxy.asked) <= 7
