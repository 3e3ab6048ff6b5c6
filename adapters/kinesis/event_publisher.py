"""The way of events into a stream of Kinesis, for designs that publish by themselves: as the table's own change feed would write them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from adapters.aws.failures import FAILURES, Fate, fate, said
from adapters.serialization.event_items import EPOCH, event_key, image
from adapters.serialization.leaving import leaving
from adapters.serialization.recording import metadata_json
from core.ports.environment import Environment
from core.ports.event_publisher import PublishFailed
from core.ports.events import Codec, RecordedEvent
from core.ports.retries import tries

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient

BUDGET = 5.0
"""Seconds in which requests are begun, and what was refused is sent again; nobody's command should wait longer."""

READ_SECONDS = 2.0
"""That an answer may take: one that never comes must leave time for another try."""

# docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html; of its 5 MB, keys and base64 need a part.
MOST_RECORDS = 500
MOST_BYTES = 3_500_000

OVER = object()


class _Answer(NamedTuple):
    """Which of the records were taken, why the others were not, and whether they never would be."""

    taken: Sequence[bool]
    refusal: str
    is_final: bool = False


_encode = msgspec.json.Encoder().encode


class KinesisEventPublisher:
    """The `EventPublisher` of `core.ports.event_publisher`; the partition key is the stream.

    PutRecords may refuse some records and take those behind them. So one request has one event of a stream, and the next is sent when it is
    acknowledged: nothing overtakes what must be repeated. Calls do not wait for each other: events of one stream in two calls at the same
    time have no order. `table` is the name that the readers of the stream look for.
    """

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        table: str,
        codec: Codec,
        environment: Environment,
        budget: float = BUDGET,
    ) -> None:
        """Publish into this stream; any number of threads may share it."""
        self._client = client
        self._stream = stream
        self._table = table
        self._codec = codec
        self._environment = environment
        self._budget = budget

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Send the first event of every stream, then the second of each whose first was acknowledged, and so on."""
        entries, stuck = list[tuple[RecordedEvent, Any]](), dict[str, str]()
        for event in events:
            try:
                if event.stream not in stuck:  # nothing overtakes one that cannot be sent
                    entries.append((event, self._entry(event)))
            except ValueError as error:
                stuck[event.stream] = f"an event cannot be written as a record: {type(error).__name__}: {error}"
        left, refusal = self._sent(entries)
        acknowledged = {event.id for event, _ in entries} - {event.id for event in left}
        if unacknowledged := [event for event in events if event.id not in acknowledged]:
            raise PublishFailed(unacknowledged, refusal or next(iter(stuck.values())))

    def _sent(self, left: list[tuple[RecordedEvent, Any]]) -> tuple[Sequence[RecordedEvent], str]:
        """Send them; give those that were not acknowledged in time, and why."""
        deadline = self._environment.monotonic() + self._budget
        pauses: Iterator[object] = tries(self._environment, self._budget)
        next(pauses)
        while left:
            places = list(_firsts(left))
            answer = self._put([left[place][1] for place in places])
            done = {place for place, is_taken in zip(places, answer.taken, strict=True) if is_taken}
            left = [each for place, each in enumerate(left) if place not in done]
            over = answer.refusal and (answer.is_final or next(pauses, OVER) is OVER)
            if over or self._environment.monotonic() >= deadline:
                return [event for event, _ in left], answer.refusal or "Kinesis: those before them took all the time"
        return (), ""

    def _put(self, entries: Sequence[Any]) -> _Answer:
        """Send them once."""
        try:
            records = self._client.put_records(StreamName=self._stream, Records=list(entries))["Records"]
        except FAILURES as error:
            # It may have taken them: sent again they come twice, which is allowed.
            is_final = fate(error) is Fate.REFUSED
            return _Answer([False] * len(entries), f"Kinesis: {said(error)}", is_final=is_final)
        refused = [each for each in records if each.get("ErrorCode")]
        refusal = f"Kinesis: {refused[0]['ErrorCode']}: {refused[0].get('ErrorMessage', '')}" if refused else ""
        return _Answer([not each.get("ErrorCode") for each in records], refusal)

    def _entry(self, event: RecordedEvent) -> dict[str, Any]:
        """Write a record as Kinesis Data Streams for DynamoDB does, without what must not leave the store."""
        shown = leaving(self._codec, event)
        new = image(shown, metadata_json(self._codec, shown.metadata).decode())
        data = {
            "awsRegion": self._client.meta.region_name,
            "eventID": event.id,
            "eventName": "INSERT",
            "userIdentity": None,
            "recordFormat": "application/json",
            "tableName": self._table,
            "dynamodb": {
                "ApproximateCreationDateTime": int((event.created_at - EPOCH).total_seconds() * 1000),
                "Keys": event_key(event.stream, event.version),
                "NewImage": new,
                "SizeBytes": len(_encode(new)),
            },
            "eventSource": "aws:dynamodb",
        }
        return {"Data": _encode(data), "PartitionKey": event.stream[:256]}

    def close(self) -> None:
        """Do nothing: the client is whose who made it."""


def _firsts(left: Sequence[tuple[RecordedEvent, Any]]) -> Iterator[int]:
    """Give the places of the first event of every stream, as many as fit into a request."""
    seen, size = set[str](), 0
    for place, (event, entry) in enumerate(left):
        if event.stream in seen:
            continue
        seen.add(event.stream)
        size += len(entry["Data"])
        if len(seen) > MOST_RECORDS or (size > MOST_BYTES and len(seen) > 1):
            return
        yield place
