"""Broken adapters of Kafka, by the suite that rejects each."""

from tests.contract.mutants.mutant import Mutant

_MESSAGES = "adapters.kafka.messages"
_PROGRESS = "adapters.kafka.progress"
_MEMBERSHIP = "adapters.kafka.membership"
_FEED = "adapters.kafka.event_feed"
_PRODUCER = "adapters.kafka.producer"
_PUBLISHER = "adapters.kafka.event_publisher"

KAFKA: dict[str, tuple[Mutant, ...]] = {
    "contract/test_kafka_producer.py": (
        Mutant("is not idempotent", _PRODUCER, "enable_idempotence=True", "enable_idempotence=False"),
        Mutant("keeps a producer that gave up", _PUBLISHER, "            self._replace(producer)", "            pass"),
        Mutant(
            "gives all events to one partition",
            _PUBLISHER,
            "self._given[least] += 1",
            "self._given[least] += 0",
        ),
    ),
    "contract/test_event_publisher.py": (
        Mutant(
            "looks at no future",
            _PUBLISHER,
            "                future.get(timeout=max(deadline - self._environment.monotonic(), 0))",
            "                producer.flush(max(deadline - self._environment.monotonic(), 0))",
        ),
        Mutant("has no key", _PUBLISHER, "key=key, headers", "key=None, headers"),
        Mutant("publishes secrets", _MESSAGES, "shown = leaving(codec, event)", "shown = event"),
        Mutant(
            "names what was acknowledged too",
            _PUBLISHER,
            "            failures = self._one_by_one(events, failures, deadline)",
            "            failures = [Failure(event, failures[0].error) for event in events]",
        ),
    ),
    "contract/test_kafka_messages.py": (
        Mutant(
            "needs the event to ring",
            _MESSAGES,
            "    if key is None:",
            "    if key is None or _event(record.value, key, codec) is None:",
        ),
    ),
    "contract/test_kafka_groups.py": (
        Mutant(
            "keeps no offset",
            _MEMBERSHIP,
            "        if commits:",
            "        if False:",
        ),
        Mutant("commits by itself", _MEMBERSHIP, "enable_auto_commit=False", "enable_auto_commit=True"),
        Mutant("has one group for all projectors", _FEED, 'f"{cluster.topic}.{projector}"', 'f"{cluster.topic}"'),
        Mutant(
            "commits the highest that is acknowledged",
            _PROGRESS,
            "next((each for each in self._waiting if each not in offsets), self._end)",
            "max(offsets) + 1",
        ),
        Mutant(
            "keeps what was taken away",
            _MEMBERSHIP,
            "            self._progress.pop(partition.partition, None)",
            "            pass",
        ),
        Mutant(
            "reads on where it was after a rebalance",
            _MEMBERSHIP,
            "            self._unplaced.add(partition)",
            "            pass",
        ),
        Mutant(
            "takes no part in a rebalance while it is full",
            _MEMBERSHIP,
            "        self._consumer._coordinator.poll(timeout_ms=JOIN_MS)",
            "        pass",
        ),
    ),
    "contract/test_event_feed.py": (
        Mutant("begins at the end", _MEMBERSHIP, "seek_to_beginning(partition)", "seek_to_end(partition)"),
    ),
}
