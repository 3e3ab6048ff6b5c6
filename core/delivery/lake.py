"""Whether an archive of change records is complete: every event that the store has, as the store has it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from core.ports.event_store import EventReader
from core.ports.events import RecordedEvent

NOT_YET = timedelta(minutes=15)
"""How long a change may take to its archive: Firehose collects for 900 seconds at most.

Source: "Configure buffering hints" in the Amazon Data Firehose developer guide.
"""


class Lack(NamedTuple):
    """An event that the archive does not have, has not yet, or has otherwise than the store."""

    stream: str
    version: int
    kind: Literal["missing", "not yet there", "another event"]


def lacking(
    store: EventReader,
    find: Callable[[str, int], RecordedEvent | None],
    now: datetime,
    tell: Callable[[int], object] = lambda _: None,
) -> Iterator[Lack]:
    """Compare everything in the store with what `find` gives of the archive; `tell` is told of each event that was compared.

    Raises:
        StoreUnavailable: the store was not reached.
        StreamDamaged: it has a hole, and nothing behind that was compared.
    """
    for event in store.replay():
        archived = find(event.stream, event.version)
        if archived is None:
            is_new = now - event.created_at < NOT_YET
            yield Lack(event.stream, event.version, "not yet there" if is_new else "missing")
        elif archived != event:
            yield Lack(event.stream, event.version, "another event")
        tell(1)
