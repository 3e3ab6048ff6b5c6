"""The comparison on real servers: processes killed with SIGKILL, servers stopped, answers cut. The verdicts are the simulation's."""

import multiprocessing
from collections.abc import Callable

import pytest

from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.real.comparing import compare_really
from entrypoints.comparison.real.wish import Wish

pytestmark = [pytest.mark.kinesis, pytest.mark.postgres, pytest.mark.soak, pytest.mark.timeout(1800)]

RUNS = (
    ("dynamodb", "cdc"),
    ("postgres", "dual-write"),
    ("postgres", "outbox"),
    ("dynamodb", "dual-write"),
    ("dynamodb", "outbox"),
    ("postgres", "cdc"),
)
"""Each on what carries it by itself; every day has the first alone, which needs no Kafka."""


def test_a_design_shows_on_real_servers_what_the_table_says_of_it(how_many: Callable[[int, int], int]) -> None:
    for store, design in RUNS[: how_many(1, len(RUNS))]:
        told: list[str] = []
        result = compare_really([Wish(design, store, seconds=how_many(20, 180), seed=1)], told.append)
        (cell,) = result["cells"]
        expected = EXPECTED[design, "doorbell+reconcile"]

        assert result["broken"] == []
        assert {name: cell[name] for name in expected.zero} == dict.fromkeys(expected.zero, 0)
        assert cell["events"] > 20, told
        assert cell["convergence_ms"] is not None
        assert cell["faults"]["database.down"] == how_many(1, 3)
        assert {name for name in cell["faults"] if name.startswith("kill ")}, cell["faults"]
        away = {"kinesis": "shard.throttled", "kafka": "broker.down"}.get(result["transports"][design])
        assert away is None or cell["faults"][away] == 1
        assert multiprocessing.active_children() == []
        if design == "dual-write":
            # Stored, answered as errors, and published by nobody: reconcile alone has them shown.
            assert cell["unexplained"] > 0
            assert cell["failed_though_stored"] > 0


def test_a_naive_consumer_shows_on_real_servers_what_it_does_in_the_simulation(
    how_many: Callable[[int, int], int],
) -> None:
    told: list[str] = []
    result = compare_really([Wish("cdc", "postgres", consumer="naive", seconds=how_many(15, 180), seed=2)], told.append)
    (cell,) = result["cells"]

    # It reads, folds and mails: what it loses is what crashes between acknowledging and applying took, not everything.
    assert cell["events"] > 20, told
    assert cell["lost"] < cell["events"] / 2
    assert cell["mails_missing"] < cell["events"] / 2
    assert cell["duplicates"] > 0
    assert cell["applied_twice"] > 0
    assert cell["divergence"] > 0
    assert multiprocessing.active_children() == []
