"""What rows should say, by the judge's own fold of the events: it knows nothing of the shop's code."""

from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
Row = dict[str, Any]


def folded(events: Iterable[Event]) -> dict[str, Row]:
    """Give what each stream's row should say of it, by its events in version order."""
    rows: dict[str, Row] = {}
    for event in sorted(events, key=lambda event: (event["stream"], event["version"])):
        kind, data = event["type"], event["data"]
        row = rows.setdefault(event["stream"], {})
        if kind == "ProductCreated":
            row |= {"name": data["name"], "price": data["price"], "deleted": False}
        elif kind == "ProductUpdated":
            row |= {"name": data["name"], "price": data["price"]}
        elif kind == "StockAdded":
            row["total"] = row.get("total", 0) + data["quantity"]
        elif kind in {"StockReserved", "StockReleased", "StockDeducted"}:
            row["reserved"] = row.get("reserved", 0) + (1 if kind == "StockReserved" else -1) * data["quantity"]
            row["total"] = row.get("total", 0) - (data["quantity"] if kind == "StockDeducted" else 0)
        elif kind == "ItemAddedToCart":
            row[data["product_id"]] = row.get(data["product_id"], 0) + data["quantity"]
        elif kind == "CartCleared":
            row.clear()
        elif kind == "OrderPlaced":
            row |= {"status": "pending", "units": sum(item["quantity"] for item in data["items"])}
        elif kind.startswith("Order"):
            row["status"] = kind.removeprefix("Order").lower()
    return rows


def shown(stream: str, row: Row) -> Row:
    """Give the same facts of a row of the read model."""
    if stream.startswith("cart-"):
        return {product: line["quantity"] for product, line in row["lines"].items()}
    if stream.startswith("inventory-"):
        return {"total": row["total"], "reserved": row["reserved"]}
    if "items" in row:
        return {"status": row["status"], "units": sum(item["quantity"] for item in row["items"])}
    return {"name": row["name"], "price": row["price"]}


def diverging(events: Iterable[Event], rows: Mapping[str, Row]) -> list[str]:
    """Name the streams whose rows are not the fold of their events, those that should have no row too."""
    wanted = folded(events)
    return [
        stream
        for stream in sorted(wanted.keys() | rows.keys())
        if stream not in rows or stream not in wanted or not _same(shown(stream, rows[stream]), wanted[stream])
    ]


def _same(row: Row, wanted: Row) -> bool:
    return all(row.get(name, 0) == wanted.get(name, 0) for name in (row.keys() | wanted.keys()) - {"deleted"})
