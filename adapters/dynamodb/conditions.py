"""The conditions that writes stand under, each with its reason. `#key` and `#owner` because DynamoDB reserves the bare words."""

from datetime import datetime
from typing import Any

from adapters.dynamodb.items import seconds

# An item of the events table exists exactly where a version is taken, and events never go away.
# For an append: a version is written once, whoever comes first.
# For a check: the stream must still end at `version`, so its next item must not exist. A condition on the last item itself could not
# tell "ended there" from "went on".
VERSION_IS_FREE = "attribute_not_exists(aggregate_id)"

# An update makes an item that is not there. An event is there for good, unless somebody has put an older table in this one's place.
EVENT_EXISTS = "attribute_exists(aggregate_id)"

# No item, no holder.
NOBODY_HOLDS_IT = "attribute_not_exists(#key)"

# Time to live deletes up to days late, so an item past its time counts as gone. Without `expires_at` this is false: held for good.
HOLDING_IS_OVER = "expires_at <= :now"

# Only who holds a claim lets it go.
OWNER_HOLDS_IT = "#owner = :owner"

# A slow writer must not put an older state over a newer one.
NO_SNAPSHOT = "attribute_not_exists(aggregate_id)"
OLDER_SNAPSHOT = "version < :version"


def version_is_free() -> dict[str, Any]:
    """Let the operation pass where the stream has no event of this version."""
    return {"ConditionExpression": VERSION_IS_FREE}


def event_is_there() -> dict[str, Any]:
    """Let the operation pass where the stream has an event of this version."""
    return {"ConditionExpression": EVENT_EXISTS}


def claim_is_free(now: datetime) -> dict[str, Any]:
    """Let the operation pass where nobody holds the claim at `now`."""
    return {
        "ConditionExpression": f"{NOBODY_HOLDS_IT} OR {HOLDING_IS_OVER}",
        "ExpressionAttributeNames": {"#key": "key"},
        "ExpressionAttributeValues": {":now": {"N": seconds(now)}},
    }


def claim_may_go(owner: str, now: datetime) -> dict[str, Any]:
    """Let the operation pass where `owner` or nobody holds the claim at `now`."""
    return {
        "ConditionExpression": f"{NOBODY_HOLDS_IT} OR {OWNER_HOLDS_IT} OR {HOLDING_IS_OVER}",
        "ExpressionAttributeNames": {"#key": "key", "#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": owner}, ":now": {"N": seconds(now)}},
    }


def snapshot_is_newer(version: int) -> dict[str, Any]:
    """Let the operation pass where no snapshot of this or a higher version is kept."""
    return {
        "ConditionExpression": f"{NO_SNAPSHOT} OR {OLDER_SNAPSHOT}",
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
