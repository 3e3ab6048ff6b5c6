"""What the group gives this process to read: partitions that come and go, each read from the group's committed offset on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.structs import MemberState

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster
from adapters.kafka.messages import delivery, time_of
from adapters.kafka.progress import Progress, Waiting
from core.ports.event_feed import Delivery
from core.ports.events import Codec

ANSWER_MS = 2_000
"""That a broker has to answer before it counts as away."""

JOIN_MS = 1_000
"""That one look waits for the group to be divided, which takes as long as the slowest member has to do with its batch."""

METADATA_MS = 10_000
"""After which the topic is looked at again: it may have been made, or got more partitions."""

HEARTBEAT_MS, SESSION_MS = 300, 6_000
"""How often a member says that it lives, which is also how soon it hears of a rebalance, and after how long a silence its partitions go to
others: brokers allow no less unless they are told to."""


class Membership(ConsumerRebalanceListener):  # type: ignore[misc] # the package is not typed
    """One member of a group, from its making to its end. Every call may raise a `KafkaError`; none is safe to share between threads."""

    def __init__(self, cluster: Cluster, group: str, codec: Codec, fetch_ms: int) -> None:
        """Join; the partitions come with the reading. `fetch_ms` is how long a broker may hold a fetch back for messages to come."""
        self._topic = cluster.topic
        self._codec = codec
        # The package's own thread hands partitions over and takes them away, between any two steps of ours: so progress is never looked up
        # twice for one thing, and one that is gone is written to without harm.
        self._progress: dict[int, Progress] = {}
        self._unplaced: set[TopicPartition] = set()
        self._turn = 0
        self._consumer = made(
            KafkaConsumer,
            cluster,
            ANSWER_MS,
            group_id=group,
            enable_auto_commit=False,
            # A group that is new, and one whose offset is past retention, begins with the oldest that there is.
            auto_offset_reset="earliest",
            heartbeat_interval_ms=HEARTBEAT_MS,
            session_timeout_ms=SESSION_MS,
            request_timeout_ms=3 * ANSWER_MS,
            fetch_max_wait_ms=fetch_ms,
            metadata_max_age_ms=METADATA_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        self._consumer.subscribe([cluster.topic], listener=self)
        # Who divides the partitions among the members must know of them before it joins: else it gives nobody any, and all seems well.
        self._consumer.partitions_for_topic(cluster.topic)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin each anew: it is to be read from the committed offset."""
        for partition in assigned:
            self._unplaced.add(partition)
            self._progress[partition.partition] = Progress()

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget what is not acknowledged of them: whoever gets them next reads it again."""
        for partition in revoked:
            self._progress.pop(partition.partition, None)
            self._unplaced.discard(partition)

    on_partitions_lost = on_partitions_revoked

    @property
    def is_settled(self) -> bool:
        """Whether the group has told what is ours to read, be it nothing."""
        return bool(self._consumer.group_metadata().state == MemberState.STABLE)

    def read(self, limit: int, seconds: float) -> None:
        """Take new messages in, waiting so long for the first, until `limit` of them wait to be dealt with.

        Also with so many this must go on being called: it is how the member stays one.
        """
        # Joining must not be left to `poll` alone: kafka-python 3.0.12 forgets a join that ends between two polls and begins another, for
        # ever where they are short, and with it every other member.
        self._consumer._coordinator.poll(timeout_ms=JOIN_MS)  # noqa: SLF001 - no public call waits for just that
        self._place()
        room = limit - sum(len(progress.waiting) for progress in list(self._progress.values()))
        if room <= 0:
            return  # pausing partitions instead is no way: 3.0.12 may never give what it had fetched of one, nor fetch it again
        for partition, records in self._consumer.poll(timeout_ms=int(seconds * 1000), max_records=room).items():
            progress = self._progress.get(partition.partition)
            if progress is None or partition in self._unplaced:
                continue  # taken away just now, or taken away and given back: they are read again
            for record in records:
                read = delivery(record, self._codec)
                event = getattr(read, "event", None)
                progress.add(record.offset, Waiting(read, event.created_at if event else time_of(record)))

    def _place(self) -> None:
        """Go to the committed offset: a partition that is taken away and given back in one is read on from where it was, without this."""
        for partition in list(self._unplaced):
            committed = self._consumer.committed(partition, timeout_ms=ANSWER_MS)
            with suppress(ValueError):  # taken away while it was asked for
                if committed is None:
                    self._consumer.seek_to_beginning(partition)
                else:
                    self._consumer.seek(partition, committed)
            self._unplaced.discard(partition)

    def has_read_all(self) -> bool:
        """Tell whether nothing is left to be read of our partitions, as the broker says right now."""
        ours = self._consumer.assignment()
        ends = self._consumer.end_offsets(list(ours), timeout_ms=ANSWER_MS) if ours else {}
        positions = {each: self._consumer.position(each, timeout_ms=ANSWER_MS) for each in ours & self._assigned()}
        if self._unplaced or not self.is_settled:
            return False
        return all((position or 0) >= ends[each] for each, position in positions.items())

    def _assigned(self) -> set[TopicPartition]:
        return {TopicPartition(self._topic, partition) for partition in self._progress}

    def waiting(self) -> list[Waiting]:
        """Give what is not acknowledged, each partition in its order; another comes first each time, so that none waits for a full one."""
        self._turn += 1
        each = sorted(dict(self._progress).items())
        first = self._turn % max(len(each), 1)
        return [waiting for _, progress in each[first:] + each[:first] for waiting in progress.waiting]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Commit how far the partitions are dealt with that are still ours; those of the others come again to whoever has them now."""
        offsets = _by_partition(deliveries)
        ours = {partition: self._progress.get(partition) for partition in offsets}
        commits = {
            partition: offset
            for partition, progress in ours.items()
            if progress is not None and (offset := progress.after(offsets[partition])) is not None
        }
        if commits:
            self._consumer.commit(
                {TopicPartition(self._topic, each): OffsetAndMetadata(offset) for each, offset in commits.items()},
                timeout_ms=ANSWER_MS,
            )
        for partition, progress in ours.items():
            if progress is not None:
                progress.settle(offsets[partition], commits.get(partition))

    def close(self) -> None:
        """Leave the group, so that others have the partitions at once."""
        self._consumer.close(timeout_ms=ANSWER_MS)


def _by_partition(deliveries: Sequence[Delivery]) -> Mapping[int, set[int]]:
    found = defaultdict[int, set[int]](set)
    for each in deliveries:
        partition, _, offset = each.position.partition(":")
        found[int(partition)].add(int(offset))
    return found
