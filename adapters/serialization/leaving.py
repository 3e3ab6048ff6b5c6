"""What an event may show once it leaves the store other than to its own aggregate."""

from dataclasses import replace

from core.domain import REDACTED, REDACTED_METADATA
from core.ports.events import Codec, RecordedEvent


def leaving(codec: Codec, event: RecordedEvent) -> RecordedEvent:
    """Give the event without what the redaction lists of the domain name; nearly every one has nothing of it."""
    hidden = {name: "" for name in REDACTED_METADATA if getattr(event.metadata, name)}
    if hidden:
        event = event._replace(metadata=replace(event.metadata, **hidden))
    if event.type in REDACTED:
        event = event._replace(data=codec.encode(codec.public(event)))
    return event
