"""The local stack as a whole: an order through HTTP, its mail on the page of mails, commands on it, its end, and its next start."""

import json
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command import ecshop, free_port, says_no
from tests.support.running_shop import ADMIN_TOKEN
from tests.support.shopping import ADMIN, good, guest
from tests.support.stack_process import FREE, READY, RunningStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.ministack, pytest.mark.postgres, pytest.mark.kinesis]

TEA = "a3244e6a-a696-59df-b5f0-620a96ed1655"
"""A product of the demo data."""


Start = Callable[..., RunningStack]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give what starts a stack, each time on the same data; what still runs in the end is stopped."""
    stacks: list[RunningStack] = []
    folder = tmp_path / "a folder"
    folder.mkdir()

    def started(*options: str, until: str = READY, ends: tuple[int, int] | None = None) -> RunningStack:
        # Where functions are made, packages are fetched, and that may need the proxy that there is.
        proxy = {} if options else {"HTTP_PROXY": f"http://127.0.0.1:{free_port()}"}
        stacks.append(RunningStack(folder, *options, until=until, ends=ends, ADMIN_TOKEN=ADMIN_TOKEN, **proxy))
        return stacks[-1]

    yield started
    for stack in stacks:
        stack.process.terminate()
        stack.ended()
        for identity in stack.parts.values():  # of one that does not end as a whole
            identity.signal(signal.SIGKILL)


def mails_of(stack: RunningStack) -> list[dict[str, Any]]:
    """Give the mails that the page shows."""
    mails: list[dict[str, Any]] = httpx.get(stack.found(r"Mails can be read at (\S+)") + "/api/messages/").json()[
        "data"
    ]
    return mails


def order_one(client: httpx.Client, who: dict[str, str], **body: str) -> str:
    """Order one of what the demo has; give the order's id."""
    good(client.post("/cart/items", json={"product_id": TEA, "quantity": 1}, headers=who))
    return str(good(client.post("/orders", json=body, headers=who), 201)["id"])


def test_a_stack_serves_keeps_and_ends_as_a_whole(start: Start) -> None:
    stack, me = start(), guest()
    shop = stack.found(r"EC Shop is at (\S+)")
    with httpx.Client(base_url=shop, timeout=60) as client:
        assert client.get(stack.found(r"Try: curl (\S+)")).json()["id"] == TEA
        order = order_one(client, me, email="zoe@shopper.example")
        wait_until(lambda: client.get(f"/orders/{order}", headers=me).status_code == 200)
        assert len(good(client.get("/api/admin/orders", headers=ADMIN))) == 4 + 1
    wait_until(lambda: any(mail["recipients_envelope"] == ["zoe@shopper.example"] for mail in mails_of(stack)))
    assert httpx.get(f"{shop}/readyz").json()["projectors"].keys() == {"read-models", "notifier"}

    exports = stack.exports()
    env = Path(stack.settings["DATA_DIR"], "stack", "env")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    told = ecshop("status", "--json", **exports)
    assert told.exit_code == 0, told.output
    parts = json.loads(told.stdout)["parts"]
    assert {row["name"]: row["status"] for row in parts["tables"]["rows"]} == dict.fromkeys(
        ("events", "snapshots", "claims", "leases"), "ACTIVE"
    )
    assert [(row["projector"], bool(row["owner"])) for row in parts["shards"]["rows"]] == [
        ("read-models", True),
        ("notifier", True),
    ]
    assert "zoe@shopper.example" in [row["recipient"] for row in parts["mails"]["rows"]]
    line = stack.found(r"Commands on it, in another terminal: (.+)")
    shown = subprocess.run(
        ["/bin/sh", "-c", line], cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert "Working: read-models" in ecshop("stack", "logs", "projector", **stack.settings).stdout
    says_no(ecshop("stack", "up", **stack.settings), "A stack runs already", "ecshop stack down")

    assert ecshop("stack", "down", **stack.settings).stdout == "Stopped.\n"
    assert (stack.ended(), stack.leftovers(), env.exists()) == (0, [], False)
    last = [line.split()[0] for line in stack.said().splitlines() if line.endswith("is stopped")]
    assert last == ["api", "reconcile", "notifier", "projector", "mails", "aws"]

    again = start()
    with httpx.Client(base_url=again.found(r"EC Shop is at (\S+)"), timeout=60) as client:
        assert good(client.get(f"/orders/{order}", headers=me))["status"] == "pending"
        later = order_one(client, me)
        wait_until(lambda: client.get(f"/orders/{later}", headers=me).status_code == 200)
        assert len(good(client.get("/api/admin/orders", headers=ADMIN))) == 4 + 2
    assert sum(mail["recipients_envelope"] == ["zoe@shopper.example"] for mail in mails_of(again)) == 1

    again.parts["aws"].signal(signal.SIGKILL)
    assert (again.ended(), again.leftovers()) == (1, [])
    assert "Error: aws died (SIGKILL), and said last: " in again.said()
    assert "aws.log" in again.said()

    # The emulator keeps its data when it is stopped: what came after its start is lost with it, and the rows are put right. This time
    # by functions.
    third = start("--lambdas")
    with httpx.Client(base_url=third.found(r"EC Shop is at (\S+)"), timeout=60) as client:
        wait_until(lambda: client.get(f"/orders/{later}", headers=me).status_code == 404)
        assert good(client.get(f"/orders/{order}", headers=me))["status"] == "pending"
        newest = order_one(client, me)
        wait_until(lambda: client.get(f"/orders/{newest}", headers=me).status_code == 200)
    told = ecshop("reconcile", "--deep", **third.exports())
    assert told.stdout.endswith(" 0 differ.\n"), told.output
    assert {*third.parts} == {"aws", "mails", "reconcile", "api", "postgres"}
    assert third.exports()["WORKERS"] == "lambda"
    parts = json.loads(ecshop("status", "--json", **third.exports()).stdout)["parts"]
    assert [row["name"] for row in parts["functions"]["rows"]] == ["ecshop-notifier", "ecshop-projector"]


def test_ctrl_c_while_it_starts_leaves_nothing_running(start: Start) -> None:
    stack = start(until="mails is ready")
    stack.look()
    stack.ctrl_c()
    assert (stack.ended(), stack.leftovers()) == (0, [])
    assert stack.said().splitlines()[-1] == "Stopped; what it has is kept."
    assert "EC Shop is at" not in stack.said()


@pytest.mark.parametrize(
    ("ends", "until"), [(os.openpty, READY), (os.pipe, "mails is ready")], ids=["terminal", "pipe"]
)
def test_a_stack_ends_as_a_whole_when_nobody_is_left_to_read_what_it_says(
    start: Start, ends: Callable[[], tuple[int, int]], until: str
) -> None:
    stack = start(until=until, ends=ends())
    stack.look()

    stack.hang_up()

    stack.ended()
    assert stack.leftovers() == []
    assert ecshop("stack", "down", **stack.settings).stdout == "No stack runs here.\n"


@pytest.mark.parametrize("until", ["postgres is ready", READY], ids=["while it starts", "while it runs"])
def test_postgresql_is_a_part_whose_death_ends_the_stack(start: Start, until: str) -> None:
    stack = start(until=until)
    stack.look()

    stack.parts["postgres"].signal(signal.SIGKILL)

    assert stack.ended() == (1 if "api" in stack.parts else 2)
    assert stack.leftovers() == []
    assert "Error: postgres died" in stack.said()
    assert f"{stack.settings['DATA_DIR']}/stack/postgres/data/log" in stack.said()


def test_what_a_killed_stack_left_running_is_ended_by_down(start: Start) -> None:
    stack = start(until="mails is ready")
    stack.process.kill()
    stack.ended()
    stack.look()
    assert {"aws", "mails", "postgres"} <= set(stack.leftovers())

    assert ecshop("stack", "down", **stack.settings).stdout == "Stopped.\n"

    assert stack.leftovers() == []
    assert ecshop("stack", "down", **stack.settings).stdout == "No stack runs here.\n"


def test_a_port_that_is_taken_is_told_before_anything_is_left_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = ecshop("stack", "up", **FREE | {"STACK_MAILS_PORT": port, "DATA_DIR": str(tmp_path)})
    says_no(ended, f"Port {port} of 127.0.0.1", "set STACK_MAILS_PORT")
    assert not (tmp_path / "stack" / "running.json").exists()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "stack").write_text("")
    says_no(ecshop("stack", "up", **FREE, DATA_DIR=str(tmp_path)), str(tmp_path), "DATA_DIR")


def test_what_is_in_the_way_of_a_file_of_its_own_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "stack" / "env").mkdir(parents=True)
    says_no(ecshop("stack", "up", **FREE, DATA_DIR=str(tmp_path)), f"{tmp_path}/stack/env", "remove it")


def test_logs_that_there_are_not_are_named(tmp_path: Path) -> None:
    says_no(ecshop("stack", "logs", DATA_DIR=str(tmp_path)), "ecshop stack up")
    (tmp_path / "stack" / "logs").mkdir(parents=True)
    (tmp_path / "stack" / "logs" / "api.log").write_text("one\ntwo\nthree\n")
    says_no(ecshop("stack", "logs", "apis", DATA_DIR=str(tmp_path)), "'apis'", "there are api")
    assert (
        ecshop("stack", "logs", "--lines", "2", DATA_DIR=str(tmp_path)).stdout == "api        two\napi        three\n"
    )
    assert ecshop("stack", "down", DATA_DIR=str(tmp_path)).stdout == "No stack runs here.\n"


def test_a_log_that_is_followed_may_be_moved_and_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "stack" / "logs" / "api.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\n")
    happens = iter((log.unlink, lambda: log.write_text("three\nfo"), lambda: log.write_text("three\nfour\n")))

    def pause(_seconds: float) -> None:
        if (act := next(happens, None)) is None:
            raise KeyboardInterrupt
        act()

    monkeypatch.setattr("entrypoints.cli.stack.time.sleep", pause)
    said = ecshop("stack", "logs", "api", "-f", DATA_DIR=str(tmp_path)).stdout
    assert said.splitlines() == ["one", "two", "three", "four"]
