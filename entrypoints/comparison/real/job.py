"""What a process of a real run is told when it is started."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS
from entrypoints.comparison.faults import Faults

PROJECTORS = (READ_MODELS, NOTIFIER)

READY, EXPIRE = "ready", "expire"

PREPARE, ONLOOKER, CLEAN_UP = "prepare", "onlooker", "clean-up"
"""Processes that nothing befalls: what makes tables, what looks at the rows now and then, what cleans up."""

LEFT = "left.json"
"""What the clean-up found in the stores."""

NOT_NOW = 75
"""The status of a process whose servers are away as it starts. Source: EX_TEMPFAIL of sysexits.h."""


@dataclass(frozen=True, slots=True)
class Job:
    """Who a process is, in which cell, and which faults strike it by which rates; `life` counts how often it was started."""

    name: str
    design: str
    consumer: str
    transport: str
    seed: int
    folder: str
    rates: Mapping[str, float] = field(default_factory=dict)
    life: int = 0
    bug_fixed: bool = False

    @property
    def by_the_application(self) -> bool:
        """Whether the application itself publishes, event by event."""
        return self.design in {"dual-write", "publish-first"}

    def faults(self) -> Faults:
        """Give what strikes this life of the process, and no other in the same way."""
        seed = Random(f"{self.seed} {self.name} {self.life}").getrandbits(32)  # noqa: S311 - a run is to be repeated
        return Faults(seed, self.rates)

    def named(self, name: str, life: int = 0) -> "Job":
        """Give the same for another process."""
        return replace(self, name=name, life=life)


def workers_of(design: str, consumer: str) -> list[str]:
    """Name the processes beside those that serve clients."""
    names = [*PROJECTORS]
    if consumer != "naive":
        names.append("sender")
    if design == "outbox":
        names.append("relay")
    if consumer == "doorbell+reconcile":
        names.append("reconcile")
    return names


def folder_of(job: Job) -> Path:
    """Give where its notes are."""
    return Path(job.folder)
