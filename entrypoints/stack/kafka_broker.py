"""One Apache Kafka, broker and controller in one process, on a folder and on two ports of this machine."""

import os
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

from config.kafka import answers
from entrypoints.stack.identity import Identity
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import Part, Process

HOST = "127.0.0.1"

LONGEST_END = 8.0
"""Seconds that it has to end by itself: it takes one or two, and a kill loses nothing that it acknowledged."""

SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""What makes a Java start fast and stay small; nobody needs it to be fast for long."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
# A topic is made on purpose, or its number of partitions would be chance.
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# The first member of a group is not kept waiting for others.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# After a kill the broker is back when its last session is over: 2 s, not 9.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=250
# Of 128 MB, which is more than such a heap has to give.
log.cleaner.dedupe.buffer.size=8388608
"""


class Broker:
    """A broker, running or not. What it acknowledged survives its end, however that comes."""

    def __init__(self, folder: Path, jars: Path, java: str, ports: tuple[int, int]) -> None:
        """Prepare the folder, which is there; the data in it is kept. `ports` are those of the broker and of its controller."""
        self.servers = f"{HOST}:{ports[0]}"
        self._folder = folder
        self._java = (java, *SMALL, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*")
        self._settings = folder / "server.properties"
        self._settings.write_text(
            PROPERTIES.format(host=HOST, broker=ports[0], controller=ports[1], data=folder / "data")
        )
        self._process: Process | None = None

    def start(
        self, note: Callable[[Identity], None] = lambda _: None, wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Start it, and wait until it answers; `note` is told which process it is.

        Raises:
            StackProblem: it ended, or takes too long.
        """
        self._format()
        command = [*self._java, "-Xms128m", "-Xmx384m", "kafka.Kafka", str(self._settings)]
        part = Part("kafka", command, os.environ, lambda _log: answers(self.servers))
        self._process = Process(part, self._folder / "kafka.log")
        note(self._process.identity)
        self._process.wait_until_ready(wanted)

    def _format(self) -> None:
        if (self._folder / "data" / "meta.properties").exists():
            return
        # 16 bytes in base64; one that begins with a hyphen would be taken for an option.
        cluster = f"k{secrets.token_urlsafe(16)[1:]}"
        words = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._settings)]
        done = subprocess.run([*self._java, "-Xmx128m", *words], capture_output=True, text=True, check=False)  # noqa: S603 - of ours
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
            raise StackProblem(f"kafka could not make its data in {self._folder / 'data'}: {lines[-1].strip()}.")

    @property
    def identity(self) -> Identity:
        """The process that runs.

        Raises:
            StackProblem: none does.
        """
        if self._process is None:
            raise StackProblem("kafka was not started.")
        return self._process.identity

    def has_ended(self) -> bool:
        """Tell whether it was started, and does not run any more."""
        return self._process is not None and self._process.has_ended()

    def stop(self) -> None:
        """Have it end by itself, as far as it can."""
        if self._process is not None:
            self._process.stop(LONGEST_END)
            self._process = None
