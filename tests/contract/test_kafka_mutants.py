"""The suites under test on Kafka: each broken adapter must be rejected by the suite that it is listed under."""

import gc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import RUNNING_KAFKA
from tests.contract.mutants.kafka import KAFKA
from tests.contract.test_mutants import run_suites
from tests.support.kafka import KafkaServer

pytestmark = [
    pytest.mark.mutants,
    pytest.mark.kafka,
    # What a broken adapter leaves open is found whenever memory is looked through: here, and in no later test.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _server(kafka_broker: KafkaServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the suites run on the server that runs already."""
    monkeypatch.setenv(RUNNING_KAFKA, kafka_broker.name)
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


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
