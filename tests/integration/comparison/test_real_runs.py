"""The comparison on real servers: processes killed with SIGKILL, servers stopped, answers cut. The verdicts are the simulation's."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.real.comparing import compare_really
from entrypoints.comparison.real.wish import Wish
from tests.support.waiting import wait_until

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


def test_a_naive_run_shows_what_it_does_in_the_simulation_and_ctrl_c_keeps_it(
    how_many: Callable[[int, int], int], tmp_path: Path
) -> None:
    seconds = how_many(10, 180)
    with tempfile.TemporaryDirectory(prefix="real-") as temporary:
        Path(temporary).chmod(0o755)  # PostgreSQL may run as somebody else
        printed, status = compared_for(seconds, tmp_path, os.environ | {"TMPDIR": temporary})
        left = [path.name for path in Path(temporary).iterdir() if not path.name.startswith(".")]

    assert status == 130, printed
    assert left == []
    assert not any(temporary in path.read_text(errors="replace") for path in cmdlines())
    assert "the last of which may have been cut short" in printed
    (cell,) = json.loads((tmp_path / "comparison.json").read_text())["cells"]
    assert (cell["design"], cell["consumer"]) == ("cdc", "naive")
    # It reads, folds and mails; what it loses is what fell between acknowledging and applying, not everything.
    assert cell["events"] > 20
    assert cell["lost"] < cell["events"] / 2
    assert cell["mails_missing"] < cell["events"] / 2
    assert any(name.startswith("kill ") for name in cell["faults"])
    if seconds > 60:
        expected = EXPECTED["cdc", "naive"]
        assert {name: cell[name] for name in expected.seen if not cell[name]} == {}


def compared_for(seconds: int, out: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """Start real runs of two consumers, press Ctrl-C after so long, and give what it then printed, and its status."""
    command = [
        str(Path(sys.executable).with_name("ecshop")),
        "compare",
        "--transport",
        "postgres",
        "--store",
        "postgres",
    ]
    told = out / "told"

    def is_time() -> bool:
        done = re.findall(r" (\d+) of 600 s", told.read_text())
        return running.poll() is not None or any(int(each) >= seconds for each in done)

    with (
        told.open("w") as into,
        subprocess.Popen(
            [*command, "--seconds", "600", "--seed", "2", "--consumers", "naive,doorbell", "--out", str(out)],
            stdout=subprocess.PIPE,
            stderr=into,
            text=True,
            env=environment,
            start_new_session=True,
        ) as running,
    ):
        wait_until(is_time, 300)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        printed, _ = running.communicate(timeout=240)
    return printed + told.read_text(), running.returncode


def cmdlines() -> list[Path]:
    """Give the command line of every process of this machine."""
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
