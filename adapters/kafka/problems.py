"""What keeps the shop from using a Kafka, as sentences."""

from kafka.errors import KafkaError

from adapters.kafka.cluster import Cluster


class KafkaProblem(Exception):
    """What keeps the shop from using the broker or the topic, as one sentence that names the setting to look at."""


def unreachable(cluster: Cluster) -> KafkaProblem:
    """Say that no broker is there."""
    return KafkaProblem(f"No Kafka answers at {cluster.servers}: start it, or correct KAFKA_BOOTSTRAP_SERVERS.")


def missing(cluster: Cluster) -> KafkaProblem:
    """Say that there is no such topic."""
    return KafkaProblem(
        f"There is no topic {cluster.topic!r} (KAFKA_TOPIC) in the Kafka at {cluster.servers}: run `ecshop topics create`, or"
        " correct the setting or KAFKA_BOOTSTRAP_SERVERS."
    )


def refused(cluster: Cluster, error: KafkaError) -> KafkaProblem:
    """Say that the broker does not do what it is asked."""
    return KafkaProblem(
        f"The Kafka at {cluster.servers} refuses, correct KAFKA_BOOTSTRAP_SERVERS or KAFKA_TOPIC: {said(error)}."
    )


def said(error: Exception) -> str:
    """Give the error's name and what came with it, on one line and without a full stop."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": .")
