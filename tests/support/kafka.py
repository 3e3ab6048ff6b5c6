"""A real Apache Kafka for tests, as a process of its own on free ports."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.stack.embedded_kafka import started
from entrypoints.stack.kafka_broker import Broker


class KafkaServer:
    """A broker that tests may kill and stop; it keeps its ports and what it acknowledged."""

    def __init__(self, broker: Broker) -> None:
        """Take one that runs."""
        self._broker = broker
        self.servers = broker.servers

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        self._broker.identity.signal(signal.SIGKILL)
        self._broker.stop()

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        self._broker.start()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it stand still while inside: connections stay open, and nobody answers."""
        self._broker.identity.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._broker.identity.signal(signal.SIGCONT)


@contextmanager
def kafka_server() -> Iterator[KafkaServer]:
    """Run one while inside.

    Raises:
        EmbeddedKafkaProblem: it cannot be fetched, or cannot start.
    """
    with tempfile.TemporaryDirectory(prefix="kafka-") as folder:
        broker = started(Path(folder))
        try:
            yield KafkaServer(broker)
        finally:
            broker.stop()
