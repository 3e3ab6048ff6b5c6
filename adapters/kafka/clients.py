"""The clients of kafka-python, made from explicit arguments."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient

from adapters.kafka.cluster import Cluster

T = TypeVar("T")

# It logs each try of a broker that is away, some lines a second. What matters of that comes as an exception, which we tell.
logging.getLogger("kafka").setLevel(logging.CRITICAL)

LONGEST_BACK_OFF_MS = 500
"""Between two tries to reach a broker that is away; the default goes up to 30 s."""


def made(kind: Callable[..., T], cluster: Cluster, bootstrap_ms: int, **settings: object) -> T:
    """Make a client; where no broker answers for `bootstrap_ms`, nothing of it is left.

    Raises:
        KafkaError: it cannot be made.
    """
    opened: list[Any] = []

    def network(**configs: object) -> Any:  # noqa: ANN401 - the package is not typed
        opened.append(KafkaNetClient(**configs))
        return opened[-1]

    try:
        return kind(
            bootstrap_servers=cluster.servers.split(","),
            bootstrap_timeout_ms=bootstrap_ms,
            reconnect_backoff_max_ms=LONGEST_BACK_OFF_MS,
            kafka_client=network,
            **settings,
        )
    except BaseException:
        # A constructor that fails leaves its thread running, and nobody with a handle to it.
        for each in opened:
            each.close()
        raise
