"""The lessons' commands, as they stand, show what the lessons say."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lessons import BASH, LESSONS, blocks, run_lesson
from tests.support.ministack import free_port
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, environment, running_shop
from tests.support.stack_process import RunningStack

pytestmark = pytest.mark.skipif(not (BASH and shutil.which("curl")), reason="the lessons need bash and curl")

SHOWN = "grep 'read-models  shard'"


def row_of(label: str, table: str) -> list[int]:
    """Give the figures of a row of the comparison's table."""
    (found,) = re.findall(rf"^{label} +(.*)$", table, re.MULTILINE)
    return [0 if each == "·" else int(each.replace(",", "")) for each in found.split()]


def test_the_lesson_of_the_feed(tmp_path: Path) -> None:
    here = {
        ".venv/bin/ecshop": ECSHOP,
        "--consumers naive,doorbell+reconcile": f"--consumers naive,doorbell+reconcile --out {tmp_path}",
    }
    lesson = "1-a-feed-without-publish-code.md"
    said = run_lesson(lesson, here, environment())

    # The lesson leaves lines out, but what it shows is what is printed, figure by figure. The Japanese one has the same blocks.
    nobody, explained, table = blocks(LESSONS / lesson)[1::2]
    for line in (nobody + explained).splitlines():
        assert line.strip() == "..." or line in said.splitlines()
    labels = re.findall(r"^(\w.*?)  ", table, re.MULTILINE)
    assert len(labels) == 6
    assert {label: row_of(label, table) for label in labels} == {label: row_of(label, said) for label in labels}
    # In the order of the lesson's table: cdc naive, cdc +recon, dual-write naive, dual-write +recon.
    never_shown, unexplained, failed, oversold, torn = (
        row_of(label, said)
        for label in (
            "orders never shown",
            "undelivered, unexplained",
            "failed though stored",
            "units oversold",
            "torn when stored",
        )
    )
    assert [count > 0 for count in never_shown] == [True, False, True, False]
    for row in (unexplained, oversold, torn):
        assert [count > 0 for count in row] == [False, False, True, True]
    assert failed[2] > 5 * failed[0] > 0
    assert (tmp_path / "comparison.html").exists()
    # The next lesson quotes this run.
    cells = json.loads((tmp_path / "comparison.json").read_text())["cells"]
    (shop,) = (each for each in cells if (each["design"], each["consumer"]) == ("cdc", "doorbell+reconcile"))
    times = f"| {shop['staleness_p50_ms']:.0f} ms | {shop['staleness_p99_ms'] / 1000:.1f} s |"
    for language in ("", ".ja"):
        assert times in (LESSONS / f"2-eventual-consistency{language}.md").read_text(encoding="utf-8")


@pytest.mark.postgres
def test_the_lesson_of_eventual_consistency(tmp_path: Path) -> None:
    settings = {"STORE": "postgres", "DATA_DIR": str(tmp_path), "WORKERS": "none"}
    with running_shop(ECSHOP, "demo", "--port", "0", **settings) as shop:
        here = {
            "http://localhost:8080": shop.url,
            ".ecshop/lesson-2": str(tmp_path),
            ".venv/bin/ecshop": ECSHOP,
            # Where it waits for a while, the test waits until it is so.
            "sleep 5 ": f"until {ECSHOP} reconcile | grep -q ' 0 differ'; do sleep 0.2; done",
        }
        said = run_lesson("2-eventual-consistency.md", here, environment())

    said = re.sub(
        r"^Working: .*\n|^Stopped; .*\n", "", said, flags=re.MULTILINE
    )  # the worker says this when it gets to it
    cart, event, behind, stale, caught_up, agreed = said.splitlines()
    assert '"items":[]' in cart
    assert "ItemAddedToCart" in event
    assert re.fullmatch(r"(\d+) streams, \1 differ\.", behind)
    assert stale.strip() == "x-consistency: stale"
    assert '"quantity":2' in caught_up
    assert agreed.endswith("streams, 0 differ.")


@pytest.fixture
def stack(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[RunningStack]:
    """Give the local stack, running."""
    if not pytestconfig.getoption("--soak"):
        pytest.skip("takes minutes: make soak runs it")
    running = RunningStack(tmp_path, ADMIN_TOKEN=ADMIN_TOKEN)
    yield running
    running.process.terminate()
    running.ended()


@pytest.mark.ministack
@pytest.mark.kinesis
@pytest.mark.postgres
@pytest.mark.soak
def test_the_lesson_of_shards(stack: RunningStack, tmp_path: Path) -> None:
    status = f"{ECSHOP} status | {SHOWN} || true"

    def until(owners: int) -> str:
        counted = f"$({{ {status}; }} | awk '{{ print $3 }}' | grep -v TRIM_HORIZON | sort | uniq -c | awk '{{ print $1 }}' | xargs)"
        return f'until [ "{counted}" = "{" ".join([str(4 // owners)] * owners)}" ]; do sleep 0.5; done'

    here = {
        ".ecshop/stack/env": str(tmp_path / "stack" / "env"),
        ".ecshop/lesson-3": str(tmp_path / "lesson"),
        "8090": str(free_port()),
        ".venv/bin/ecshop": ECSHOP,
        # Where it waits for a while, the test waits until it is so.
        "sleep 10 ": until(1),
        "sleep 20 ": until(2),
        "sleep 30 ": until(1),
    }
    said = run_lesson("3-scaling-with-shards.md", here, environment())

    owners = re.findall(r"read-models +shardId-\d+ +(\S+) +\d+ +[\d.]+$", said, re.MULTILINE)
    alone, together, again = owners[:4], owners[4:8], owners[8:]
    assert [len(alone), len(together), len(again)] == [4, 4, 4]
    assert len(set(alone)) == 1
    assert sorted(together.count(owner) for owner in set(together)) == [2, 2]
    assert set(again) == set(alone) < set(together)
    assert "80 streams, 0 differ." in said
