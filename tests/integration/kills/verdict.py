"""The verdict, from the events as the store has them, without the code under test: what should be there is there, once, and whole."""

import json
from collections import Counter, defaultdict
from typing import Any, NamedTuple

import boto3

from tests.integration.kills.journal import Journal
from tests.integration.kills.scene import Scene

MAILED = {"OrderPlaced", "OrderPaid", "OrderCancelled"}
"""Of what shoppers do here."""


class Stored(NamedTuple):
    """One event."""

    id: str
    stream: str
    version: int
    type: str
    commit: str
    data: dict[str, Any]
    metadata: dict[str, Any]


def stored(scene: Scene) -> list[Stored]:
    """Give all events, stream by stream."""
    if scene.store["STORE"] == "dynamodb":
        return stored_in_dynamodb(scene.store)
    rows = scene.asked(
        "SELECT id, stream, version, type, commit_id, data::jsonb, metadata::jsonb FROM shop_events.events"
        " ORDER BY stream, version"
    )
    return [Stored(*row) for row in rows]  # type: ignore[arg-type]


def stored_in_dynamodb(store: dict[str, str]) -> list[Stored]:
    """Give all events of the table."""
    client = boto3.client("dynamodb", "ap-northeast-1", endpoint_url=store["DYNAMODB_ENDPOINT"])
    pages = client.get_paginator("scan").paginate(TableName=store["DYNAMODB_TABLE_NAME"], ConsistentRead=True)
    events = [
        Stored(
            item["id"]["S"],
            item["aggregate_id"]["S"],
            int(item["version"]["N"]),
            item["event_type"]["S"],
            item["commit_id"]["S"],
            json.loads(item["data"]["S"]),
            json.loads(item["metadata"]["S"]),
        )
        for page in pages
        for item in page["Items"]
    ]
    return sorted(events, key=lambda event: (event.stream, event.version))


def nothing_acknowledged_is_lost(journal: Journal, events: list[Stored]) -> None:
    """Check that each command is there once if it was acknowledged, never if it was refused, and never twice."""
    commits = defaultdict[str, set[str]](set)
    for event in events:
        commits[event.metadata["correlation_id"]].add(event.commit)
    for entry in journal.entries:
        done = len(commits[entry.id])
        assert done <= 1, f"done twice: {entry}"
        assert done or not entry.acknowledged, f"lost: {entry}"
        assert not done or not entry.refused, f"done although refused: {entry}"


def no_order_is_torn(events: list[Stored]) -> None:
    """Check that an order, the stock that it reserves and the cart that it clears are one commit, or not there."""
    commits = defaultdict[str, list[Stored]](list)
    for event in events:
        commits[event.commit].append(event)
    orders = 0
    for together in commits.values():
        types = Counter(event.type for event in together)
        if not types.keys() & {"OrderPlaced", "StockReserved", "CartCleared"}:
            continue
        orders += 1
        (placed,) = (event for event in together if event.type == "OrderPlaced")
        asked = {item["product_id"]: item["quantity"] for item in placed.data["items"]}
        reserved = {e.data["product_id"]: e.data["quantity"] for e in together if e.type == "StockReserved"}
        assert reserved == asked, placed
        assert types == {"OrderPlaced": 1, "StockReserved": len(asked), "CartCleared": 1}, types
    assert orders


def stock_adds_up(scene: Scene, events: list[Stored]) -> None:
    """Check that what the rows say is reserved is what orders hold that are not cancelled, and no unit came from nowhere."""
    total, held = Counter[str](), Counter[str]()
    items = {event.stream: event.data["items"] for event in events if event.type == "OrderPlaced"}
    for event in events:
        if event.type == "StockAdded":
            total[event.data["product_id"]] += event.data["quantity"]
        for item in items.get(event.stream, ()) if event.type in {"OrderPlaced", "OrderCancelled"} else ():
            held[item["product_id"]] += item["quantity"] * (1 if event.type == "OrderPlaced" else -1)
    rows = scene.asked("SELECT product_id, total, reserved FROM public.read_inventory")
    assert {product: (all_, reserved) for product, all_, reserved in rows} == {
        product: (total[product], held[product]) for product in total
    }


def mails_wanted(events: list[Stored]) -> set[str]:
    """Give the Message-IDs of all mails that somebody should get."""
    addressed = {e.stream for e in events if e.type == "OrderPlaced" and e.metadata.get("email")}
    return {f"<{e.id}@x.example>" for e in events if e.type in MAILED and e.stream in addressed}


def mails_received(scene: Scene) -> Counter[str]:
    """Count what came to the mail server, by Message-ID."""
    return Counter(str(mail["Message-ID"]) for mail in scene.inbox.mails)


def skipped(scene: Scene) -> set[str]:
    """Give the Message-IDs of those that the notifier says it skipped."""
    return {
        f"<{id_}@x.example>"
        for (id_,) in scene.asked("SELECT event_id FROM shop_state.mail_queue WHERE status = 'skipped'")
    }
