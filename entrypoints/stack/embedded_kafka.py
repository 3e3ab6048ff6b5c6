"""Apache Kafka on a folder of ours: nothing to install but packages."""

import fcntl
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from entrypoints.stack.identity import Identity
from entrypoints.stack.java import NoJava, java
from entrypoints.stack.kafka_broker import Broker
from entrypoints.stack.kafka_jars import NoJars, kafka_jars
from entrypoints.stack.ports import free
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import LOOK_AGAIN

TRIES = 3
"""Ports that were free are another's when the broker comes to take them, once in a while."""

LONGEST_DEATH = 10.0
"""Seconds that a killed process may take to be gone."""


LOOK_AT_BROKER = 1.0
"""Seconds between two looks at whether it still runs."""

_log_of_us = logging.getLogger("ecshop.stack")


class EmbeddedKafkaProblem(Exception):
    """What keeps the embedded Kafka from running, as one sentence that names what to do."""


@contextmanager
def embedded_kafka(folder: Path) -> Iterator[str]:
    """Run Apache Kafka on the data in `folder` while inside, and give its `host:port`; the folder is made where it is missing, and kept.

    A broker that a killed process left behind is ended first. One that another process of ours runs is used as it is: it ends with that
    process. One that ends by itself meanwhile is started again, at the same address.

    Raises:
        EmbeddedKafkaProblem: it cannot be fetched, or cannot start.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise EmbeddedKafkaProblem(
            f"The embedded Kafka cannot keep its data in {folder}: {error.strerror}; set KAFKA_BOOTSTRAP_SERVERS to use another."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield _of_another(folder)
            return
        (folder / "servers").unlink(missing_ok=True)
        _end_left_over(folder / "running.json")
        broker = started(folder.absolute())
        try:
            new = folder / "servers.new"
            new.write_text(broker.servers)
            new.replace(folder / "servers")  # at once, so that nobody reads half of it
            with _kept_running(broker, folder):
                yield broker.servers
        finally:
            (folder / "servers").unlink(missing_ok=True)
            broker.stop()
            (folder / "running.json").unlink(missing_ok=True)


def started(folder: Path) -> Broker:
    """Start a broker on the data in this folder.

    Raises:
        EmbeddedKafkaProblem: it cannot be fetched, or cannot start.
    """
    try:
        program, jars = java(), kafka_jars()
        for left in reversed(range(TRIES)):
            ports = free({"the broker": 0, "its controller": 0})
            broker = Broker(folder, jars, program, (ports["the broker"], ports["its controller"]))
            try:
                broker.start(lambda identity: _note(folder / "running.json", identity))
            except BaseException as error:
                broker.stop()
                if not (left and isinstance(error, StackProblem) and "BindException" in _log(folder)):
                    raise
            else:
                return broker
    except (NoJava, NoJars) as problem:
        raise EmbeddedKafkaProblem(
            f"The embedded Kafka cannot run: {problem}; or set KAFKA_BOOTSTRAP_SERVERS."
        ) from None
    except (StackProblem, OSError) as problem:
        reason = " ".join(str(problem).split()).rstrip(".")
        raise EmbeddedKafkaProblem(
            f"The embedded Kafka cannot start: {reason}; or set KAFKA_BOOTSTRAP_SERVERS."
        ) from None
    raise AssertionError("the last try returns or raises")


@contextmanager
def _kept_running(broker: Broker, folder: Path) -> Iterator[None]:
    """Start it again while inside, whenever it has ended."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_AT_BROKER):
            if broker.has_ended():
                _log_of_us.warning(
                    "the embedded Kafka ended by itself, and is started again; its log is %s", folder / "kafka.log"
                )
                try:
                    broker.start(lambda identity: _note(folder / "running.json", identity), lambda: not over.is_set())
                except (StackProblem, OSError) as problem:
                    _log_of_us.warning("the embedded Kafka could not be started again: %s", problem)

    watching = threading.Thread(target=watch, name="embedded kafka", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _log(folder: Path) -> str:
    log = folder / "kafka.log"
    return log.read_text(errors="replace") if log.exists() else ""


def _of_another(folder: Path) -> str:
    try:
        return (folder / "servers").read_text()
    except FileNotFoundError:
        raise EmbeddedKafkaProblem(
            f"Another process is starting or stopping the embedded Kafka on {folder}: try again in a moment."
        ) from None


def _note(file: Path, identity: Identity) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(identity))
    new.replace(file)


def _end_left_over(file: Path) -> None:
    """Have the broker end that a killed process left; it would keep the data locked."""
    with suppress(OSError, ValueError, TypeError):
        left = Identity(*json.loads(file.read_text()))
        left.signal(signal.SIGKILL)
        deadline = time.monotonic() + LONGEST_DEATH
        while left.lives() and time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(left.pid, os.WNOHANG)
            time.sleep(LOOK_AGAIN)
