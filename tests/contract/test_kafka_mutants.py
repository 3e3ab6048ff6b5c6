"""The suites under test on Kafka: each broken adapter must be rejected by the suite that it is listed under."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RUNNING_KAFKA
from tests.contract.mutants.kafka import KAFKA
from tests.contract.test_mutants import run_suites
from tests.support.kafka import KafkaServer

pytestmark = [pytest.mark.mutants, pytest.mark.kafka]

TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _server(kafka_broker: KafkaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the suites run on the server that runs already."""
    monkeypatch.setenv(RUNNING_KAFKA, kafka_broker.name)


@pytest.mark.parametrize(
    ("suite", "mutant"), [(suite, mutant.name) for suite, mutants in KAFKA.items() for mutant in mutants]
)
def test_a_mutant_is_rejected(
    suite: str, mutant: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    failures = run_suites(mutant, monkeypatch, [TESTS / suite], "kafka")

    assert not failures.errors
    assert len(failures.tests) == 1
    record_property("mutant_rejected", mutant)
