"""One lease as an item of its table, and the conditions that changes of it stand under."""

from typing import Any, NamedTuple

from adapters.kinesis.shards import Shard

TRIM_HORIZON = "TRIM_HORIZON"
"""The checkpoint of a shard of which nothing was dealt with yet."""

SHARD_END = "SHARD_END"
"""The checkpoint of a shard of which everything was dealt with, and which gets nothing any more."""

# DynamoDB reserves some of the bare words.
NAMES = {"#owner": "owner", "#counter": "counter", "#checkpoint": "checkpoint"}

# Whoever takes a lease writes itself in and moves the counter, so an owner that was overtaken cannot write any more.
STILL_HELD = "#owner = :was AND #counter = :counter"

# Nobody had it when it was seen, and nobody has had it since.
STILL_FREE = "attribute_not_exists(#owner) AND #counter = :counter"

# Two workers that see a new shard at once make one lease.
IS_NEW = "attribute_not_exists(lease)"

# What was looked at is still what stands there.
STILL_ENDED = "#checkpoint = :end AND #counter = :counter"


class Lease(NamedTuple):
    """The right to read a shard, from behind its checkpoint on. `owner` is empty where nobody has it; each write moves `counter`."""

    shard: str
    owner: str
    counter: int
    checkpoint: str
    parents: tuple[str, ...]


def new_lease(shard: Shard) -> Lease:
    """Give the lease of a shard of which nobody has read anything."""
    return Lease(shard.id, "", 0, TRIM_HORIZON, shard.parents)


def lease_of(item: dict[str, Any], prefix: str) -> Lease:
    """Give the lease of an item whose key begins with this."""
    return Lease(
        item["lease"]["S"].removeprefix(prefix),
        item.get("owner", {}).get("S", ""),
        int(item.get("counter", {}).get("N", "0")),
        item.get("checkpoint", {}).get("S", TRIM_HORIZON),
        tuple(sorted(item.get("parents", {}).get("SS", ()))),
    )


def putting(lease: Lease, key: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of PutItem for a lease that nobody has."""
    item = key | {"counter": {"N": str(lease.counter)}, "checkpoint": {"S": lease.checkpoint}}
    if lease.parents:  # an empty set is no value
        item["parents"] = {"SS": list(lease.parents)}
    return {"Item": item, "ConditionExpression": IS_NEW}


def replacing(old: Lease, new: Lease) -> dict[str, Any]:
    """Give the arguments of UpdateItem, beside the key, that put one in the other's place."""
    values = {":checkpoint": new.checkpoint, ":was": old.owner, ":owner": new.owner}
    counters = {":counter": {"N": str(old.counter)}, ":next": {"N": str(new.counter)}}
    owner = "SET #owner = :owner," if new.owner else "REMOVE #owner SET"
    return {
        "UpdateExpression": f"{owner} #checkpoint = :checkpoint, #counter = :next",
        "ConditionExpression": STILL_HELD if old.owner else STILL_FREE,
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items() if value} | counters,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def removing(ended: Lease) -> dict[str, Any]:
    """Give the arguments of DeleteItem, beside the key."""
    return {
        "ConditionExpression": STILL_ENDED,
        "ExpressionAttributeNames": {name: NAMES[name] for name in ("#counter", "#checkpoint")},
        "ExpressionAttributeValues": {":end": {"S": SHARD_END}, ":counter": {"N": str(ended.counter)}},
    }
