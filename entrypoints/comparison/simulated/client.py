"""A client, and the process of the shop that serves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.application.commands import Commands
from core.application.executor import Answer, Context
from core.application.idempotency import Once
from core.domain.errors import DomainError
from core.ports.commit import Commit, Position
from core.ports.event_publisher import PublishFailed
from core.ports.event_store import StoreError
from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.simulated.cell import Cell
from entrypoints.comparison.simulated.scheduler import Scheduler
from entrypoints.comparison.workload import LONGEST_THINKING, SHOPPER, Step, command_of, effect_of, sentence


@dataclass(slots=True)
class _Handed:
    commit_id: str
    positions: tuple[Position, ...]
    ids: list[str]
    refused: bool = False


class Client:
    """Sends one command after another. When the process that serves it dies, the next one goes on.

    A command that was cut off is sent again, under its Idempotency-Key, where its step says so; the older designs knew no such keys.
    """

    def __init__(
        self, name: str, steps: Sequence[Step], cell: Cell, scheduler: Scheduler, evidence: Evidence, *, keys: bool
    ) -> None:
        """Serve these steps in the process `name`; what is handed over and answered goes to `evidence`."""
        self.done = False
        self._name = name
        self._left = list(steps)
        self._cell = cell
        self._scheduler = scheduler
        self._evidence = evidence
        self._keys = keys
        self._handed: list[_Handed] = []
        self._sent = False

    def live(self, before_each: Callable[[], None]) -> None:
        """Go on with what is left, in a new process; `before_each` command that was not sent yet, something may begin to go wrong."""
        commands = self._cell.commands(self._name, self._note, self._note_refusal)
        while self._left:
            self._scheduler.sleep(self._scheduler.random.random() * LONGEST_THINKING)
            step = self._left[0]
            if self._sent and not (step.repeat and self._keys):
                self._next()
                continue
            if not self._sent:
                before_each()
                self._evidence.commands += 1
                self._sent = True
                self._tell(sentence(step))
            self._answered(self._ask(commands, step))
        self.done = True

    def _ask(self, commands: Commands, step: Step) -> Answer[Any] | Exception:
        once = Once(f"{self._name} {len(self._left)}", "") if self._keys else None
        try:
            return commands.run(command_of(step), Context("shopper", locale="en", once=once, email=SHOPPER))
        except (DomainError, StoreError, PublishFailed) as error:
            return error

    def _answered(self, answer: Answer[Any] | Exception) -> None:
        if isinstance(answer, Exception):
            self._tell(f"is answered with an error: {answer}")
            self._evidence.refused.append([event_id for handed in self._handed for event_id in handed.ids])
        else:
            self._tell("is told that it is done")
            if effect := effect_of(self._left[0]):
                self._evidence.done.append(effect)
            # A repeat may have tried another commit before it found its first answer: the positions say which one it is told of. A
            # decision that lost a race may end as a no-op at the very positions that it was refused.
            mine = [each.ids for each in self._handed if not each.refused and each.positions == answer.positions]
            self._evidence.told += mine[-1:]
        self._next()

    def _tell(self, what: str) -> None:
        self._evidence.tell(self._scheduler.seconds, self._name.replace("api", "client"), what)

    def _next(self) -> None:
        if len(self._handed) > 1:
            self._evidence.attempts.append([each.ids for each in self._handed])
        del self._left[0]
        self._handed = []
        self._sent = False

    def _note(self, commit: Commit) -> None:
        ids = [event.id for append in commit.appends for event in append.events]
        if ids:
            self._handed.append(_Handed(commit.id, commit.positions, ids))
            self._evidence.commits.append(ids)
            self._evidence.operations.append(len(ids) + len(commit.checks) + len(commit.claims))
            self._evidence.committed_at.update(dict.fromkeys(ids, self._scheduler.seconds))

    def _note_refusal(self, commit: Commit) -> None:
        for handed in self._handed:
            handed.refused |= handed.commit_id == commit.id
