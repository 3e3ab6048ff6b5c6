"""A durable shop whose API, projector and notifier are processes of their own: one id leads through all, and who is gone is told."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    """Give a mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def processes(
    postgres_url: str, inbox: Inbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[EcshopProcess]]:
    """Give the API, the projector and the notifier of one shop, running."""
    port, folder = free_port(), tmp_path_factory.mktemp("processes")
    with fresh_database(postgres_url) as url:
        assert ecshop("migrate", DATABASE_URL=url).exit_code == 0
        settings = {
            "ADMIN_TOKEN": ADMIN_TOKEN,
            "DATABASE_URL": url,
            "STORE": "postgres",
            "WORKERS": "none",
            "READY_MAX_LAG": "1",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(inbox.port),
            "SMTP_TLS": "none",
            "SMTP_FROM": "orders@shop.example",
        }
        commands = (("serve", "--port", str(port)), ("worker", "project"), ("worker", "notify"))
        processes = [EcshopProcess(folder, *command, **settings) for command in commands]
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


def test_a_projector_that_is_gone_is_told_by_the_api_and_its_return_too(processes: list[EcshopProcess]) -> None:
    api, projector, _ = processes
    with httpx.Client(base_url=api.address(), timeout=60) as client:
        new_product(client)
        wait_until(lambda: client.get("/readyz").json()["status"] == "ready")
        projector.kill()
        written = client.post("/products", json={"name": "急須", "price": 6_600}, headers=ADMIN)

        wait_until(lambda: client.get("/readyz").status_code == 503)
        told = client.get("/readyz").json()
        assert told["error"] == "Not ready: read-models."
        assert told["projectors"]["read-models"]["status"] == "lagging"
        assert client.get(f"/products/{good(written, 201)['id']}").status_code == 404

        projector.start()
        wait_until(lambda: client.get("/readyz").json()["status"] == "ready")
        assert good(client.get(f"/products/{written.json()['id']}"))["name"] == "急須"
