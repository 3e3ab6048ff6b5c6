"""The same seed gives the same bytes, in another process with other hashes, on one processor or on two."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
from entrypoints.comparison.comparing import Wish, compare
from entrypoints.comparison.quiet import without_alarms
with without_alarms():
    print(json.dumps(compare(Wish(seed=int(sys.argv[1]), schedules=2), jobs=int(sys.argv[2]))))
"""


def compared(seed: int, jobs: int, hashes: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(seed), str(jobs)],
        env={**os.environ, "PYTHONHASHSEED": hashes},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@pytest.mark.parametrize(("jobs", "hashes"), [(1, "0"), (1, "4711"), (2, "1")])
def test_the_same_seed_gives_the_same_bytes(jobs: int, hashes: str) -> None:
    first = compared(31, 1, "0")

    assert compared(31, jobs, hashes) == first
    assert '"events"' in first


def test_another_seed_gives_others() -> None:
    assert compared(31, 1, "0") != compared(32, 1, "0")
