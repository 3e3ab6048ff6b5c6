"""One id leads from a request through the processes of a durable shop to the mail in its customer's mail box."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.support.command import ecshop, free_port
from tests.support.ecshop_processes import EcshopProcess
from tests.support.mail_server import Inbox, mail_server
from tests.support.postgres_databases import fresh_database
from tests.support.running_shop import ADMIN_TOKEN
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.smtp]

RECIPIENT = "tea@shopper.example"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Give a mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def processes(postgres_url: str, inbox: Inbox, tmp_path: Path) -> Iterator[list[EcshopProcess]]:
    """Give the API, the projector and the notifier of one shop, running."""
    port = free_port()
    with fresh_database(postgres_url) as url:
        assert ecshop("migrate", DATABASE_URL=url).exit_code == 0
        settings = {
            "ADMIN_TOKEN": ADMIN_TOKEN,
            "DATABASE_URL": url,
            "STORE": "postgres",
            "WORKERS": "none",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(inbox.port),
            "SMTP_TLS": "none",
            "SMTP_FROM": "orders@shop.example",
        }
        commands = (("serve", "--port", str(port)), ("worker", "project"), ("worker", "notify"))
        processes = [EcshopProcess(tmp_path, *command, **settings) for command in commands]
        with ThreadPoolExecutor() as threads:
            list(threads.map(EcshopProcess.start, processes))
        try:
            yield processes
        finally:
            for process in processes:
                process.stop()


def logged(process: EcshopProcess) -> list[Json]:
    """Give its log lines."""
    return [json.loads(line) for line in process.log.read_text().splitlines()]


def test_one_id_is_in_the_answer_the_events_both_logs_the_mail_and_what_admins_see(
    processes: list[EcshopProcess], inbox: Inbox
) -> None:
    api, _, notifier = processes
    request_id, buyer = f"test/{uuid4()}", guest()
    with httpx.Client(base_url=api.address(), timeout=60) as client:
        put_in_cart(client, buyer, new_product(client))
        asked = client.post("/orders", json={"email": RECIPIENT}, headers=buyer | {"X-Request-ID": request_id})
        order = good(asked, 201)
        (event,) = good(client.get(f"/api/admin/events/{order['id']}", headers=ADMIN))
    wait_until(lambda: bool(inbox.mails))
    wait_until(lambda: any(line.get("correlation_id") == request_id for line in logged(notifier)))
    wait_until(lambda: any(line.get("request_id") == request_id for line in logged(api)))

    (mail,) = inbox.mails
    assert asked.headers["X-Request-ID"] == request_id
    assert event["metadata"]["correlation_id"] == request_id
    assert mail["X-Correlation-ID"] == request_id
    assert mail["To"] == RECIPIENT
    assert event["id"] in mail["Message-ID"]
    (line,) = (line for line in logged(notifier) if line.get("correlation_id") == request_id)
    assert event["id"] in line["event"]
    assert not any(RECIPIENT in process.log.read_text() + process.output.read_text() for process in processes)
