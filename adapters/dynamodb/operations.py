"""From a commit to the lines of one DynamoDB transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from adapters.dynamodb.conditions import claim_is_free, claim_may_go, version_is_free
from adapters.dynamodb.items import claim_item, claim_key, event_item
from adapters.dynamodb.layout import Tables
from adapters.serialization.event_items import Item, event_key
from adapters.serialization.recording import metadata_json, record
from core.ports.commit import Check, Claim, Commit, Release
from core.ports.event_store import ClaimTaken, Conflict, StoreError
from core.ports.events import Codec, RecordedEvent


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of a transaction: what is asked of one item, and what it means when its condition fails."""

    action: Literal["Put", "Delete", "ConditionCheck"]
    request: dict[str, Any]
    refusal: StoreError
    is_event: bool = False


def operations_of(commit: Commit, tables: Tables, codec: Codec, *, marked: bool = False) -> tuple[Operation, ...]:
    """Give events, checks, claims and releases, in this order; `marked`: the events are still to be relayed.

    Raises:
        CommitTooLarge: over a limit that every store shares.
    """
    events = [event for events in record(codec, commit) for event in events]
    # Encoded once for all events that have the same.
    texts = {metadata: metadata_json(codec, metadata).decode() for metadata in {event.metadata for event in events}}
    return (
        *(_event(tables, event, event_item(event, texts[event.metadata], marked=marked)) for event in events),
        *(_check(tables, check) for check in commit.checks),
        *_claims(tables, commit),
    )


def _event(tables: Tables, event: RecordedEvent, item: Item) -> Operation:
    request = {"TableName": tables.events, "Item": item}
    stale = Conflict(f"stream {event.stream!r} has a version {event.version} already")
    return Operation("Put", _showing_old(request | version_is_free()), stale, is_event=True)


def _check(tables: Tables, check: Check) -> Operation:
    request = {"TableName": tables.events, "Key": event_key(check.stream, check.version + 1)}
    stale = Conflict(f"stream {check.stream!r} has gone on after version {check.version}")
    return Operation("ConditionCheck", _showing_old(request | version_is_free()), stale)


def _claims(tables: Tables, commit: Commit) -> Iterator[Operation]:
    for claim in commit.claims:
        match claim:
            case Claim():
                request = {"TableName": tables.claims, "Item": claim_item(claim, commit.id)}
                yield Operation("Put", _showing_old(request | claim_is_free(commit.created_at)), ClaimTaken(claim.key))
            case Release(key, owner):
                request = {"TableName": tables.claims, "Key": claim_key(key)}
                foreign = Conflict(f"the claim {key!r} is held by another")
                yield Operation("Delete", _showing_old(request | claim_may_go(owner, commit.created_at)), foreign)


def _showing_old(request: dict[str, Any]) -> dict[str, Any]:
    # The item that a condition failed on carries the commit id of who wrote it: the proof, without another read.
    return request | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
