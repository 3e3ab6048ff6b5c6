"""Events, claims and snapshots as items, and back; what reads an event is shared with the change feed."""

import zlib
from datetime import UTC, datetime

from adapters.serialization.event_items import EPOCH, Item, image, number, text, time
from adapters.serialization.recording import whole_seconds
from core.domain.times import instant
from core.ports.commit import Claim
from core.ports.event_store import HeldClaim
from core.ports.events import RecordedEvent
from core.ports.snapshot_store import Snapshot

BUCKETS = 16
"""Partitions of GSI1: one constant key would cap the shop at the 1,000 writes a second of one partition."""

OLD_PARTITION = "EVENTS"
"""The one partition that GSI1 had once."""

TIME_PARTITIONS = (OLD_PARTITION, *(f"{OLD_PARTITION}#{bucket:02}" for bucket in range(BUCKETS)))
"""All that GSI1 may have."""

RELAY_PARTITIONS = tuple(f"OUTBOX#{bucket:02}" for bucket in range(BUCKETS))
"""All that GSI2 may have: a stream has the same number in both."""

MARK = "outbox"
"""The attribute of an event that is still to be relayed."""


def event_item(event: RecordedEvent, metadata: str, *, marked: bool = False) -> Item:
    """Give the item of an event; `metadata` is its metadata as JSON, encoded once for all events that share it.

    `marked`: it is still to be relayed.
    """
    bucket = zlib.crc32(event.stream.encode()) % BUCKETS
    item = image(event, metadata) | {"gsi1pk": {"S": f"{OLD_PARTITION}#{bucket:02}"}}
    return item | {MARK: {"S": RELAY_PARTITIONS[bucket]}} if marked else item


def claim_key(key: str) -> Item:
    """Give the primary key of a claim."""
    return {"key": {"S": key}}


def claim_item(claim: Claim, commit_id: str) -> Item:
    """Give the item of a claim."""
    item = claim_key(claim.key) | {"owner": {"S": claim.owner}, "commit_id": {"S": commit_id}}
    if claim.value is not None:
        item["value"] = {"S": claim.value.decode()}
    expires_at = whole_seconds(claim.expires_at)
    if expires_at is not None:
        item["expires_at"] = {"N": seconds(expires_at)}
    return item


def held_claim(item: Item) -> HeldClaim:
    """Give the claim of an item, expired or not."""
    value = text(item, "value").encode() if "value" in item else None
    expires_at = datetime.fromtimestamp(number(item, "expires_at"), UTC) if "expires_at" in item else None
    return HeldClaim(text(item, "key"), text(item, "owner"), text(item, "commit_id"), value, expires_at)


def snapshot_key(stream: str) -> Item:
    """Give the primary key of a snapshot."""
    return {"aggregate_id": {"S": stream}}


def snapshot_item(snapshot: Snapshot) -> Item:
    """Give the item of a snapshot."""
    return snapshot_key(snapshot.stream) | {
        "aggregate_type": {"S": snapshot.aggregate_type},
        "version": {"N": str(snapshot.version)},
        "schema_version": {"N": str(snapshot.schema_version)},
        "state": {"S": snapshot.state.decode()},
        "created_at": {"S": instant(snapshot.created_at)},
    }


def kept_snapshot(item: Item) -> Snapshot:
    """Give the snapshot of an item."""
    return Snapshot(
        text(item, "aggregate_id"),
        text(item, "aggregate_type"),
        number(item, "version"),
        number(item, "schema_version"),
        text(item, "state").encode("utf-8", "surrogatepass"),
        time(item, "created_at"),
    )


def seconds(at: datetime) -> str:
    """Write a time as seconds since 1970, exactly: a binary float could fall on the other side of a limit."""
    elapsed = at - EPOCH
    whole = elapsed.days * 86_400 + elapsed.seconds
    return f"{whole}.{elapsed.microseconds:06}" if elapsed.microseconds else str(whole)
