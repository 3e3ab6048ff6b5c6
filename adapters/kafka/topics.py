"""The topic: looked at, and made."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, RetriableError, TopicAlreadyExistsError

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster
from adapters.kafka.problems import KafkaProblem, missing, refused, unreachable

PATIENCE_MS = 3_000
"""That a broker has to answer an operator."""

UNKNOWN_TOPIC = 3
"""The error that stands where a topic should. Source: kafka.apache.org/protocol, error codes."""

NOBODY = -1
"""The leader of a partition that has none."""


class TopicState(NamedTuple):
    """How the topic is: its partitions, none where it does not exist, and those of them that have no leader now."""

    partitions: int
    leaderless: tuple[int, ...] = ()


def topic_state(cluster: Cluster) -> TopicState:
    """Look at the topic.

    Raises:
        KafkaProblem: no broker answers, or it refuses.
    """
    with _asked(cluster) as admin:
        return _state(admin, cluster)


def is_there(cluster: Cluster) -> bool:
    """Tell whether a broker answers now, and one is there to lead partitions."""
    host, _, port = cluster.servers.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            pass  # much cheaper than a client, and refused at once
        made(KafkaAdminClient, cluster, PATIENCE_MS).close()
    except (OSError, KafkaError):
        return False
    return True


def check_topic(cluster: Cluster) -> None:
    """Look whether events can be published and read.

    Raises:
        KafkaProblem: there is no such topic; no broker answers, or it refuses.
    """
    if not topic_state(cluster).partitions:
        raise missing(cluster)


def create_topic(cluster: Cluster, partitions: int) -> bool:
    """Make the topic where it is missing, replicated as the broker does by itself; tell whether it was.

    Raises:
        KafkaProblem: it is there with another number of partitions; no broker answers, or it refuses.
    """
    with _asked(cluster) as admin:
        there = _state(admin, cluster).partitions
        if not there:
            with suppress(TopicAlreadyExistsError):  # another made it just now
                admin.create_topics({cluster.topic: {"num_partitions": partitions}}, timeout_ms=PATIENCE_MS)
                admin.wait_for_topics([cluster.topic])
                return True
            there = _state(admin, cluster).partitions
    if there != partitions:
        raise KafkaProblem(
            f"The topic {cluster.topic!r} (KAFKA_TOPIC) has {there} partitions, not {partitions}: set KAFKA_PARTITIONS to {there}, or"
            " name another topic. With more partitions, a stream's next event would go to another one than its last."
        )
    return False


def _state(admin: KafkaAdminClient, cluster: Cluster) -> TopicState:
    (topic,) = admin.describe_topics([cluster.topic])
    if topic["error_code"] == UNKNOWN_TOPIC:
        return TopicState(0)
    partitions: list[dict[str, Any]] = topic["partitions"]
    return TopicState(
        len(partitions), tuple(each["partition_index"] for each in partitions if each["leader_id"] == NOBODY)
    )


@contextmanager
def _asked(cluster: Cluster) -> Iterator[KafkaAdminClient]:
    try:
        admin = made(
            KafkaAdminClient,
            cluster,
            PATIENCE_MS,
            request_timeout_ms=PATIENCE_MS,
        )
        try:
            yield admin
        finally:
            admin.close()
    except RetriableError as error:  # among them that nothing was reached
        raise unreachable(cluster) from error
    except KafkaError as error:
        raise refused(cluster, error) from error
