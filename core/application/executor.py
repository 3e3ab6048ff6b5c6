"""From a command to a commit: decide, commit, and on a conflict decide again, until the budget of time is spent."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.application.idempotency import FirstAnswers, Once
from core.application.repository import Repository
from core.application.work import OutOfOrder, Work
from core.domain.errors import DomainError
from core.ports.commit import Commit, Position
from core.ports.environment import Environment
from core.ports.event_store import ClaimTaken, Conflict, EventStore, OutcomeUnknown
from core.ports.events import Codec, Metadata
from core.ports.queries import Queries

R = TypeVar("R")
Handler = Callable[[Work, Any], R]

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.25
"""Seconds; a conflict is retried after a random time up to the first, doubled each time up to the longest (full jitter)."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who sends a command and why; it becomes the metadata of the events. `email` is where a guest wants to hear of an order."""

    actor: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    locale: str = ""
    once: Once | None = None
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """What a command gives back, and the positions it wrote, or saw where it changed nothing."""

    result: R
    positions: tuple[Position, ...]


class Executor:
    """Runs handlers. A handler may run several times for one command, so it only decides; `Work` keeps what it wants."""

    def __init__(
        self,
        store: EventStore,
        repository: Repository,
        queries: Queries,
        codec: Codec,
        environment: Environment,
        budget_seconds: float = 2.0,
    ) -> None:
        """Work on these; a command that keeps losing races is given up after `budget_seconds`, not counting its queueing."""
        self._store = store
        self._repository = repository
        self._queries = queries
        self._first_answers = FirstAnswers(store, codec)
        self._environment = environment
        self._budget = budget_seconds

    def run(self, handler: Handler[R], command: object, answer_type: type[R], context: Context) -> Answer[R]:
        """Decide and commit.

        Raises:
            DomainError: a rule refuses the command, judged on a consistent read.
            KeyReused: its Idempotency-Key came with another request before.
            Conflict: it lost races past the budget; nothing was written.
            OutcomeUnknown: it may have been written. The same Idempotency-Key settles it.
            CommitTooLarge, StoreUnavailable, StreamDamaged: as the event store says; nothing was written.
        """
        spent, pause = 0.0, FIRST_PAUSE
        fresh, first_locks = False, list[str]()
        while True:
            began = self._environment.monotonic()
            with ExitStack() as locks:
                work = Work(self._repository, self._queries, self._environment, locks, fresh=fresh)
                try:
                    for stream in sorted(first_locks):
                        work.lock(stream)
                    return self._decide_and_commit(work, handler, command, answer_type, context)
                except OutOfOrder as out_of_order:
                    first_locks, lost = [*work.locked, out_of_order.stream], None
                except _LeanedOnKept:
                    fresh, lost = True, None
                except Conflict as conflict:
                    work.drop()
                    lost = conflict
                spent += self._environment.monotonic() - began - work.queued
            if lost is None:
                continue
            if spent >= self._budget:
                raise lost
            waited = self._environment.jitter(pause)
            self._environment.sleep(waited)
            spent, pause = spent + waited, min(pause * 2, LONGEST_PAUSE)

    def _decide_and_commit(
        self, work: Work, handler: Handler[R], command: object, answer_type: type[R], context: Context
    ) -> Answer[R]:
        try:
            result = handler(work, command)
        except DomainError:
            # Only an acknowledged commit confirms a kept state: an error made of one is decided again on what is stored.
            if work.leaned_on_kept:
                raise _LeanedOnKept from None
            # This may be the repeat of a command that has had its effect: its own first answer is the right one.
            if first := self._first_answers.find(context.once, answer_type, work.at):
                return Answer(first.result, first.positions)
            raise
        if not work.writes:
            if work.leaned_on_kept:
                raise _LeanedOnKept
            if context.once is None:
                return Answer(result, work.positions)
            if first := self._first_answers.find(context.once, answer_type, work.at):
                return Answer(first.result, first.positions)
        return self._commit(work, result, command, answer_type, context)

    def _commit(self, work: Work, result: R, command: object, answer_type: type[R], context: Context) -> Answer[R]:
        commit = Commit(
            self._environment.new_id(),
            work.at,
            work.appends,
            work.checks,
            self._first_answers.claims(context.once, context.actor, work, result),
            Metadata(
                context.correlation_id,
                context.causation_id,
                type(command).__name__,
                context.actor,
                context.locale,
                context.email,
            ),
        )
        sent_at = self._environment.monotonic()
        try:
            self._store.commit(commit)
        except ClaimTaken as taken:
            work.drop()
            if first := self._first_answers.find(context.once, answer_type, work.at):
                return Answer(first.result, first.positions)
            raise Conflict("the Idempotency-Key expired while it was looked up") from taken
        except OutcomeUnknown:
            work.drop()
            raise
        work.confirm(sent_at)
        return Answer(result, commit.positions or work.positions)


class _LeanedOnKept(Exception):
    """The decision ended without a commit that could confirm the kept state it was made on."""
