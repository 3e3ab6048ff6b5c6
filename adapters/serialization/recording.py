"""From a commit to the records that a store keeps, within the limits that every store shares."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from operator import attrgetter

from core.domain import ADDRESSED
from core.ports.commit import MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_NAME_BYTES, MAX_OPERATIONS, Claim, Commit
from core.ports.event_store import CommitTooLarge, StreamDamaged
from core.ports.events import Codec, Metadata, RecordedEvent

SURELY_SMALL = MAX_EVENT_BYTES // 8
"""Characters of metadata that cannot pass the limit: JSON writes one in 6 bytes at most, and the keys take 100."""

_version_of = attrgetter("version")

SURELY_SHORT = MAX_NAME_BYTES // 4
"""Characters of a name that cannot pass the limit: UTF-8 writes one in 4 bytes at most."""


METADATA = tuple(field.name for field in fields(Metadata))
"""What is kept beside an event, in this order."""


def record(codec: Codec, commit: Commit) -> list[list[RecordedEvent]]:
    """Encode the events of each append, in order.

    Raises:
        CommitTooLarge: too many operations, or too many bytes in one of them, in a name or in all.
    """
    count, size = 0, 0
    commit_id, created_at, metadata = commit.id, commit.created_at, commit.metadata
    unaddressed = replace(metadata, email="") if metadata.email else metadata
    appends = []
    for append in commit.appends:
        stream, version, events = append.stream, append.expected_version, []
        for new in append.events:
            aggregate_type, event_type, schema_version, data = codec.encode_event(new.data)
            size += _bounded(event_type, data)
            version += 1
            events.append(
                RecordedEvent(
                    new.id,
                    stream,
                    version,
                    aggregate_type,
                    event_type,
                    schema_version,
                    data,
                    created_at,
                    commit_id,
                    metadata if event_type in ADDRESSED else unaddressed,
                )
            )
        count += len(events)
        appends.append(events)
        if len(stream) > SURELY_SHORT:
            _refuse_long_name(stream)
    for claim in commit.claims:
        _refuse_long_name(claim.key)
        _refuse_long_name(claim.owner)
        if isinstance(claim, Claim) and claim.value is not None:
            size += _bounded(f"the value of claim {claim.key!r}", claim.value)
    for check in commit.checks:
        _refuse_long_name(check.stream)
    operations = count + len(commit.checks) + len(commit.claims)
    if operations > MAX_OPERATIONS:
        raise CommitTooLarge(f"{operations} operations; a commit takes {MAX_OPERATIONS}")
    # Each event carries the metadata. Nearly all is far below its limits, and encoding it costs as much as encoding an event.
    characters = len(metadata.text)
    if characters > SURELY_SMALL or size + count * (characters * 6 + 100) > MAX_COMMIT_BYTES:
        size += count * _bounded("the metadata", codec.encode(metadata))
    if size > MAX_COMMIT_BYTES:
        raise CommitTooLarge(f"{size} bytes of events, metadata and claim values; a commit takes {MAX_COMMIT_BYTES}")
    return appends


def _refuse_long_name(name: str) -> None:
    if len(name) > SURELY_SHORT and len(name.encode()) > MAX_NAME_BYTES:
        raise CommitTooLarge(f"the name {name[:40]!r}... is {len(name.encode())} bytes; a name takes {MAX_NAME_BYTES}")


def _bounded(what: str, data: bytes) -> int:
    if len(data) > MAX_EVENT_BYTES:
        raise CommitTooLarge(f"{what} is {len(data)} bytes of JSON; one takes {MAX_EVENT_BYTES}")
    return len(data)


def metadata_json(codec: Codec, metadata: Metadata) -> bytes:
    """Encode what is kept beside an event; what is empty is left out."""
    return codec.encode({name: value for name in METADATA if (value := getattr(metadata, name))})


def unbroken(events: Iterable[RecordedEvent], from_version: int) -> Iterator[RecordedEvent]:
    """Pass events on while their versions follow each other.

    Raises:
        StreamDamaged: at the first hole.
    """
    # A list is looked through at once, which takes a third of the time of one after another.
    if isinstance(events, list) and [*map(_version_of, events)] == [*range(from_version, from_version + len(events))]:
        return iter(events)
    return _as_far_as_unbroken(events, from_version)


def _as_far_as_unbroken(events: Iterable[RecordedEvent], from_version: int) -> Iterator[RecordedEvent]:
    for version, event in enumerate(events, from_version):
        if event.version != version:
            raise StreamDamaged(event.stream, version)
        yield event


def whole_seconds(at: datetime | None) -> datetime | None:
    """Round up to a whole second, as DynamoDB's time to live counts."""
    if at is None or not at.microsecond:
        return at
    return at.replace(microsecond=0) + timedelta(seconds=1)
