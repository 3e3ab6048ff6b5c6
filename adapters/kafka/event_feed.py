"""The topic as a change feed: several workers of a projector share its partitions."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka.errors import KafkaError

from adapters.kafka.cluster import Cluster
from adapters.kafka.membership import Membership
from adapters.kafka.onlooker import oldest_waiting
from adapters.kafka.problems import KafkaProblem, said
from adapters.kafka.topics import topic_state
from core.ports.environment import Environment
from core.ports.event_feed import Delivery, FeedUnavailable
from core.ports.events import Codec

SLICE = 0.1
"""Seconds of one wait, between which others may ask something."""

FETCH_MS = 100
"""That a broker may hold a fetch back for messages to come. A message that comes ends it; what else is asked meanwhile waits behind it."""

PATIENCE = 10.0
"""Seconds until a worker should have been given its partitions, and what is in them now; it takes a quarter of one."""


class KafkaEventFeed:
    """The `EventFeed` of `core.ports.event_feed`: the part of it that falls to this worker.

    A projector is a consumer group. What its workers deal with is committed for all of them, after their own transactions; a partition goes
    on where it was left, whoever reads it. Only polling takes part in the reading.
    """

    def __init__(
        self, cluster: Cluster, projector: str, codec: Codec, environment: Environment, fetch_ms: int = FETCH_MS
    ) -> None:
        """Read for this projector; nothing is connected before the first poll."""
        self._fetch_ms = fetch_ms
        self._cluster = cluster
        self._group = f"{cluster.topic}.{projector}"
        self._codec = codec
        self._environment = environment
        self._lock = threading.Lock()
        self._member: Membership | None = None
        self._settled_at = environment.monotonic()

    def close(self) -> None:
        """Leave the partitions to others at once."""
        with self._lock:
            self._leave()

    def poll(self, limit: int, timeout: float = 0.0) -> Sequence[Delivery]:
        """Give what is not acknowledged and what is new, of each partition in its order; without a timeout, all that is there now."""
        now = self._environment.monotonic
        deadline = now() + (timeout or PATIENCE)
        seconds = 0.0
        while True:
            with self._lock, self._reading() as member:
                member.read(limit, seconds)
                found = [each.delivery for each in member.waiting()[:limit]]
                if len(found) == limit or (found and timeout):
                    return found
                # A broker that is away lets a member wait in silence; asked, it fails.
                if (not timeout or now() >= deadline) and self._has_all(member):
                    return found
            if now() >= deadline:
                return found
            seconds = min(SLICE, max(deadline - now(), 0.0))

    def _has_all(self, member: Membership) -> bool:
        has_all = member.has_read_all()
        if member.is_settled:
            self._settled_at = self._environment.monotonic()
        elif self._environment.monotonic() - self._settled_at > PATIENCE:
            # It may have missed the end of its own joining, and would wait for ever.
            self._leave()
            raise FeedUnavailable(
                f"Kafka: the group {self._group!r} has given this worker no partitions for {PATIENCE:.0f} s"
            )
        return has_all

    @contextmanager
    def _reading(self) -> Iterator[Membership]:
        try:
            if self._member is None:
                self._member = Membership(self._cluster, self._group, self._codec, self._fetch_ms)
                self._settled_at = self._environment.monotonic()
            yield self._member
        except KafkaError as error:
            if not error.retriable:
                self._leave()  # a new member begins where the group is
            raise FeedUnavailable(f"Kafka: {said(error)}") from error

    def _leave(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            try:
                member.close()
            except KafkaError:
                return  # the group finds out by itself

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Forget them, and keep for each partition up to where nothing is waited for any more."""
        with self._lock:
            if self._member is None:
                return  # they are whose the partitions are now
            try:
                self._member.acknowledge(deliveries)
            except (
                KafkaError
            ) as error:  # among them that the group is being divided anew, which the next poll takes part in
                raise FeedUnavailable(f"Kafka: {said(error)}") from error

    def lag_seconds(self) -> float:
        """Tell the age of the oldest event that waits: of this worker's partitions, or of the whole topic while it has not polled."""
        with self._lock:
            if self._member is None:
                try:
                    oldest = oldest_waiting(self._cluster, self._group, self._codec, self._environment)
                except (KafkaError, KafkaProblem) as error:
                    raise FeedUnavailable(f"Kafka: {said(error)}") from error
            else:
                with self._reading() as member:
                    member.read(1, 0.0)
                    oldest = min((each.since for each in member.waiting()), default=None)
        return max((self._environment.now() - oldest).total_seconds(), 0.0) if oldest else 0.0

    def hindrance(self) -> str:
        """Name the topic that is missing, or a partition that no broker leads."""
        try:
            state = topic_state(self._cluster)
        except KafkaProblem as problem:
            raise FeedUnavailable(str(problem)) from problem
        if not state.partitions:
            return f"there is no topic {self._cluster.topic!r} in the Kafka at {self._cluster.servers}"
        if state.leaderless:
            return f"no broker leads the partition {state.leaderless[0]} of the topic {self._cluster.topic!r}"
        return ""
