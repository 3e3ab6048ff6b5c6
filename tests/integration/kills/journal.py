"""What clients were told, kept outside the shop: the oracle that every kill is judged by."""

import threading
from dataclasses import dataclass, field
from uuid import uuid4

CUT = "cut"
"""No answer came: the connection was refused or ended."""

UNDECIDED = {CUT, "outcome_unknown", "read_model_unavailable", "internal"}
"""Answers after which the command may have been done."""


@dataclass(slots=True)
class Entry:
    """One command, under one id for all its tries: X-Request-ID and Idempotency-Key. `told` has the answers in order."""

    what: str
    id: str = field(default_factory=lambda: str(uuid4()))
    told: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether a client was told that it is done."""
        return "done" in self.told

    @property
    def refused(self) -> bool:
        """Whether it was answered, each time, that nothing was done."""
        return not self.acknowledged and UNDECIDED.isdisjoint(self.told)


class Journal:
    """All commands, with those that wait for an answer right now."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: list[Entry] = []
        self._waiting: dict[str, Entry] = {}
        self._lock = threading.Lock()

    def open(self, what: str) -> Entry:
        """Begin a command."""
        entry = Entry(what)
        with self._lock:
            self.entries.append(entry)
        return entry

    def sent(self, entry: Entry) -> None:
        """Note a try."""
        with self._lock:
            self._waiting[entry.id] = entry

    def answered(self, entry: Entry, told: str) -> None:
        """Note its answer: `done`, the code of a refusal, or `cut`."""
        with self._lock:
            entry.told.append(told)
            del self._waiting[entry.id]

    def in_flight(self) -> list[Entry]:
        """Give the commands that wait for an answer."""
        with self._lock:
            return list(self._waiting.values())
