"""Which topic of which Kafka is meant."""

from typing import NamedTuple


class Cluster(NamedTuple):
    """A topic, and the brokers that are asked first, `host:port` with commas between."""

    servers: str
    topic: str
