"""From a commit to the records that a store keeps, within the limits that every store shares."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from core.ports.commit import MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_OPERATIONS, Append, Claim, Commit
from core.ports.event_store import CommitTooLarge, StreamDamaged
from core.ports.events import Codec, RecordedEvent


def record(codec: Codec, commit: Commit) -> list[list[RecordedEvent]]:
    """Encode the events of each append, in order.

    Raises:
        CommitTooLarge: too many operations, or too many bytes in one of them or in all.
    """
    if commit.operations > MAX_OPERATIONS:
        raise CommitTooLarge(f"{commit.operations} operations; a commit takes {MAX_OPERATIONS}")
    _bounded("the metadata", codec.encode(commit.metadata))
    appends = [_record_append(codec, commit, append) for append in commit.appends]
    size = sum(len(event.data) for event in chain.from_iterable(appends)) + sum(
        _bounded(f"the value of claim {claim.key!r}", claim.value)
        for claim in commit.claims
        if isinstance(claim, Claim) and claim.value is not None
    )
    if size > MAX_COMMIT_BYTES:
        raise CommitTooLarge(f"{size} bytes of events and claim values; a commit takes {MAX_COMMIT_BYTES}")
    return appends


def _record_append(codec: Codec, commit: Commit, append: Append) -> list[RecordedEvent]:
    recorded = []
    for version, new in enumerate(append.events, append.expected_version + 1):
        aggregate_type, event_type, schema_version, data = codec.encode_event(new.data)
        _bounded(event_type, data)
        recorded.append(
            RecordedEvent(
                new.id,
                append.stream,
                version,
                aggregate_type,
                event_type,
                schema_version,
                data,
                commit.created_at,
                commit.id,
                commit.metadata,
            )
        )
    return recorded


def _bounded(what: str, data: bytes) -> int:
    if len(data) > MAX_EVENT_BYTES:
        raise CommitTooLarge(f"{what} is {len(data)} bytes of JSON; one takes {MAX_EVENT_BYTES}")
    return len(data)


def unbroken(events: Iterable[RecordedEvent], from_version: int) -> Iterator[RecordedEvent]:
    """Pass events on while their versions follow each other.

    Raises:
        StreamDamaged: at the first hole.
    """
    for version, event in enumerate(events, from_version):
        if event.version != version:
            raise StreamDamaged(event.stream, version)
        yield event


def whole_seconds(at: datetime | None) -> datetime | None:
    """Round up to a whole second, as DynamoDB's time to live counts."""
    if at is None or not at.microsecond:
        return at
    return at.replace(microsecond=0) + timedelta(seconds=1)
