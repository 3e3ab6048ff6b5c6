"""How far a partition is dealt with: what was read of it and is not stays in memory, and the committed offset never passes that."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from core.ports.event_feed import Delivery


class Waiting(NamedTuple):
    """A delivery that is not dealt with, and when its event happened or, where that cannot be told, was sent."""

    delivery: Delivery
    since: datetime


class Progress:
    """The messages of one partition from the committed offset on, as far as they were read since the partition was assigned."""

    def __init__(self) -> None:
        """Have read nothing."""
        self._waiting: dict[int, Waiting] = {}
        self._dealt_with: set[int] = set()
        self._end: int | None = None
        self._committed: int | None = None

    @property
    def waiting(self) -> Sequence[Waiting]:
        """What was read and is not dealt with, in the partition's order."""
        return list(self._waiting.values())

    def add(self, offset: int, waiting: Waiting) -> None:
        """Note a message that was read. It may have been dealt with already, when the partition was assigned before."""
        if offset not in self._dealt_with:
            self._waiting[offset] = waiting
        self._dealt_with.discard(offset)
        self._end = offset + 1

    def after(self, offsets: Collection[int]) -> int | None:
        """Give the offset to commit when these are dealt with: that of the first message which is not. None: there is nothing new."""
        if self._end is None:
            return None
        offset = next((each for each in self._waiting if each not in offsets), self._end)
        return offset if offset != self._committed else None

    def settle(self, offsets: Collection[int], committed: int | None) -> None:
        """Forget what is dealt with, the offset being committed."""
        for offset in offsets:
            if self._waiting.pop(offset, None) is None and (self._end is None or offset >= self._end):
                self._dealt_with.add(offset)
        if committed is not None:
            self._committed = committed
