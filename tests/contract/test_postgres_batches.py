"""What a batch costs on PostgreSQL, what it loads, and that its tables are those of the metadata."""

import random
import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryFile

import pytest
from psycopg.pq import Trace
from sqlalchemy.dialects import postgresql

from adapters.postgres.connections import connected
from adapters.postgres.read_schema import read_tables
from adapters.postgres.read_tables import READ_TABLES
from core.domain.cart import Cart, CartLine
from core.domain.inventory import Inventory
from core.domain.order import Order, OrderItem
from core.domain.product import Product
from core.ports.generations import Generation
from core.ports.mail_queue import NewMail
from core.ports.projection_store import Change, Cursor, Parked, ProjectionUnavailable, Row, RowRefused, Standing
from core.projections.rows import FOLDS
from tests.contract.changes import LIVE, START, at
from tests.contract.postgres_read_model import PostgresReadModel
from tests.support.commits import AT
from tests.support.project_copy import ROOT

MOST = 8
"""Statements of a batch, BEGIN and COMMIT among them, beside two for each row table and generation that it writes."""


def changes(count: int, before: Cursor, after: Cursor) -> list[Change]:
    """Give changes of so many streams, of every aggregate in turn, some of them parked; all of them ask for a mail."""

    def states(stream: str) -> tuple[Product | Cart | Order | Inventory, ...]:
        return (
            Product(stream, "Tea", "", 500, created_at=AT, updated_at=AT),
            Cart(stream, "u", {"p": CartLine("p", 1, 1)}),
            Order(stream, "u", (OrderItem("p", "Tea", 1, 1),), 1, "pending", AT, AT),
            Inventory("p", 1),
        )

    made = []
    for number in range(count):
        stream = f"{count}-{number:04}"
        parked = Parked(stream, after.version + 1, "broken", 1, 9) if number % 5 == 0 else None
        mails = (NewMail(f"{stream}-{after.version}", "OrderPaid", stream, after.version, AT),)
        made.append(
            Change(stream, before, after, Row(stream, after.version, states(stream)[number % 4]), parked, mails)
        )
    return made


def statements_of(postgres: PostgresReadModel, of_generation: Sequence[Change]) -> int:
    """Save a batch with everything in it; count the statements that go to the server."""
    pool = postgres.pool(most=1)
    projections = postgres.store_on(pool)
    with TemporaryFile("w+") as sent:
        with connected(pool) as connection:
            wire = connection.pgconn
        wire.trace(sent.fileno())
        wire.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        with projections.transaction() as transaction:
            transaction.note_unreadable(of_generation[0].after.event_id, "no keys")
            transaction.lock([change.stream for change in of_generation])
            transaction.save({each.number: of_generation for each in transaction.generations})
        wire.untrace()
        sent.seek(0)
        from_here = [line.split("\t") for line in sent if line.startswith("F\t")]
    return sum(kind in {"Query", "Execute"} for _, _, kind, *_ in from_here)


@pytest.mark.parametrize("generations", [1, 2])
def test_a_batch_of_10_streams_and_one_of_1000_are_the_same_few_statements(
    postgres: PostgresReadModel, generations: int
) -> None:
    if generations == 2:
        postgres.store.begin(FOLDS + 1)

    first = [statements_of(postgres, changes(count, START, at(1))) for count in (10, 1_000)]
    again = [statements_of(postgres, changes(count, at(1), at(2))) for count in (10, 1_000)]

    # A new stream has no row to load.
    assert first == [MOST + len(READ_TABLES) * generations] * 2
    assert again == [MOST + 2 * len(READ_TABLES) * generations] * 2


def test_the_columns_that_are_written_are_those_of_the_metadata() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not say
    short = {"timestamp with time zone": "timestamptz"}
    tables = read_tables("read_7").tables

    def types(name: str) -> dict[str, str]:
        columns = {each.name: each.type.compile(dialect=dialect).lower() for each in tables[f"read_7.{name}"].columns}
        return {
            column: short.get(kind.partition(" collate")[0], kind.partition(" collate")[0])
            for column, kind in columns.items()
        }

    assert {f"read_7.{table.name}" for table in READ_TABLES.values()} == set(tables)
    for table in READ_TABLES.values():
        assert types(table.name) == {"stream": "text", "version": "bigint", **table.columns}


BATCH = """
import sys
from adapters.postgres.connections import open_pool
from adapters.postgres.projection import PostgresProjectionStore
from adapters.system.environment import system_environment
from core.domain.inventory import Inventory
from core.ports.projection_store import Change, Cursor, Row

with open_pool(sys.argv[1], "a projector") as pool:
    projections = PostgresProjectionStore(pool, system_environment())
    with projections.transaction() as transaction:
        transaction.lock(["s"])
        transaction.save({1: [Change("s", Cursor(), Cursor(1, "e"), Row("s", 1, Inventory("p", 1)))]})
    assert projections.standings(["s"])["s"].row
print(*(name for name in ("sqlalchemy", "alembic") if name in sys.modules))
"""


def test_a_projector_loads_neither_sqlalchemy_nor_alembic(postgres: PostgresReadModel) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BATCH, postgres.url], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout == "\n"


def test_an_error_that_is_no_text_for_a_table_is_kept_as_far_as_it_is_one(postgres: PostgresReadModel) -> None:
    parked = Parked("s", 1, "cannot read 'te\0a\ud800'", 1, 1)
    with postgres.store.transaction() as transaction:
        transaction.lock(["s"])
        transaction.note_unreadable("7\0", "\udfff")
        transaction.save({LIVE: [Change("s", START, START, None, parked)]})

    assert [each.error for each in postgres.store.parked_streams()] == ["cannot read 'te\\0a\\ud800'"]
    assert postgres.store.unreadable_records() == [("7\\0", "\\udfff")]


def test_what_was_noted_is_kept_though_the_batch_saved_nothing_else(postgres: PostgresReadModel) -> None:
    with postgres.store.transaction() as transaction:
        transaction.save({LIVE: []})
        transaction.note_unreadable("7", "no keys")

    assert postgres.store.unreadable_records() == [("7", "no keys")]


def test_a_stream_whose_row_becomes_another_aggregates_has_one_row(postgres: PostgresReadModel) -> None:
    order = Row("s", 2, Order("o", "u", (), 0, "pending", AT, AT))
    for before, after, row in ((START, at(1), Row("s", 1, Inventory("p", 1))), (at(1), at(2), order)):
        with postgres.store.transaction() as transaction:
            transaction.lock(["s"])
            transaction.save({LIVE: [Change("s", before, after, row)]})

    assert postgres.store.standings(["s"])["s"].row == order
    assert postgres.execute("SELECT count(*) FROM read_1.read_inventory") == [(0,)]


def test_a_batch_leaves_no_lock_behind_on_its_connection(postgres: PostgresReadModel) -> None:
    """Locks are the transaction's: a session's would outlive it, and a pooler hands sessions on."""
    with postgres.store.transaction() as transaction:
        transaction.lock(["s"])

    held = postgres.execute(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )

    assert held == [(0,)]


def test_a_refused_constraint_is_the_rows_fault(postgres: PostgresReadModel) -> None:
    postgres.execute("ALTER TABLE read_1.read_inventory ADD CHECK (total < 5)")

    with pytest.raises(RowRefused, match="check constraint"), postgres.store.transaction() as transaction:  # noqa: PT012
        transaction.lock(["s"])
        transaction.save({LIVE: [Change("s", START, at(1), Row("s", 1, Inventory("p", 5)))]})

    assert postgres.store.standings(["s"]) == {}


def test_a_database_without_generations_takes_no_batch(postgres: PostgresReadModel) -> None:
    other = postgres.store_on(postgres.connections, "notifier")

    with pytest.raises(ProjectionUnavailable, match="notifier"), other.transaction():
        pass


def test_projectors_share_the_tables_and_know_nothing_of_each_other(postgres: PostgresReadModel) -> None:
    notifier = postgres.store_on(postgres.connections, "notifier")
    notifier.establish(7)
    with postgres.store.transaction() as transaction:
        transaction.lock(["s"])  # the read models have a cursor there too, before its first event
    parked = Parked("s", 2, "broken", 1, 2)
    mail = NewMail("event-1", "OrderPaid", "s", 1, AT)
    for _ in range(2):  # a mail is asked for once, whoever asks again
        with notifier.transaction() as transaction:
            before = transaction.lock(["s"])[1]["s"].cursor
            transaction.save({1: [Change("s", before, at(1), None, parked, (mail,))]})

    assert notifier.standings(["s"]) == {"s": Standing(at(1), None, parked)}
    assert notifier.generations() == [Generation(1, 7, "live")]
    assert postgres.store.standings(["s"]) == {}
    assert postgres.store.parked_streams() == []
    assert postgres.execute("SELECT event_id, status FROM shop_state.mail_queue") == [("event-1", "pending")]


def test_establishing_again_changes_nothing(postgres: PostgresReadModel) -> None:
    number = postgres.store.begin(FOLDS + 1).number
    postgres.store.swap(number)
    before = postgres.store.generations()

    postgres.store.establish(FOLDS)

    assert postgres.store.generations() == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_batch_that_is_left_with_an_error_asks_for_no_mail(
    postgres: PostgresReadModel, error: type[BaseException]
) -> None:
    mail = NewMail("event-1", "OrderPaid", "s", 1, AT)
    with pytest.raises(error), postgres.store.transaction() as transaction:  # noqa: PT012 - the error is the end of the batch
        transaction.lock(["s"])
        transaction.save({LIVE: [Change("s", START, at(1), None, mails=(mail,))]})
        raise error

    assert postgres.execute("SELECT event_id FROM shop_state.mail_queue") == []


def test_a_text_that_no_index_takes_is_the_events_fault(postgres: PostgresReadModel) -> None:
    """An index takes a third of a page; repeated letters would be packed to less."""
    long = "".join(random.Random(1).choices("0123456789abcdef", k=20_000))
    order = Order("o", long, (), 0, "pending", AT, AT)

    with pytest.raises(RowRefused, match="index"), postgres.store.transaction() as transaction:  # noqa: PT012 - at the latest when it commits
        transaction.lock(["o"])
        transaction.save({1: [Change("o", START, at(1), Row("o", 1, order))]})

    assert postgres.store.standings(["o"]) == {}
