"""How far a shard is dealt with: what was read of it and is not stays in memory, and the checkpoint never passes that."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.kinesis.lease import SHARD_END
from core.ports.event_feed import Delivery


class Waiting(NamedTuple):
    """A delivery that is not dealt with, and when its event happened or, where that cannot be told, came."""

    delivery: Delivery
    since: datetime


class Progress:
    """The records of one shard from its checkpoint on, as far as they were read."""

    def __init__(self, checkpoint: str) -> None:
        """Begin behind this sequence number, TRIM_HORIZON being that before the first."""
        self.checkpoint = checkpoint
        # By sequence number, in the shard's order; None for what is dealt with, though something before it is not. Of several of these in a
        # row the last is enough, and behind one delivery that waits there may come any number of them.
        self._read: dict[str, Waiting | None] = {}
        self._newest = int(checkpoint) if checkpoint.isdigit() else -1

    @property
    def waiting(self) -> Sequence[Waiting]:
        """What was read and is not dealt with, in the shard's order."""
        return [waiting for waiting in self._read.values() if waiting]

    def is_new(self, sequence_number: str) -> bool:
        """Tell whether a record was not read yet. The numbers have no fixed length, so that only as integers they are in order."""
        return int(sequence_number) > self._newest

    def add(self, sequence_number: str, waiting: Waiting | None) -> None:
        """Note a record that was read; None is for one that nobody has to deal with."""
        self._note(sequence_number, waiting)
        self._newest = int(sequence_number)

    def _note(self, sequence_number: str, waiting: Waiting | None) -> None:
        if not waiting and self._read and not self._read[last := next(reversed(self._read))]:
            del self._read[last]
        self._read[sequence_number] = waiting

    def after(self, dealt_with: Collection[str], *, ended: bool) -> str:
        """Give the checkpoint when these positions are dealt with: the highest sequence number before the first that is not.

        `ended`: the shard has no more than what was read.
        """
        checkpoint = self.checkpoint
        for sequence_number, waiting in self._read.items():
            if waiting and waiting.delivery.position not in dealt_with:
                return checkpoint
            checkpoint = sequence_number
        return SHARD_END if ended else checkpoint

    def settle(self, checkpoint: str, dealt_with: Collection[str]) -> None:
        """Forget what is dealt with, the checkpoint being kept."""
        self.checkpoint = checkpoint
        read, self._read = self._read, {}
        for number, waiting in read.items():
            still = waiting if waiting and waiting.delivery.position not in dealt_with else None
            if still or self._read:
                self._note(number, still)
