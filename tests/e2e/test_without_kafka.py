"""A Kafka that is away is in the way of those who follow its topic, and of nobody else."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_doctor import examined
from tests.support.command import ecshop, free_port, says_no
from tests.support.durable_shop import durable_settings

pytestmark = pytest.mark.postgres


@pytest.fixture
def no_kafka(tmp_path: Path) -> dict[str, str]:
    """Give settings under which the embedded Kafka is meant, and cannot be fetched."""
    (tmp_path / "cache").write_text("a file where a folder must be")
    return {"DELIVERY": "outbox", "DATA_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.mark.parametrize(
    "command", [("mails",), ("reconcile",), ("dead-letters", "list"), ("generations",), ("rebuild",)], ids=" ".join
)
def test_a_command_that_follows_no_feed_needs_no_kafka(
    postgres_url: str, no_kafka: dict[str, str], command: tuple[str, ...]
) -> None:
    with durable_settings(postgres_url) as settings:
        ended = ecshop(*command, **settings, **no_kafka)

    assert ended.exit_code == 0, ended.output


def test_who_follows_the_feed_is_told_what_is_missing(postgres_url: str, no_kafka: dict[str, str]) -> None:
    with durable_settings(postgres_url) as settings:
        says_no(ecshop("worker", "project", **settings, **no_kafka), "embedded Kafka", "KAFKA_BOOTSTRAP_SERVERS")


def test_the_status_of_everything_else_is_told(postgres_url: str, no_kafka: dict[str, str]) -> None:
    with durable_settings(postgres_url) as settings:
        ended = ecshop("status", "--json", **settings, **no_kafka)

    parts = json.loads(ended.stdout)["parts"]
    assert ended.exit_code == 1
    assert (parts["projectors"]["status"], parts["outbox"]["status"], parts["Kafka"]["status"]) == ("ok", "ok", "wrong")
    assert "embedded Kafka cannot run" in parts["Kafka"]["said"]


def test_the_doctor_names_kafka_and_not_the_database(postgres_url: str, no_kafka: dict[str, str]) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with durable_settings(postgres_url) as settings:
        embedded = examined(1, **settings, **no_kafka)
        own = examined(1, **settings, **no_kafka, KAFKA_BOOTSTRAP_SERVERS=nobody)

    for found in (embedded, own):
        assert (found["PostgreSQL"][0], found["migrations"][0], found["Kafka"][0]) == ("ok", "ok", "wrong")
    assert "embedded Kafka cannot run" in embedded["Kafka"][1]
    assert f"No Kafka answers at {nobody}" in own["Kafka"][1]
