"""A real Apache Kafka for tests, as a process of its own on free ports."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from entrypoints.stack.embedded_kafka import started
from entrypoints.stack.identity import Identity, identity_of
from entrypoints.stack.kafka_broker import Broker
from tests.support.waiting import wait_until


class KafkaServer:
    """A broker that tests may kill and stop; it keeps its ports and what it acknowledged."""

    def __init__(self, servers: str, identity: Callable[[], Identity], broker: Broker | None = None) -> None:
        """Take one that runs; without its `broker` it is another process's, and cannot be killed."""
        self.servers = servers
        self._identity = identity
        self._broker = broker

    @classmethod
    def named(cls, text: str) -> Self:
        """Give the one that another process has told of."""
        servers, pid = text.split()
        return cls(servers, lambda: identity_of(int(pid)))

    @property
    def name(self) -> str:
        """What tells another process of it."""
        return f"{self.servers} {self._identity().pid}"

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        assert self._broker
        self._identity().signal(signal.SIGKILL)
        self._broker.stop()

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        assert self._broker
        self._broker.start()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it stand still while inside: connections stay open, and nobody answers."""
        identity = self._identity()
        identity.signal(signal.SIGSTOP)
        try:
            wait_until(lambda: _stands_still(identity.pid))
            yield
        finally:
            identity.signal(signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    """Tell whether each thread has stopped, where the system tells: on a busy machine some go on for a moment."""
    states = (each.read_text().rpartition(")")[2].split()[0] for each in Path(f"/proc/{pid}/task").glob("*/stat"))
    return all(state == "T" for state in states)


@contextmanager
def kafka_server() -> Iterator[KafkaServer]:
    """Run one while inside.

    Raises:
        EmbeddedKafkaProblem: it cannot be fetched, or cannot start.
    """
    with tempfile.TemporaryDirectory(prefix="kafka-") as folder:
        broker = started(Path(folder))
        try:
            yield KafkaServer(broker.servers, lambda: broker.identity, broker)
        finally:
            broker.stop()
