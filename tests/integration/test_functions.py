"""The notifier, the sweeper and the API as Lambda calls them, on a real PostgreSQL and a real mail server."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from adapters.smtp import SmtpMailer
from config.settings import Settings
from config.shop import Shop
from core.ports.event_feed import Doorbell
from entrypoints.lambdas import api, notifier, projector, sweeper
from entrypoints.lambdas.parts import SMTP_TIMEOUT, shop_of_function
from entrypoints.lambdas.sending import RESERVE as RESERVE_OF_MAILS
from entrypoints.lambdas.sweeper import RESERVE
from tests.integration.function_scene import functions_on
from tests.support.aws_shop import aws_settings
from tests.support.durable_shop import Variables, execute, order_in
from tests.support.lambda_events import Invocation, batch, change, failed_from, sequence
from tests.support.mail_server import Inbox, mail_server

pytestmark = [pytest.mark.postgres, pytest.mark.ministack]

TOKEN = "a-token-that-is-long-enough"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Give a mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def settings(ministack_endpoint: str, postgres_url: str, inbox: Inbox) -> Iterator[Variables]:
    """Give the variables of the functions."""
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        mails = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(inbox.port),
            "SMTP_TLS": "none",
            "SMTP_FROM": "orders@shop.example",
        }
        yield settings | mails | {"ADMIN_TOKEN": TOKEN}


@pytest.fixture
def shop(settings: Variables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Give the shop of the functions."""
    with functions_on(settings, monkeypatch):
        yield shop_of_function()


def changes_of(shop: Shop, *streams: str) -> dict[str, Any]:
    """Give the batch that the streams' events are."""
    table = shop.settings().dynamodb_table_name
    return batch(change(event, table) for stream in streams for event in shop.event_store().read(stream))


def project(shop: Shop) -> None:
    """Have both projectors hear of everything."""
    doorbells = [Doorbell(event.stream, event.version, event, "replay") for event in shop.event_store().replay()]
    for role in (shop.read_models, shop.notifier):
        role.consumer().handle(doorbells)


def test_the_notifier_mails_what_a_batch_asks_for(shop: Shop, inbox: Inbox) -> None:
    _, order_id = order_in(shop, "ann@x.example")

    assert failed_from(notifier.handler(changes_of(shop, order_id), Invocation())) is None

    (mail,) = inbox.mails
    assert mail["To"] == "ann@x.example"
    assert order_id[:8] in mail["Subject"]


def test_a_batch_that_comes_twice_is_mailed_once(shop: Shop, inbox: Inbox) -> None:
    _, order_id = order_in(shop, "ann@x.example")
    changes = changes_of(shop, order_id)

    notifier.handler(changes, Invocation())
    notifier.handler(changes, Invocation())

    assert len(inbox.mails) == 1


def test_a_mail_server_that_is_away_fails_no_batch_and_the_sweeper_sends_later(
    shop: Shop, settings: Variables, inbox: Inbox
) -> None:
    _, order_id = order_in(shop, "ann@x.example")
    inbox.answers["MAIL"].append("421 shutting down")

    assert failed_from(notifier.handler(changes_of(shop, order_id), Invocation())) is None
    assert inbox.mails == []

    execute(settings, "UPDATE shop_state.mail_queue SET due_at = now() - interval '1 second'")
    assert sweeper.handler({"task": "mails"}, Invocation()) == {"sent": 1}
    assert len(inbox.mails) == 1


def test_no_mail_is_begun_when_time_is_short(shop: Shop, inbox: Inbox) -> None:
    _, order_id = order_in(shop, "ann@x.example")

    notifier.handler(changes_of(shop, order_id), Invocation(RESERVE_OF_MAILS))

    assert inbox.mails == []


def test_a_batch_that_was_not_saved_comes_again_whole(shop: Shop, inbox: Inbox) -> None:
    _, order_id = order_in(shop, "ann@x.example")
    changes = changes_of(shop, order_id)
    assert failed_from(notifier.handler({"Records": []}, Invocation())) is None
    shop.backends().close()  # the database cannot be reached any more

    assert failed_from(notifier.handler(changes, Invocation())) == sequence(0)
    assert inbox.mails == []


@pytest.fixture
def projecting(settings: Variables, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the projector as it is deployed, beside a shop."""
    monkeypatch.setattr(projector, "_batches", cache(projector._batches.__wrapped__))
    yield
    projector._batches()._parts.consumer._transactions._projections._pool.close()  # type: ignore[attr-defined]


def test_the_projector_keeps_the_rows_and_reads_gaps_from_the_table(projecting: None, shop: Shop) -> None:
    product_id, order_id = order_in(shop)
    changes = changes_of(shop, product_id, order_id)
    # The reservation alone: the record of the stock before it was lost.
    gap = changes_of(shop, f"inventory-{product_id}")["Records"][-1]
    changes["Records"].append(gap)

    assert failed_from(projector.handler(changes, Invocation())) is None

    row = shop.queries().product(product_id)
    assert row
    assert row.view.stock == 9
    order = shop.queries().order(order_id)
    assert order
    assert order.status == "pending"


def test_what_the_projector_could_not_save_comes_again_whole(
    shop: Shop, settings: Variables, monkeypatch: pytest.MonkeyPatch
) -> None:
    product_id, _ = order_in(shop)
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
    monkeypatch.setattr(projector, "_batches", cache(projector._batches.__wrapped__))

    assert failed_from(projector.handler(changes_of(shop, product_id), Invocation())) == sequence(0)
    projector._batches()._parts.consumer._transactions._projections._pool.close()  # type: ignore[attr-defined]


def test_a_mail_server_has_less_time_for_each_answer_than_an_invocation_keeps_back_for_a_mail(shop: Shop) -> None:
    mailer = shop.mailer()

    assert isinstance(mailer, SmtpMailer)
    assert mailer._server.timeout == shop.settings().smtp_timeout == SMTP_TIMEOUT < Settings().smtp_timeout
    assert (
        RESERVE_OF_MAILS / 1_000 > 10 * SMTP_TIMEOUT
    )  # a banner, EHLO twice, STARTTLS, AUTH twice, MAIL, RCPT, DATA, its end


def test_the_sweeper_finds_what_the_feed_lost_lately(
    shop: Shop, inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    order_in(shop, "ann@x.example")
    project(shop)
    order_in(shop)

    found = sweeper.handler({"task": "reconcile-recent"}, Invocation(900_000))

    assert found["read-models"]["differences"] == 4  # the product, its stock, the cart, the order
    assert sweeper.handler({"task": "reconcile-recent"}, Invocation(900_000))["read-models"]["differences"] == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ReconcileDifferences" in line]
    assert [(line["Projector"], line["ReconcileDifferences"]) for line in told[:2]] == [
        ("read-models", 4),
        ("notifier", 4),
    ]
    assert all(line["ParkedStreams"] == 0 for line in told)
    assert len(inbox.mails) == 1


def test_the_sweeper_looks_at_all_streams_over_several_invocations(shop: Shop) -> None:
    order_in(shop)

    first = sweeper.handler({"task": "reconcile-all"}, Invocation(*[900_000] * 5, RESERVE))
    assert not first["read-models"]["done"]

    second = sweeper.handler({"task": "reconcile-all"}, Invocation(900_000))
    assert second["read-models"]["done"]
    assert second["notifier"]["done"]
    assert first["read-models"]["differences"] + second["read-models"]["differences"] == 4
    assert sweeper.handler({"task": "reconcile-all"}, Invocation(900_000))["read-models"] == {
        "done": True,
        "differences": 0,
    }


def test_how_often_all_streams_are_looked_at_is_the_schedules_to_say(shop: Shop, settings: Variables) -> None:
    sweeper.handler({"task": "reconcile-all"}, Invocation(900_000))
    execute(settings, "UPDATE shop_state.bookmarks SET bookmark = '2026-01-02T03:04:05.000000Z over/64 '")
    order_in(shop)

    week = {"task": "reconcile-all", "days": 100_000}
    assert sweeper.handler(week, Invocation(900_000))["read-models"]["differences"] == 0
    assert sweeper.handler({"task": "reconcile-all"}, Invocation(900_000))["read-models"]["differences"] == 4


@pytest.mark.parametrize("event", [{}, {"task": "sweep"}, {"task": None}, {"task": ["mails"]}])
def test_a_task_that_there_is_not_is_refused_with_those_that_there_are(shop: Shop, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one of reconcile-recent, reconcile-all, mails"):
        sweeper.handler(event, Invocation())


def asked(method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
    """Ask the API as a function URL does."""
    path, _, query = path.partition("?")
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "shop.example", "content-type": "application/json"}
        | {name.replace("_", "-").lower(): value for name, value in headers.items()},
        "requestContext": {
            "domainName": "shop.example",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "id",
            "stage": "$default",
            "time": "25/Nov/2026:09:30:00 +0000",
            "timeEpoch": 1_795_599_000_000,
        },
        "isBase64Encoded": False,
    } | ({} if body is None else {"body": json.dumps(body)})
    return api.handler(event, object())


def told(answer: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Read an answer's body."""
    body = b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"]
    return json.loads(body)


def test_the_api_serves_the_shop(shop: Shop) -> None:
    guest = str(uuid4())
    token = {"Authorization": f"Bearer {TOKEN}"}
    created = asked("POST", "/products", {"name": "煎茶", "description": "", "price": 1_080, "stock": 10}, **token)
    assert created["statusCode"] == 201, created
    product = told(created)["id"]
    project(shop)
    shown = asked("GET", f"/products/{product}")
    assert (shown["statusCode"], told(shown)["name"]) == (200, "煎茶")
    assert asked("POST", "/cart/items", {"product_id": product, "quantity": 2}, X_User_ID=guest)["statusCode"] == 200
    placed = asked("POST", "/orders", {}, X_User_ID=guest, X_Request_ID="one-request")
    assert placed["statusCode"] == 201, placed

    assert placed["headers"]["x-request-id"] == "one-request"
    order = told(placed)["id"]
    (event,) = shop.event_store().read(order)
    assert event.metadata.correlation_id == "one-request"


def test_a_read_waits_for_its_write_in_every_invocation(shop: Shop) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    for number in range(2):
        created = asked("POST", "/products", {"name": "煎茶", "price": 1_080}, **token)
        reads = {"X_Consistency_Token": created["headers"]["x-consistency-token"]}
        path = f"/products/{told(created)['id']}"

        assert asked("GET", path, Prefer="wait=0.1", **reads)["headers"]["x-consistency"] == "stale", number
        later = threading.Timer(0.3, project, [shop])
        later.start()
        fresh = asked("GET", path, Prefer="wait=10", **reads)
        later.join()

        assert (fresh["statusCode"], "x-consistency" in fresh["headers"]) == (200, False), number


def test_what_is_left_for_later_is_done_before_the_answer(shop: Shop) -> None:
    done: list[str] = []

    shop.later()(lambda: done.append("a snapshot"))

    assert done == ["a snapshot"]


def test_the_api_refuses_as_the_server_does(shop: Shop) -> None:
    missing = asked("GET", f"/products/{uuid4()}")

    assert missing["statusCode"] == 404
    assert told(missing)["code"] == "product_not_found"
