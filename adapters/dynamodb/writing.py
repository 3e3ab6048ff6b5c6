"""Writing one commit: what every answer of DynamoDB means, until the outcome is proved or the time is up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adapters.aws.failures import FAILURES, Fate, fate
from adapters.dynamodb.answers import failed_conditions, hides_something
from adapters.dynamodb.failures import sentence, spends_its_token
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.operations import Operation
from adapters.dynamodb.proving import is_stored
from adapters.dynamodb.retries import persistently
from adapters.serialization.event_items import Item, text
from core.ports.commit import Commit
from core.ports.environment import Environment
from core.ports.event_store import ClaimTaken, OutcomeUnknown, StoreUnavailable
from core.ports.retries import tries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PROOF_SHARE = 0.25
"""The part of the budget that looking a commit up may take, after the budget is spent."""


class CommitWriter:
    """Sends a commit until its outcome is proved: one commit id is one decision, however often it is sent."""

    def __init__(
        self, client: "DynamoDBClient", tables: Tables, environment: Environment, budget_seconds: float
    ) -> None:
        """Keep what all commits share."""
        self._client = client
        self._tables = tables
        self._environment = environment
        self._budget = budget_seconds

    def write(self, commit: Commit, operations: Sequence[Operation]) -> None:
        """Return when all is stored.

        Raises:
            Conflict: a stale decision; nothing was written.
            ClaimTaken: somebody holds a claimed key; nothing was written.
            StoreUnavailable: every try was refused or never left, and no earlier call's success was found.
            OutcomeUnknown: a try may have been done, and it cannot be told.
        """
        token, doubtful = commit.id, False
        unavailable = StoreUnavailable("DynamoDB was not asked")
        for _ in tries(self._environment, self._budget):
            try:
                self._send(operations, token)
            except FAILURES as error:
                if failed := failed_conditions(operations, error):
                    self._judge(commit, failed, hidden=hides_something(operations, error), doubtful=doubtful)
                    return
                unavailable = StoreUnavailable(sentence(error))
                unavailable.__cause__ = error
                match fate(error):
                    case Fate.REFUSED:
                        break
                    case Fate.MAYBE_DONE:
                        doubtful = True
                    case Fate.NOT_DONE if spends_its_token(error):
                        token = self._environment.new_id()
                # Else the same token again: what an earlier request did, or still does, must not be done once more.
            else:
                return
        # Also where no try of this call can have been done: an earlier call of the same commit may have been.
        if not self._is_stored(commit, doubtful=doubtful):
            raise OutcomeUnknown(commit) if doubtful else unavailable

    def _send(self, operations: Sequence[Operation], token: str) -> None:
        first, *more = operations
        # A plain write costs half a transaction's capacity and says the same about a single event.
        if first.is_event and not more:
            self._client.put_item(**first.request)
        else:
            items: list[Any] = [{operation.action: operation.request} for operation in operations]
            self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)

    def _judge(self, commit: Commit, failed: Sequence[tuple[Operation, Item]], *, hidden: bool, doubtful: bool) -> None:
        """Return if this commit itself is what its conditions failed on; else raise what the first of them means, claims first.

        `hidden`: the answer does not show all that stands at the commit's places. `doubtful`: an earlier try may have been done.
        """
        if any(text(old, "commit_id") == commit.id for _, old in failed):
            return
        # Another commit's event on a place of ours: as a commit is written whole or not at all, ours never was.
        lost_its_place = any(operation.is_event and old for operation, old in failed)
        if (hidden or doubtful) and not lost_its_place:
            if not commit.leaves_a_trace:  # an earlier try may have let the claims go, and another has them since
                raise OutcomeUnknown(commit)
            if self._is_stored(commit, doubtful=doubtful):
                return
        raise min(
            (operation.refusal for operation, _ in failed), key=lambda refusal: not isinstance(refusal, ClaimTaken)
        )

    def _is_stored(self, commit: Commit, *, doubtful: bool) -> bool:
        """Look the commit up; what keeps from looking is raised as what it leaves open."""
        try:
            return persistently(
                self._environment, self._budget * PROOF_SHARE, lambda: is_stored(self._client, self._tables, commit)
            )
        except StoreUnavailable as error:
            if doubtful:
                raise OutcomeUnknown(commit) from error
            raise
