"""Looking a commit up: what stands at the places it writes to, and what that proves."""

from typing import TYPE_CHECKING

from adapters.dynamodb.items import claim_key, held_claim
from adapters.dynamodb.layout import Tables
from adapters.serialization.event_items import Item, event_key, text
from core.ports.commit import Claim, Commit
from core.ports.event_store import ClaimTaken, Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def is_stored(client: "DynamoDBClient", tables: Tables, commit: Commit) -> bool:
    """Tell whether the commit is stored, by its first event and its claims: it is written whole or not at all.

    False proves nothing about a request that is still on its way.

    Raises:
        ClaimTaken: another commit holds a claim.
        Conflict: another commit's event stands where the first one would.
    """
    event = _first_event(client, tables, commit)
    if text(event, "commit_id") == commit.id:
        return True
    claims = [_item(client, tables.claims, claim_key(claim.key)) for claim in commit.claims if isinstance(claim, Claim)]
    if any(text(claim, "commit_id") == commit.id for claim in claims):
        return True
    for held in [held_claim(claim) for claim in claims if claim]:
        if held.expires_at is None or held.expires_at > commit.created_at:
            raise ClaimTaken(held.key)
    if event:
        raise Conflict(f"another commit wrote version {event['version']['N']} of stream {commit.appends[0].stream!r}")
    return False


def _first_event(client: "DynamoDBClient", tables: Tables, commit: Commit) -> Item:
    if not commit.appends:
        return {}
    first = commit.appends[0]
    return _item(client, tables.events, event_key(first.stream, first.expected_version + 1))


def _item(client: "DynamoDBClient", table: str, key: Item) -> Item:
    """Give the item as of now; empty where there is none."""
    return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
