"""A shop with an outbox whose API, relay and projector are processes of their own, with Kafka between."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import httpx
import pytest

from tests.support.command import ecshop, free_port, says_no
from tests.support.durable_shop import Variables, durable_settings
from tests.support.ecshop_processes import EcshopProcess
from tests.support.kafka import KafkaServer
from tests.support.running_shop import ADMIN_TOKEN
from tests.support.shopping import ADMIN, Json, good, new_product
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


@pytest.fixture(scope="module")
def settings(postgres_url: str, kafka_broker: KafkaServer) -> Iterator[Variables]:
    """Give the settings of the shop, whose database and topic are made."""
    through = {"KAFKA_BOOTSTRAP_SERVERS": kafka_broker.servers, "KAFKA_TOPIC": f"events-{uuid4().hex}"}
    assert ecshop("topics", "create", **through).exit_code == 0
    with durable_settings(postgres_url) as settings:
        yield settings | through | {"DELIVERY": "outbox", "WORKERS": "none", "READY_MAX_LAG": "1"}


@pytest.fixture(scope="module")
def processes(settings: Variables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[EcshopProcess]]:
    """Give the API, the relay and the projector, running."""
    folder = tmp_path_factory.mktemp("processes")
    commands = (("serve", "--port", str(free_port())), ("worker", "relay"), ("worker", "project"))
    processes = [EcshopProcess(folder, *each, **settings | {"ADMIN_TOKEN": ADMIN_TOKEN}) for each in commands]
    with ThreadPoolExecutor() as threads:
        list(threads.map(EcshopProcess.start, processes))
    try:
        yield processes
    finally:
        for process in processes:
            process.stop()


def told(settings: Variables, *command: str) -> Json:
    """Give what a command tells as JSON."""
    said: Json = json.loads(ecshop(*command, "--json", **settings).stdout)
    return said


def read_models(client: httpx.Client) -> Json:
    """Give what the API says of the projector of the rows."""
    told: Json = client.get("/readyz").json()["projectors"]["read-models"]
    return told


def test_a_relay_that_was_killed_is_told_and_goes_on_where_it_was(
    processes: list[EcshopProcess], settings: Variables
) -> None:
    api, relay, _ = processes
    with httpx.Client(base_url=api.address(), timeout=60) as client:
        new_product(client)
        relay.kill()
        written = good(client.post("/products", json={"name": "急須", "price": 6_600}, headers=ADMIN), 201)

        wait_until(lambda: read_models(client)["status"] == "lagging")
        assert "ecshop worker relay" in read_models(client)["detail"]
        assert "ecshop_outbox_pending_events 1.0" in client.get("/metrics").text
        assert client.get(f"/products/{written['id']}").status_code == 404
        outbox = told(settings, "status")["parts"]["outbox"]
        assert outbox["status"] == "wrong"
        assert outbox["rows"][0]["pending_events"] == 1

        relay.start()
        wait_until(lambda: client.get(f"/products/{written['id']}").status_code == 200)
        assert told(settings, "status")["parts"]["outbox"]["rows"] == [
            {"pending_events": 0, "oldest_waits_seconds": 0.0}
        ]
        checks = {each["part"]: each for each in told(settings, "doctor")["checks"]}
        assert checks["delivery"]["status"] == "ok"
        assert f"'kafka {settings['KAFKA_TOPIC']}'" in checks["delivery"]["said"]


@contextmanager
def told_to_stop() -> Iterator[Event]:
    """Be told to stop before anything has begun."""
    stop = Event()
    stop.set()
    yield stop


def test_a_projector_is_started_on_another_feed_only_to_switch_to_it(
    processes: list[EcshopProcess], settings: Variables, monkeypatch: pytest.MonkeyPatch
) -> None:
    del processes  # which have begun to follow the topic
    back = settings | {"DELIVERY": "cdc"}
    monkeypatch.setattr("entrypoints.cli.worker.stopped_by_signals", told_to_stop)

    says_no(ecshop("worker", "project", **back), "'kafka events-", "'postgres'", "--switch-feed")
    switched, again = ecshop("worker", "project", "--switch-feed", **back), ecshop("worker", "project", **back)

    assert (switched.exit_code, again.exit_code) == (0, 0), switched.stderr + again.stderr
    assert re.match(
        r"Reconciled for the feed that is followed from now on: \d+ streams were repaired\.\n", switched.stdout
    )
    assert again.stdout.startswith("Working: read-models.")


def test_a_switch_is_asked_of_who_projects(settings: Variables) -> None:
    says_no(ecshop("serve", "--switch-feed", **settings), "WORKERS=none", "ecshop worker project")
    says_no(ecshop("worker", "relay", "--switch-feed", **settings), "relay", "project and notify")


def test_only_an_outbox_has_a_relay(settings: Variables) -> None:
    says_no(ecshop("worker", "relay", **settings | {"DELIVERY": "dual-write"}), "DELIVERY=outbox", "dual-write")


def test_a_shop_whose_topic_is_missing_does_not_start(settings: Variables) -> None:
    says_no(ecshop("worker", "relay", **settings | {"KAFKA_TOPIC": "nowhere"}), "'nowhere'", "ecshop topics create")
