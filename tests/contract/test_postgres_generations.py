"""Generations on PostgreSQL: schemas and views, and what readers notice of a swap."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from adapters.postgres.queries import PostgresQueries
from core.domain.product import Product
from core.ports.generations import Generation
from core.ports.projection_store import Change, ProjectionUnavailable, Row
from core.ports.queries import QueriesUnavailable
from core.projections.rows import FOLDS
from tests.contract.changes import LIVE, START, at
from tests.contract.postgres_read_model import PostgresReadModel
from tests.contract.projected_shop import ALL
from tests.contract.test_projection_store_locks import MOMENT, InAnotherThread
from tests.support.commits import AT

NEXT = FOLDS + 1


def put(postgres: PostgresReadModel, name: str, number: int) -> None:
    """Save the one product of a generation under another name."""
    with postgres.store.transaction(only=number) as transaction:
        before = transaction.lock(["tea"])[number]["tea"].cursor
        after = at(before.version + 1)
        row = Row("tea", after.version, Product("tea", name, "", 1, created_at=AT, updated_at=AT))
        transaction.save({number: [Change("tea", before, after, row)]})


def names(postgres: PostgresReadModel) -> list[str]:
    return [product.name for product in postgres.queries.products(ALL)]


@contextmanager
def holding(postgres: PostgresReadModel, statement: str) -> Iterator[psycopg.Connection]:
    """Leave a transaction open after a statement."""
    with psycopg.connect(postgres.url) as connection:
        connection.execute(statement.encode())
        yield connection


def test_no_read_fails_and_each_sees_one_generation_while_they_are_swapped_again_and_again(
    postgres: PostgresReadModel,
) -> None:
    put(postgres, "generation 1", LIVE)
    swapped, seen, failed = threading.Event(), list[str](), list[BaseException]()

    def read() -> None:
        try:
            while not swapped.is_set():
                seen.extend(names(postgres))
                assert postgres.queries.cart("u").items == ()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            failed.append(error)

    readers = [InAnotherThread(read) for _ in range(3)]
    for number in range(2, 12):
        assert postgres.store.begin(NEXT).number == number
        put(postgres, f"generation {number}", number)
        postgres.store.swap(number)
        postgres.store.drop(number - 1)
    swapped.set()
    for reader in readers:
        reader.ended()

    assert failed == []
    assert names(postgres) == ["generation 11"]
    assert set(seen) <= {f"generation {number}" for number in range(1, 12)}
    assert len(set(seen)) > 2


def test_a_swap_that_cannot_show_every_table_changes_nothing(postgres: PostgresReadModel) -> None:
    put(postgres, "old", LIVE)
    number = postgres.store.begin(NEXT).number
    postgres.execute(f"DROP TABLE read_{number}.read_orders")

    with pytest.raises(ProjectionUnavailable):
        postgres.store.swap(number)

    assert names(postgres) == ["old"]
    assert postgres.queries.orders(ALL) == []
    assert postgres.store.generations() == [Generation(LIVE, FOLDS, "live"), Generation(number, NEXT, "building")]


def test_a_swap_waits_for_a_reader_only_shortly_at_a_time_so_that_others_read_on(postgres: PostgresReadModel) -> None:
    put(postgres, "old", LIVE)
    number = postgres.store.begin(NEXT).number
    put(postgres, "new", number)

    with holding(postgres, "SELECT stream FROM read_products"):
        swap = InAnotherThread(lambda: postgres.another().swap(number))
        for _ in range(20):
            assert names(postgres) == ["old"]
        assert not swap.done.wait(MOMENT)
    swap.ended()

    assert names(postgres) == ["new"]


def test_a_prepared_query_survives_a_swap_to_views_of_other_types(postgres: PostgresReadModel) -> None:
    """A statement that is prepared for other columns is refused once, with SQLSTATE 0A000, and planned anew."""
    put(postgres, "old", LIVE)
    with postgres.pool(most=1) as pool:
        queries = PostgresQueries(pool)
        for _ in range(8):
            assert [product.name for product in queries.products(ALL)] == ["old"]
        number = postgres.store.begin(NEXT).number
        postgres.execute(f"ALTER TABLE read_{number}.read_products ALTER COLUMN price TYPE numeric")
        put(postgres, "new", number)
        postgres.store.swap(number)

        assert [product.name for product in queries.products(ALL)] == ["new"]


def test_a_barrier_waits_for_a_batch_whatever_became_of_its_projector(postgres: PostgresReadModel) -> None:
    locked, let_go = threading.Event(), threading.Event()

    def batch() -> None:
        with postgres.another().transaction() as transaction:
            transaction.lock(["s"])
            locked.set()
            let_go.wait(10)
            raise RuntimeError

    begun = list[Generation]()
    dying = InAnotherThread(batch)
    locked.wait(10)
    rebuild = InAnotherThread(lambda: begun.append(postgres.store.begin(NEXT)))
    assert not rebuild.done.wait(MOMENT)
    let_go.set()
    with pytest.raises(RuntimeError):
        dying.ended()
    rebuild.ended()

    assert [each.status for each in postgres.store.generations()] == ["live", "building"]


def test_a_batch_that_waited_for_the_barrier_knows_of_the_new_generation(postgres: PostgresReadModel) -> None:
    """The registry is read in the statement after the lock: the lock's own would still see the old one."""
    written: list[list[int]] = []

    def batch() -> None:
        with postgres.another().transaction() as transaction:
            written.append([each.number for each in transaction.generations])

    first, second = postgres.store.batches
    with holding(postgres, f"SELECT pg_advisory_xact_lock({first}, {second})") as barrier:
        waiting = InAnotherThread(batch)
        assert not waiting.done.wait(MOMENT)
        barrier.execute("INSERT INTO shop_state.projection_generations VALUES ('read-models', 2, 2, 'building')")
        barrier.commit()
    waiting.ended()

    assert written == [[LIVE, 2]]


def test_numbers_are_never_given_again(postgres: PostgresReadModel) -> None:
    given_up = postgres.store.begin(NEXT).number
    postgres.store.drop(given_up)

    assert postgres.store.begin(NEXT).number == given_up + 1


def test_a_dropped_generation_leaves_no_schema_and_no_cursor(postgres: PostgresReadModel) -> None:
    number = postgres.store.begin(NEXT).number
    put(postgres, "given up", number)

    postgres.store.drop(number)

    assert postgres.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'read')") == [("read_1",)]
    assert postgres.execute("SELECT count(*) FROM shop_state.projection_cursors WHERE generation = %s", number) == [
        (0,)
    ]


def test_a_drop_that_was_cut_short_is_done_again(postgres: PostgresReadModel) -> None:
    number = postgres.store.begin(NEXT).number
    assert number == 2
    with closing(psycopg.connect(postgres.url)) as in_the_way:
        in_the_way.execute(b"CREATE VIEW public.somebodys AS SELECT stream FROM read_2.read_carts")
        in_the_way.commit()
        with pytest.raises(ProjectionUnavailable, match="read_carts"):
            postgres.store.drop(number)
        assert [each.status for each in postgres.store.generations()] == ["live", "retired"]
        in_the_way.execute("DROP VIEW public.somebodys")
        in_the_way.commit()

    postgres.store.drop(number)

    assert [each.number for each in postgres.store.generations()] == [LIVE]


def test_rebuilds_that_begin_at_once_build_one_generation(postgres: PostgresReadModel) -> None:
    start = threading.Barrier(4)
    begun: list[Generation] = []

    def begin() -> None:
        start.wait(10)
        begun.append(postgres.another().begin(NEXT))

    for beginner in [InAnotherThread(begin) for _ in range(4)]:
        beginner.ended()

    assert begun == [Generation(2, NEXT, "building")] * 4


def test_queries_of_a_database_without_views_are_unavailable(postgres: PostgresReadModel) -> None:
    postgres.execute("DROP VIEW read_products")

    with pytest.raises(QueriesUnavailable, match="read_products"):
        postgres.queries.products(ALL)


@pytest.mark.parametrize("name", ["te\0a", "te\ud800a"])
def test_nothing_is_found_under_a_name_that_is_no_text_for_a_table(postgres: PostgresReadModel, name: str) -> None:
    looks: list[Callable[[], object]] = [
        lambda: postgres.queries.product(name),
        lambda: postgres.queries.order(name),
        lambda: list(postgres.queries.orders(ALL, name)),
        lambda: postgres.queries.cart(name).items,
        lambda: dict(postgres.queries.shelves([name])),
    ]

    assert [look() for look in looks] == [None, None, [], (), {}]


def test_a_generation_is_removed_only_when_no_batch_writes_it_any_more(postgres: PostgresReadModel) -> None:
    number = postgres.store.begin(NEXT).number
    with postgres.store.transaction() as transaction:
        transaction.lock(["tea"])
        drop = InAnotherThread(lambda: postgres.another().drop(number))
        assert not drop.done.wait(MOMENT)
        changes = [Change("tea", START, at(1), Row("tea", 1, Product("tea", "Tea")))]
        transaction.save({LIVE: changes, number: changes})
    drop.ended()

    assert postgres.store.standings(["tea"], number) == {}
    assert postgres.store.standings(["tea"])["tea"].cursor == at(1)
