"""`ecshop topics create`: the topic is made once, and what is in the way is one sentence."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.command import ecshop, free_port, says_no
from tests.support.kafka import KafkaServer

pytestmark = pytest.mark.kafka


@pytest.fixture
def given(kafka_broker: KafkaServer) -> dict[str, str]:
    """Give the settings of a topic that is not there."""
    return {"KAFKA_BOOTSTRAP_SERVERS": kafka_broker.servers, "KAFKA_TOPIC": f"events-{uuid4().hex}"}


def test_the_topic_is_made_and_making_it_again_does_nothing(given: dict[str, str]) -> None:
    topic = given["KAFKA_TOPIC"]

    assert ecshop("topics", "create", **given).stdout == f"{topic}: created, with 4 partitions\n"
    assert ecshop("topics", "create", **given).stdout == f"{topic}: was there already, with 4 partitions\n"
    told = json.loads(ecshop("topics", "create", "--json", **given).stdout)
    assert told == [{"name": topic, "partitions": 4, "created": False}]


def test_a_topic_with_other_partitions_is_refused_in_one_sentence(given: dict[str, str]) -> None:
    ecshop("topics", "create", KAFKA_PARTITIONS="3", **given)

    says_no(ecshop("topics", "create", **given), "KAFKA_TOPIC", "3 partitions, not 4", "set KAFKA_PARTITIONS to 3")


def test_a_broker_that_is_not_there_is_told_in_one_sentence() -> None:
    nobody = f"127.0.0.1:{free_port()}"

    says_no(ecshop("topics", "create", KAFKA_BOOTSTRAP_SERVERS=nobody), nobody, "KAFKA_BOOTSTRAP_SERVERS")


def test_without_a_broker_of_ones_own_the_embedded_one_keeps_the_topic(tmp_path: Path) -> None:
    given = {"DATA_DIR": str(tmp_path)}

    assert "created" in ecshop("topics", "create", **given).stdout
    assert "was there already" in ecshop("topics", "create", **given).stdout


def test_an_embedded_broker_that_cannot_be_fetched_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder must be")

    ended = ecshop("topics", "create", DATA_DIR=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))

    says_no(ended, "embedded Kafka", "KAFKA_BOOTSTRAP_SERVERS")
