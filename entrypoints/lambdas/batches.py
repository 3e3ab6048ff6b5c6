"""A batch of change records as Lambda hands it in, dealt with by the consumer rule, and what Lambda is answered."""

import logging
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, Protocol

from config.lambdas import Projecting
from core.delivery.projector import AWAY, SHORTEST_PAUSE
from core.ports.event_feed import Delivery, Doorbell, Unreadable
from entrypoints.lambdas.telling import tell_metrics

Event = Mapping[str, Any]

CHUNK = 500
"""Records a transaction; a batch may bring 10,000."""

TRIES = 3
"""Times that a chunk is tried: the first may meet a connection that died while the function was frozen, or a fail-over."""

RESERVE = 5_000
"""Milliseconds before the end of an invocation from which on no other chunk is begun: it would be cut off."""

MOST_IDS = 50
"""Correlation ids that one log line names."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = logging.getLogger("ecshop.lambda")


class Context(Protocol):
    """What Lambda says of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long it may still take."""


class _Record(NamedTuple):
    """A record of the batch; `delivery` is None where there is nothing to do for it."""

    sequence: str
    delivery: Delivery | None


class Batches:
    """Deals with batches for one projector."""

    def __init__(self, projecting: Projecting) -> None:
        """Work with these parts, which outlive an invocation."""
        self._parts = projecting

    def handle(self, event: Event, context: Context) -> dict[str, Any]:
        """Deal with a batch; name the first record that must come again, with all behind it, where a store is away or time is up.

        A record that cannot be read and an event that cannot be applied are dealt with: noted, parked. Never is one answered as failed
        for its own sake: Lambda would hold up the shard for it, or give it up.

        Raises:
            Exception: what is nobody's weather, a fault of the code or of its set-up; Lambda repeats the whole batch.
        """
        environment, consumer = self._parts.environment, self._parts.consumer
        begun, before = environment.monotonic(), consumer.counts.copy()
        records = [self._record(number, record) for number, record in enumerate(event["Records"])]
        chunks, failed = iter(records), None
        while failed is None and (chunk := list(islice(chunks, CHUNK))):
            in_time = context.get_remaining_time_in_millis() > RESERVE
            if (not in_time and chunk[0] is not records[0]) or not self._applied(
                [each.delivery for each in chunk if each.delivery]
            ):
                failed = chunk[0].sequence
        self._tell(records, begun, before, failed)
        return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}

    def _record(self, number: int, record: Any) -> _Record:  # noqa: ANN401 - it may be anything
        match record:
            case {"eventID": str(position), "kinesis": {"sequenceNumber": str(sequence), "data": str(data)}}:
                try:
                    carried = self._parts.read(b64decode(data, validate=True), position)
                except ValueError as error:  # binascii's own, or that the text is not ASCII
                    return _Record(sequence, Unreadable(position, f"its data is not in base64: {error}"))
                return _Record(sequence, carried.delivery if carried else None)
        raise ValueError(f"Record {number} of the batch is not one of Kinesis: map the function to a Kinesis stream.")

    def _applied(self, deliveries: Sequence[Delivery]) -> bool:
        """Have them applied and saved; tell whether they are."""
        environment = self._parts.environment
        for tried in range(1, TRIES + 1):
            try:
                if deliveries:
                    self._parts.consumer.handle(deliveries)
            except AWAY as error:
                _log.warning("%s is away (try %d of %d): %s", type(error).__name__, tried, TRIES, error)
                environment.sleep(environment.jitter(SHORTEST_PAUSE * 2**tried))
            else:
                environment.failpoint("consumer.before_checkpoint")
                return True
        return False

    def _tell(self, records: Sequence[_Record], begun: float, before: Mapping[str, int], failed: str | None) -> None:
        now, counts = self._parts.environment.now(), self._parts.consumer.counts
        events = [
            each.delivery.event for each in records if isinstance(each.delivery, Doorbell) and each.delivery.event
        ]
        # A time that nobody could read is the epoch, and no lag.
        oldest = min((event.created_at for event in events if event.created_at > EPOCH), default=now)
        ids = dict.fromkeys(event.metadata.correlation_id for event in events)
        done = {
            note: counts[note] - before.get(note, 0)
            for note in ("applied", "healed", "refolded", "parked", "unreadable")
        }
        again = f"; from {failed} on they come again" if failed else ""
        told = done | {"correlation_ids": list(ids)[:MOST_IDS]}
        _log.info("%s was handed %d records%s", self._parts.projector, len(records), again, extra=told)
        tell_metrics(
            self._parts.projector,
            {
                "BatchSize": len(records),
                "LagSeconds": max((now - oldest).total_seconds(), 0.0),
                "DurationMs": (self._parts.environment.monotonic() - begun) * 1_000,
                "Healed": done["healed"] + done["refolded"],
                "Parked": done["parked"],
                "Unreadable": done["unreadable"],
            },
            now,
        )
