"""Writing one commit: what every answer of DynamoDB means, until the outcome is proved or the time is up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adapters.dynamodb.answers import failed_conditions, hides_something
from adapters.dynamodb.failures import FAILURES, Fate, fate, sentence
from adapters.dynamodb.items import Item, claim_key, event_key, held_claim, text
from adapters.dynamodb.layout import Tables
from adapters.dynamodb.operations import Operation
from adapters.dynamodb.retries import persistently, tries
from core.ports.commit import Claim, Commit
from core.ports.environment import Environment
from core.ports.event_store import ClaimTaken, Conflict, OutcomeUnknown, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PROOF_SHARE = 0.25
"""The part of the budget that looking a doubtful commit up may take, after the budget is spent."""


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
            StoreUnavailable: every try was refused or never left; nothing was written.
            OutcomeUnknown: a try may have been done, and it cannot be told.
        """
        token, doubtful = commit.id, False
        unavailable = StoreUnavailable("DynamoDB was not asked")
        for _ in tries(self._environment, self._budget):
            try:
                self._send(operations, token)
            except FAILURES as error:
                if failed := failed_conditions(operations, error):
                    self._judge(commit, failed, is_sure=not doubtful and not hides_something(operations, error))
                    return
                unavailable = StoreUnavailable(sentence(error))
                unavailable.__cause__ = error
                match fate(error):
                    case Fate.REFUSED:
                        break
                    case Fate.MAYBE_DONE:
                        # The same token again: what was done, or still is, must not be done once more.
                        doubtful = True
                    case Fate.NOT_DONE:
                        # A new token: the old one stands for a transaction that was cancelled.
                        token = self._environment.new_id()
            else:
                return
        if not doubtful:
            raise unavailable
        self._settle(commit)

    def _send(self, operations: Sequence[Operation], token: str) -> None:
        first, *more = operations
        # A plain write costs half a transaction's capacity and says the same about a single event.
        if first.is_event and not more:
            self._client.put_item(**first.request)
        else:
            items: list[Any] = [{operation.action: operation.request} for operation in operations]
            self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)

    def _judge(self, commit: Commit, failed: Sequence[tuple[Operation, Item]], *, is_sure: bool) -> None:
        """Return if this commit itself is what its conditions failed on; else raise what the first of them means, claims first."""
        if any(text(old, "commit_id") == commit.id for _, old in failed):
            return
        # Another commit's event on a place of ours: as a commit is written whole or not at all, ours never was.
        lost_its_place = any(operation.is_event and old for operation, old in failed)
        if not (is_sure or lost_its_place) and text(self._first_item(commit), "commit_id") == commit.id:
            return
        raise min(
            (operation.refusal for operation, _ in failed), key=lambda refusal: not isinstance(refusal, ClaimTaken)
        )

    def _settle(self, commit: Commit) -> None:
        """Return if the commit is found; raise why it can never be stored, or that nothing is proved."""
        item = self._first_item(commit)
        if text(item, "commit_id") == commit.id:
            return
        raise _winner(commit, item) or OutcomeUnknown(commit)

    def _first_item(self, commit: Commit) -> Item:
        """Read what stands where the commit writes first: its first event, or its first claim; empty where nothing does."""
        request = self._first_place(commit)
        if request is None:
            return {}
        try:
            answer = persistently(
                self._environment, self._budget * PROOF_SHARE, lambda: self._client.get_item(**request)
            )
        except StoreUnavailable as error:
            raise OutcomeUnknown(commit) from error
        return answer.get("Item", {})

    def _first_place(self, commit: Commit) -> dict[str, Any] | None:
        if commit.appends:
            stream, version = commit.appends[0].stream, commit.appends[0].expected_version + 1
            return {"TableName": self._tables.events, "Key": event_key(stream, version), "ConsistentRead": True}
        for claim in commit.claims:
            if isinstance(claim, Claim):
                return {"TableName": self._tables.claims, "Key": claim_key(claim.key), "ConsistentRead": True}
        return None  # releases leave nothing that could be looked at


def _winner(commit: Commit, item: Item) -> StoreError | None:
    if not item:
        return None  # a try that is still on its way may yet be stored
    if commit.appends:
        return Conflict(f"another commit wrote version {item['version']['N']} of stream {commit.appends[0].stream!r}")
    held = held_claim(item)
    is_over = held.expires_at is not None and held.expires_at <= commit.created_at
    return None if is_over else ClaimTaken(held.key)
