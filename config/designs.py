"""Which delivery design runs on which store, over which transport, and why another does not."""

from typing import Literal

Store = Literal["memory", "postgres", "dynamodb"]
Delivery = Literal["cdc", "dual-write", "outbox"]
Transport = Literal["memory", "kinesis", "kafka"]
Workers = Literal["inline", "none", "lambda"]

CARRIES: dict[Store, tuple[Transport, ...]] = {
    "memory": ("memory",),
    "postgres": ("kafka",),
    "dynamodb": ("kafka", "kinesis"),
}
"""What carries the events of each store where a design publishes them; the first where TRANSPORT is not set."""


def transport_of(store: Store, delivery: Delivery, transport: Transport | None) -> Transport | None:
    """Give what carries the events; None under `cdc`, where the store feeds its readers by itself."""
    return None if delivery == "cdc" else transport or CARRIES[store][0]


def refusal(store: Store, delivery: Delivery, transport: Transport | None, workers: Workers) -> str:
    """Say why these cannot go together, in words that name the settings; empty where they can."""
    if delivery == "cdc":
        told = "TRANSPORT must not be set where DELIVERY is cdc: the store feeds its readers by itself"
        return told if transport else ""
    if workers == "lambda":
        return "WORKERS must not be lambda unless DELIVERY is cdc: functions read the changes of the DynamoDB table"
    if transport is None or transport in CARRIES[store]:
        return ""
    if store == "memory":
        return (
            f"TRANSPORT must not be {transport} where STORE is memory: what is published would outlive what it tells of"
        )
    if transport == "memory":
        return (
            f"TRANSPORT must not be memory where STORE is {store}: it would end with its process, marks and events not"
        )
    return "TRANSPORT must not be kinesis unless STORE is dynamodb: who reads Kinesis keeps its leases in DynamoDB"
