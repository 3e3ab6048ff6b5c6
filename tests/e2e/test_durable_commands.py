"""The commands on a durable shop: tables, workers, rows made anew and compared, streams that are parked."""

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from core.delivery.projector import Projector
from core.delivery.rebuild import Rebuild
from core.delivery.reconcile import Reconcile
from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent, Undecodable
from core.projections.rows import RowFold
from tests.support.command import ecshop, says_no
from tests.support.durable_shop import Variables, durable_settings, execute, lose, order_in, project, shop_on
from tests.support.mail_server import mail_server
from tests.support.postgres_databases import empty_database
from tests.support.running_shop import ECSHOP, environment
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Variables]:
    """Give a shop that is empty; nobody waits for the readers of old rows, nor long for what may be on its way."""
    monkeypatch.setattr("entrypoints.cli.rebuild.GRACE", 0.0)
    monkeypatch.setattr(Reconcile.__init__, "__defaults__", (0.05,))
    with durable_settings(postgres_url) as settings:
        yield settings


def told(settings: Variables, *command: str, status: int = 0) -> str:
    """Give what a command says that ends with this status."""
    ended = ecshop(*command, **settings)
    assert ended.exit_code == status, ended.output
    return str(ended.stdout)


def generations(settings: Variables) -> list[tuple[int, str]]:
    """Give their numbers and what they are."""
    return [(each["number"], each["status"]) for each in json.loads(told(settings, "generations", "--json"))]


def test_the_tables_are_made_once(postgres_url: str) -> None:
    with empty_database(postgres_url) as url:
        settings = {"DATABASE_URL": url}
        assert told(settings, "migrate").startswith("Done: 0001, ")
        assert told(settings, "migrate") == "The tables are as this version wants them.\n"


def test_the_events_of_an_aggregate_are_read_where_the_shop_keeps_them(settings: Variables) -> None:
    with shop_on(settings) as shop:
        _, order_id = order_in(shop, "tea@example.com")

    events = json.loads(told(settings, "events", order_id, "--json"))
    state = json.loads(told(settings, "events", order_id, "--at-version", "1", "--json"))

    assert [event["event_type"] for event in events] == ["OrderPlaced"]
    assert "email" not in events[0]["metadata"]
    assert (state["version"], state["state"]["status"]) == (1, "pending")
    says_no(ecshop("events", "no-such-stream", **settings), "no-such-stream")


def test_workers_do_what_a_served_shop_does_and_end_when_they_are_told_to(settings: Variables, tmp_path: Path) -> None:
    with shop_on(settings) as shop, mail_server() as inbox, ExitStack() as opened:
        product_id, order_id = order_in(shop, "mai@shopper.example")
        lose(shop)
        smtp = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(inbox.port),
            "SMTP_TLS": "none",
            "SMTP_FROM": "a@shop.example",
        }
        workers = {}
        for role in ("reconcile", "project", "notify"):
            output = opened.enter_context((tmp_path / role).open("wb"))
            command, given = [ECSHOP, "worker", role], environment(**settings, **smtp)
            workers[role] = opened.enter_context(
                subprocess.Popen(command, env=given, stdout=output, stderr=subprocess.DEVNULL)
            )
        try:
            wait_until(lambda: shop.queries().product(product_id) is not None)  # nobody rang: it was reconciled
            wait_until(lambda: len(inbox.mails) == 1)
            later, _ = order_in(shop)
            wait_until(lambda: shop.queries().product(later) is not None)
        finally:
            for worker in workers.values():
                worker.send_signal(signal.SIGTERM)

        assert [worker.wait(30) for worker in workers.values()] == [0, 0, 0]
        assert str(inbox.mails[0]["To"]) == "mai@shopper.example"
    for role in workers:
        assert (tmp_path / role).read_text().splitlines()[-1] == "Stopped; what was begun is done."
    assert f"{order_id}  sent         mai@shopper.example" in told(settings, "mails", "--status", "sent")


def test_a_worker_that_dies_says_of_what_and_ends_with_status_1(
    settings: Variables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> int:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(Projector, "step", break_down)
    ended = ecshop("worker", "project", **settings)

    assert ended.exit_code == 1
    assert ended.stderr.splitlines()[-1] == "read-models died: ZeroDivisionError: a fault of ours."


def test_rows_that_differ_are_found_and_made_anew(settings: Variables) -> None:
    with shop_on(settings) as shop:
        product_id, _ = order_in(shop)
        project(shop)
        execute(settings, "UPDATE read_1.read_products SET name = 'changed'")

        assert told(settings, "reconcile") == "4 streams, 0 differ.\n"
        found = json.loads(told(settings, "reconcile", "--deep", "--recent", "10m", "--json", status=1))
        assert [(each["stream"], each["kind"]) for each in found["differences"]] == [(product_id, "another row")]
        assert told(settings, "reconcile", "--deep", "--repair", status=1).endswith(
            "Repaired; look again to be sure.\n"
        )
        assert told(settings, "reconcile", "--deep") == "4 streams, 0 differ.\n"
        product = shop.queries().product(product_id)
        assert product is not None
        assert product.view.name == "煎茶"


def test_events_whose_doorbell_was_lost_are_found_and_applied(settings: Variables) -> None:
    with shop_on(settings) as shop:
        _, order_id = order_in(shop)
        lose(shop)
        assert f"{order_id}: behind, at version 0 where the store has 1" in told(settings, "reconcile", status=1)
        told(settings, "reconcile", "--repair", status=1)
        assert told(settings, "reconcile", "--deep") == "4 streams, 0 differ.\n"
        assert told(settings, "reconcile", "--projector", "notifier", status=1).count("behind") == 4


def test_a_rebuild_makes_all_rows_anew_and_people_read_those(settings: Variables) -> None:
    with shop_on(settings) as shop:
        product_id, _ = order_in(shop)
        project(shop)
        execute(settings, "TRUNCATE read_1.read_products")
        assert shop.queries().product(product_id) is None

        said = told(settings, "rebuild", "--segments", "3")

        assert "Reconciled 4 streams: none differs.\nGeneration 2 is live.\nGeneration 1 is dropped.\n" in said
        assert shop.queries().product(product_id) is not None
    assert generations(settings) == [(2, "live")]
    says_no(ecshop("generations", "--drop", "2", **settings), "generation 2", "live")


def test_a_rebuild_that_is_stopped_ends_after_its_batch_and_the_next_one_goes_on(
    settings: Variables, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Rebuild.replay

    def interrupted(*arguments: object) -> Iterator[int]:
        for count in whole(*arguments):  # type: ignore[arg-type]
            yield count
            os.kill(os.getpid(), signal.SIGINT)

    with shop_on(settings) as shop:
        for _ in range(3):
            order_in(shop)
        project(shop)
    monkeypatch.setattr("core.delivery.rebuild.BATCH", 2)
    monkeypatch.setattr(Rebuild, "replay", interrupted)
    ended = ecshop("rebuild", "--segments", "1", **settings)
    assert (ended.exit_code, ended.stderr) == (130, "Stopped. `ecshop rebuild` goes on where it was.\n")
    monkeypatch.setattr(Rebuild, "replay", whole)
    live, building = json.loads(told(settings, "generations", "--json"))
    assert (live["status"], building["status"]) == ("live", "building")
    assert 0 < building["events"] < live["events"]

    assert "Building generation 2" in told(settings, "rebuild")

    assert generations(settings) == [(2, "live")]


def test_a_rebuild_shows_on_a_terminal_how_far_and_how_fast_it_is(settings: Variables) -> None:
    with shop_on(settings) as shop:
        order_in(shop)
        project(shop)
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [ECSHOP, "rebuild"], env=environment(**settings), stdout=end, stderr=end, stdin=end
    ) as process:
        os.close(end)
        shown = b""
        with suppress(OSError):  # which is how a terminal ends
            while part := os.read(terminal, 4096):
                shown += part
                if b"is live" in shown:
                    process.send_signal(signal.SIGINT)  # nobody reads the old rows, which are dropped the next time
        os.close(terminal)
    assert re.search(rb"Events +\[#+\] +6/6 .*[\d,]+ events/s", shown), shown


def test_a_rebuild_that_nobody_wants_any_more_is_dropped(settings: Variables) -> None:
    with shop_on(settings) as shop:
        shop.projections().begin(1)
    assert generations(settings) == [(1, "live"), (2, "building")]

    assert "building" not in told(settings, "generations", "--drop", "2")


def test_new_folds_are_rebuilt_for_while_the_old_rows_are_read(settings: Variables) -> None:
    with shop_on(settings) as shop:
        product_id, _ = order_in(shop)
        project(shop)
        execute(settings, "UPDATE shop_state.projection_generations SET folds = 0 WHERE projector = 'read-models'")
        later, _ = order_in(shop)
        says_no(ecshop("reconcile", "--repair", **settings), "generation 1 needs folds 0")

        assert "Generation 2 is live." in told(settings, "rebuild")

        assert shop.queries().product(product_id) is not None
        assert shop.queries().product(later) is not None
    (live,) = json.loads(told(settings, "generations", "--json"))
    assert (live["number"], live["folds"]) == (2, 1)


@pytest.fixture
def without_orders(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have a fold that cannot apply OrderPlaced, until this is undone."""
    whole = RowFold.__call__

    def partly(fold: RowFold, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        if event.type == "OrderPlaced":
            raise Undecodable("OrderPlaced is too new")
        return whole(fold, state, event)

    monkeypatch.setattr(RowFold, "__call__", partly)
    return monkeypatch


def test_a_parked_stream_is_listed_shown_and_redriven_after_the_fix(
    settings: Variables, without_orders: pytest.MonkeyPatch
) -> None:
    assert told(settings, "dead-letters", "list") == "Nothing is parked.\n"
    with shop_on(settings) as shop:
        _, order_id = order_in(shop)
        project(shop)

        assert f"{order_id}: stopped at version 1, 1 waiting" in told(settings, "dead-letters", "list")
        (parked,) = json.loads(told(settings, "dead-letters", "list", "--json"))["parked"]
        assert (parked["stream"], parked["version"]) == (order_id, 1)
        assert "OrderPlaced is too new" in told(settings, "dead-letters", "show", order_id)
        assert f"{order_id}: parked, left to" in told(settings, "reconcile")
        assert "is parked again, at version 1" in told(settings, "dead-letters", "redrive", order_id, status=1)
        without_orders.undo()
        assert told(settings, "dead-letters", "redrive") == f"{order_id} goes on\n"

        assert shop.queries().order(order_id) is not None
    says_no(ecshop("dead-letters", "show", order_id, **settings), order_id, "not parked")
    says_no(ecshop("dead-letters", "redrive", order_id, **settings), order_id, "not parked")
