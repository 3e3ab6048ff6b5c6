"""Writing one commit: what every answer of PostgreSQL means, until the outcome is proved or the time is up."""

from typing import Any

import psycopg

from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import FAILURES, Fate, fate, sentence
from adapters.postgres.parameters import COMMIT, COMMIT_TO_RELAY, VERDICT, verdict_parameters
from adapters.postgres.statements import fetched
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown, StoreUnavailable
from core.ports.retries import tries

PROOF_SHARE = 0.25
"""The part of the budget that looking a commit up may take, after the budget is spent."""

STORED, TAKEN, STALE = "SH001", "SH002", "SH003"
"""The SQLSTATEs that the function `commit` raises."""


class CommitWriter:
    """Sends a commit until its outcome is proved: one commit id is one decision, however often it is sent."""

    def __init__(self, pool: Pool, environment: Environment, budget_seconds: float, *, outbox: bool) -> None:
        """Keep what all commits share; `outbox`: their events are still to be relayed."""
        self._statement = COMMIT_TO_RELAY if outbox else COMMIT
        self._pool = pool
        self._environment = environment
        self._budget = budget_seconds

    def write(self, commit: Commit, parameters: list[Any]) -> None:
        """Return when all is stored.

        Raises:
            Conflict: a stale decision; nothing was written.
            ClaimTaken: somebody holds a claimed key; nothing was written.
            StoreUnavailable: every try was refused or never left, and no earlier call's success was found.
            OutcomeUnknown: a try may have been done, and it cannot be told.
        """
        doubtful = False
        unavailable = StoreUnavailable("PostgreSQL was not asked")
        for _ in tries(self._environment, self._budget):
            try:
                # In autocommit: the statement is the transaction, and its answer comes after the transaction's end.
                with connected(self._pool) as connection:
                    connection.execute(self._statement, parameters)
            except FAILURES as error:
                if _is_refusal(error):
                    _judge(commit, error, doubtful=doubtful)
                    return
                unavailable = StoreUnavailable(sentence(error))
                unavailable.__cause__ = error
                doubtful = doubtful or fate(error) is Fate.MAYBE_DONE
                if fate(error) is Fate.REFUSED:
                    break
            else:
                return
        # Also where no try of this call can have been done: an earlier call of the same commit may have been.
        if not self._is_stored(commit, doubtful=doubtful):
            raise OutcomeUnknown(commit) if doubtful else unavailable

    def _is_stored(self, commit: Commit, *, doubtful: bool) -> bool:
        """Look the commit up; what keeps from looking is raised as what it leaves open.

        False proves nothing about a statement that is still on its way.
        """
        if not commit.leaves_a_trace:
            return False
        try:
            share = self._budget * PROOF_SHARE
            ((verdict, about),) = fetched(self._pool, self._environment, share, VERDICT, *verdict_parameters(commit))
        except StoreUnavailable as error:
            if doubtful:
                raise OutcomeUnknown(commit) from error
            raise
        if verdict == "taken":
            raise ClaimTaken(about)
        if verdict == "stale":
            raise Conflict(f"stream {about!r} has gone on")
        return bool(verdict == "stored")


def _is_refusal(error: psycopg.Error) -> bool:
    return error.sqlstate in {STORED, TAKEN, STALE}


def _judge(commit: Commit, error: psycopg.Error, *, doubtful: bool) -> None:
    """Return if this commit itself is what stands in its way; else raise what does. `doubtful`: an earlier try may have been done."""
    if error.sqlstate == STORED:
        return
    if error.sqlstate == TAKEN:
        raise ClaimTaken(error.diag.message_detail or "")
    if doubtful and not commit.leaves_a_trace:  # an earlier try may have let the claims go, and another has them since
        raise OutcomeUnknown(commit)
    raise Conflict(error.diag.message_primary or "")
