"""Parts of the local stack: processes that are ready, that die, that were left running; ports; and who may run on a folder."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from config.settings import Settings, load_settings
from entrypoints.stack.identity import Identity, began, identity_of
from entrypoints.stack.plan import FOREIGN, Plan, plan_of, servers
from entrypoints.stack.ports import free
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import Part, Process, says
from entrypoints.stack.record import Record
from tests.support.waiting import wait_until

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"
PARENT = (
    f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]).pid, flush=True); {SLEEPER}"
)


def part(script: str, *, name: str = "part", words: str = "here") -> Part:
    """Give a part that runs this and is ready when it has said these words."""
    return Part(name, (sys.executable, "-c", script), dict(os.environ), says(words))


@pytest.fixture
def left_over() -> Iterator[Identity]:
    """Give a process that a killed stack left running."""
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], start_new_session=True, stdout=subprocess.DEVNULL
    ) as process:
        yield identity_of(process.pid)
        process.kill()


def test_a_part_is_waited_for_until_it_says_that_it_is_ready(tmp_path: Path) -> None:
    process = Process(part(SLEEPER), tmp_path / "log")
    process.wait_until_ready(lambda: True)
    assert (tmp_path / "log").read_text() == "here\n"
    process.stop()
    assert process.has_ended()


def test_a_part_that_ends_as_it_starts_says_why_with_its_log(tmp_path: Path) -> None:
    process = Process(part("raise SystemExit('Error: no disk is left.')"), tmp_path / "log")
    with pytest.raises(
        StackProblem,
        match=rf"^part ended as it started \(exit status 1\): no disk is left; its log is {tmp_path}/log\.$",
    ):
        process.wait_until_ready(lambda: True)


def test_a_part_that_a_signal_ended_says_which(tmp_path: Path) -> None:
    process = Process(part(SLEEPER), tmp_path / "log")
    process.wait_until_ready(lambda: True)
    process.identity.signal(signal.SIGKILL)
    wait_until(process.has_ended)
    assert process.ending == "SIGKILL"


def test_nobody_else_may_read_a_log(tmp_path: Path) -> None:
    (tmp_path / "log").touch(mode=0o644)
    process = Process(part(SLEEPER), tmp_path / "log")
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600
    process.stop()


def test_nobody_waits_for_a_part_that_nobody_wants_any_more(tmp_path: Path) -> None:
    process = Process(part(SLEEPER, words="never"), tmp_path / "log")
    process.wait_until_ready(lambda: False)
    process.stop()


def test_what_a_part_started_ends_with_it(tmp_path: Path) -> None:
    process = Process(part(PARENT), tmp_path / "log")
    process.wait_until_ready(lambda: True)
    child = identity_of(int((tmp_path / "log").read_text().split()[0]))
    assert child.lives()
    process.stop()
    wait_until(lambda: not child.lives())


def test_ctrl_c_in_the_terminal_reaches_no_part(tmp_path: Path) -> None:
    process = Process(part(SLEEPER), tmp_path / "log")
    assert os.getpgid(process.identity.pid) != os.getpgid(0)
    process.stop()


def test_a_process_is_known_by_its_start_and_not_by_its_number_alone(left_over: Identity) -> None:
    assert left_over.lives()
    another = Identity(left_over.pid, left_over.began + "0")
    another.signal(signal.SIGKILL)
    assert (another.lives(), left_over.lives()) == (False, True)
    left_over.signal(signal.SIGKILL)
    wait_until(lambda: began(left_over.pid) == "")


def test_two_stacks_do_not_run_on_one_folder(tmp_path: Path) -> None:
    with (
        Record(tmp_path).mine(),
        pytest.raises(StackProblem, match=r"^A stack runs already on .* `ecshop stack down`"),
        Record(tmp_path).mine(),
    ):
        pass
    with Record(tmp_path).mine():
        pass
    assert Record(tmp_path).end() is False  # though the process that ran it lives


def test_what_a_killed_stack_left_running_is_ended_by_the_next(tmp_path: Path, left_over: Identity) -> None:
    Record(tmp_path).note([("part", left_over)])
    with Record(tmp_path).mine():
        assert not left_over.lives()
    assert not (tmp_path / "running.json").exists()


def test_a_process_that_has_the_number_of_one_of_ours_is_left_alone(tmp_path: Path, left_over: Identity) -> None:
    Record(tmp_path).note([("part", Identity(left_over.pid, "long ago"))])
    with Record(tmp_path).mine():
        assert left_over.lives()


@pytest.mark.parametrize("text", ["", "[]", '{"up": 1}', json.dumps({"up": [1], "parts": []})])
def test_a_record_that_cannot_be_read_keeps_nobody_from_starting(tmp_path: Path, text: str) -> None:
    (tmp_path / "running.json").write_text(text)
    assert Record(tmp_path).end() is False
    with Record(tmp_path).mine():
        pass


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("{")], ids=["lost", "garbled"])
def test_a_stack_whose_record_is_lost_is_ended_all_the_same(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    script = f"""
import sys, time
from pathlib import Path
from entrypoints.stack.record import Record
record = Record(Path({str(tmp_path)!r}))
with record.mine():
    record.note([])
    print("here", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert up.stdout.readline() == "here\n"
        harm(tmp_path / "running.json")
        buried = Thread(target=up.wait)  # else it would be a zombie
        buried.start()
        try:
            assert Record(tmp_path).end()
        finally:
            up.kill()
            buried.join()


PORTS_OF_NOBODY = {"PORT": 1, "STACK_AWS_PORT": 2, "STACK_SMTP_PORT": 3, "STACK_MAILS_PORT": 4}


def planned(folder: Path) -> Plan:
    """Plan a stack as it is set here."""
    return plan_of(load_settings(), folder / "stack", PORTS_OF_NOBODY, "postgresql://x/y", lambdas=False)


def test_a_shell_that_reads_the_exports_is_set_as_the_parts_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINESIS_STREAM_NAME", "my-stream")
    monkeypatch.setenv("SMTP_FROM", "'Zoe' <zoe@shop.example>")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("no_proxy", "one.example")
    monkeypatch.delenv("DYNAMODB_TABLE_NAME", raising=False)
    plan = planned(tmp_path)
    (tmp_path / "env").write_text(plan.exports())
    theirs = {"AWS_PROFILE": "theirs", "DYNAMODB_TABLE_NAME": "theirs", "PATH": os.environ["PATH"]}

    command = ["/bin/sh", "-c", f". {tmp_path}/env; env -0"]
    said = subprocess.run(command, env=theirs, capture_output=True, text=True, check=True).stdout

    shell = dict(line.partition("=")[::2] for line in said.split("\0"))
    parts = plan.environment()
    names = {name.upper() for name in Settings.model_fields} | {*FOREIGN, "AWS_ACCESS_KEY_ID", "no_proxy", "NO_PROXY"}
    assert {name: shell.get(name) for name in names - {"DATA_DIR"}} == {
        name: parts.get(name) for name in names - {"DATA_DIR"}
    }
    assert (shell["KINESIS_STREAM_NAME"], shell["DATA_DIR"]) == ("my-stream", str(tmp_path))
    assert (shell["no_proxy"], "AWS_PROFILE" in shell) == ("one.example,127.0.0.1", False)


def test_a_damaged_state_of_the_emulator_is_no_empty_store(tmp_path: Path) -> None:
    kept = tmp_path / "stack" / "aws" / "dynamodb.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    assert [each.name for each in servers(planned(tmp_path))] == ["aws", "mails"]
    kept.write_text("")
    with pytest.raises(StackProblem, match=rf"^{kept} is damaged .*: put a copy of it back, or remove"):
        servers(planned(tmp_path))


def test_ports_are_given_as_they_are_wanted_and_free_ones_for_none() -> None:
    given = free({"ONE": 0, "OTHER": 0})
    assert len(set(given.values())) == 2
    assert free(given) == given


def test_a_port_that_another_has_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            StackProblem, match=rf"^Port {port} of 127\.0\.0\.1 .*, or set STACK_AWS_PORT to another port\.$"
        ):
            free({"PORT": 0, "STACK_AWS_PORT": port})


def test_two_settings_must_not_name_one_port() -> None:
    port = free({"PORT": 0})["PORT"]
    with pytest.raises(StackProblem, match=f"STACK_AWS_PORT and PORT must name two ports, not both {port}"):
        free({"PORT": port, "STACK_AWS_PORT": port})
