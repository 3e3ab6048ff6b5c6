"""Domain events, states and answers as JSON, by msgspec."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

import msgspec

from core.domain import AGGREGATES, REDACTED, UPCASTERS
from core.domain.times import instant
from core.ports.events import RecordedEvent, Undecodable

T = TypeVar("T")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_encoder = msgspec.json.Encoder()


def parse_instant(text: str) -> datetime:
    """Read RFC 3339 with any offset and 0 to 9 digits; what is finer than a microsecond is rounded.

    Raises:
        Undecodable: it is not such a time, or has no offset.
    """
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise Undecodable(f"{text!r} is not an RFC 3339 time") from error
    return _in_utc(at, text)


def _in_utc(at: datetime, what: str) -> datetime:
    if at.tzinfo is None:
        raise Undecodable(f"{what!r} has no offset from UTC")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:  # the first and the last day that a datetime holds, at most offsets
        raise Undecodable(f"{what!r} is outside the years 1 to 9999 in UTC") from error


class _EventType:
    """One event class with what its coding needs, made once."""

    def __init__(self, aggregate_type: str, kind: type) -> None:
        self.aggregate_type = aggregate_type
        self.kind = kind
        self.name = kind.__name__
        self.schema_version: int = getattr(kind, "schema_version", 1)
        self.decode: Callable[[bytes], object] = msgspec.json.Decoder(kind).decode
        hints = get_type_hints(kind)
        # Each event says when it happened, once; the codec's own tests hold the domain to it.
        (self.time,) = (field.name for field in dataclasses.fields(kind) if hints[field.name] is datetime)
        self.zone: Callable[[object], object] = attrgetter(f"{self.time}.tzinfo")

    def encode(self, event: object) -> bytes:
        # msgspec leaves a zero fraction out and keeps other offsets; our times are UTC with exactly six digits.
        at: datetime = getattr(event, self.time)
        if not at.microsecond or at.tzinfo is not UTC:
            return _encoder.encode(_with_fixed_times(event))
        return _encoder.encode(event)


def _with_fixed_times(value: object) -> object:
    plain = msgspec.to_builtins(value, builtin_types=(datetime,))
    return _fixed(plain)


def _fixed(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, dict):
        return {key: _fixed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fixed(item) for item in value]
    return value


class JsonCodec:
    """The `Codec` of `core.ports.events`: unknown keys are ignored, older schemas brought up by the domain's upcasters."""

    def __init__(self, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> None:
        """Learn every event class of every aggregate."""
        types = [_EventType(aggregate.__name__, kind) for aggregate in AGGREGATES for kind in aggregate.event_types()]
        self._by_class = {kind.kind: kind for kind in types}
        self._by_name = {kind.name: kind for kind in types}
        self._upcasters = upcasters
        self._decoders: dict[type, msgspec.json.Decoder[Any]] = {}

    def encode_event(self, event: object) -> tuple[str, str, int, bytes]:
        """Give aggregate type, event type, schema version and JSON; a class that is no event is a `KeyError`."""
        kind = self._by_class[type(event)]
        return kind.aggregate_type, kind.name, kind.schema_version, kind.encode(event)

    def decode_event(self, recorded: RecordedEvent) -> object | None:
        """Give the domain event, or None for a type that is not known."""
        kind = self._by_name.get(recorded.type)
        if kind is None:
            return None
        try:
            if recorded.schema_version == kind.schema_version:
                event = kind.decode(recorded.data)
            else:
                event = kind.decode(self._brought_up(recorded, kind))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Undecodable(f"{recorded.type} version {recorded.version} of {recorded.stream}: {error}") from error
        if kind.zone(event) is not UTC:
            _in_utc(getattr(event, kind.time), f"{kind.name}.{kind.time}")
        return event

    def _brought_up(self, recorded: RecordedEvent, kind: _EventType) -> bytes:
        if recorded.schema_version > kind.schema_version:
            raise Undecodable(
                f"{recorded.type} was written with schema {recorded.schema_version}; this code knows {kind.schema_version}"
            )
        data = msgspec.json.decode(recorded.data, type=dict[str, Any])
        for version in range(recorded.schema_version, kind.schema_version):
            data = self._upcasters.get((recorded.type, version), _as_it_is)(data)
        return _encoder.encode(data)

    def encode(self, value: object) -> bytes:
        """Give the JSON of a state or an answer, times fixed as in events."""
        return _encoder.encode(_with_fixed_times(value))

    def decode(self, data: bytes, kind: type[T]) -> T:
        """Read a state or an answer back."""
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.json.Decoder(kind)
        try:
            value: T = decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Undecodable(f"not a {kind.__name__}: {error}") from error
        return value

    def public(self, recorded: RecordedEvent) -> Mapping[str, object]:
        """Give the data without what the redaction list of the domain names; what is no JSON object becomes empty."""
        try:
            data = msgspec.json.decode(recorded.data, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        hidden = REDACTED.get(recorded.type, frozenset())
        return {key: value for key, value in data.items() if key not in hidden}


def _as_it_is(data: dict[str, Any]) -> dict[str, Any]:
    return data
