"""The three tables as `CreateTable` wants them."""

from typing import Any, NamedTuple


class Tables(NamedTuple):
    """The names of the tables."""

    events: str
    snapshots: str
    claims: str


SETTINGS = Tables("DYNAMODB_TABLE_NAME", "DYNAMODB_SNAPSHOT_TABLE_NAME", "DYNAMODB_CLAIMS_TABLE_NAME")
"""The environment variable that names each table."""

TTL_ATTRIBUTE = "expires_at"
"""Of the claims table, in seconds since 1970."""


def _keys(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else keys


def _attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _index(name: str, partition: str, sort: str, projection: str) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _keys(partition, sort), "Projection": {"ProjectionType": projection}}


EVENTS: dict[str, Any] = {
    "KeySchema": _keys("aggregate_id", "version"),
    "AttributeDefinitions": _attributes(aggregate_id="S", version="N", gsi1pk="S", created_at="S", outbox="S"),
    "GlobalSecondaryIndexes": [
        # For people who browse by time; eventually consistent, so nothing that must not miss an event reads it.
        _index("GSI1", "gsi1pk", "created_at", "ALL"),
        # Sparse: only an event that is still to be relayed has the attribute `outbox`.
        _index("GSI2", "outbox", "aggregate_id", "KEYS_ONLY"),
    ],
}

SNAPSHOTS: dict[str, Any] = {"KeySchema": _keys("aggregate_id"), "AttributeDefinitions": _attributes(aggregate_id="S")}

CLAIMS: dict[str, Any] = {"KeySchema": _keys("key"), "AttributeDefinitions": _attributes(key="S")}

LAYOUTS = (EVENTS, SNAPSHOTS, CLAIMS)
"""In the order of `Tables`."""
