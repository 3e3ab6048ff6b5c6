"""What one run leaves behind, in plain values: the oracle needs nothing else."""

from dataclasses import dataclass, field
from typing import Any

Handed = tuple[str, int, str]
"""A delivery: stream, version, event id."""


Moment = tuple[float, str, str]
"""When, who, what."""


@dataclass(slots=True)
class Evidence:
    """The stores after the clean-up, what went through the transport, and what clients were told. Times are in seconds.

    `events` (T) has stream, version, id, type, data. `handed` (H) and `folded` (E) are by projector; `excused` are the events that a
    skipped record or a consumer past retention kept from it. `commits` (C) are the event ids of each commit as handed to the store,
    `operations` how many each had with checks and claims; `told` (A) those of commands answered with success, `refused` those of
    commands answered with an error. `sent` are the event ids of mails in the order they left, `rows` the read model by stream.
    `done` are the type and the stream of an event that must be there, because a client was told so; `attempts` the event ids of the
    commits of one command, where it handed over several; `announced` what a projector could know of, by the keys of a delivery.
    `timeline` tells it in words.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    handed: dict[str, list[Handed]] = field(default_factory=dict)
    folded: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    excused: dict[str, set[str]] = field(default_factory=dict)
    commits: list[list[str]] = field(default_factory=list)
    operations: list[int] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)
    refused: list[list[str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[list[list[str]]] = field(default_factory=list)
    announced: dict[str, set[str]] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    committed_at: dict[str, float] = field(default_factory=dict)
    visible_at: dict[str, float] = field(default_factory=dict)
    divergence: list[tuple[float, int]] = field(default_factory=list)
    faults_ended_at: float = 0.0
    differences: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    commands: int = 0
    refolds: int = 0
    timeline: list[Moment] = field(default_factory=list)

    def tell(self, at: float, who: str, what: str) -> None:
        """Add to what happened, in words."""
        self.timeline.append((at, who, what))
