"""What rows should say, by the judge's own fold of the events: it knows nothing of the shop's code."""

from collections.abc import Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
Row = dict[str, Any]

PRODUCT = ("name", "description", "price")


def folded(events: Iterable[Event]) -> dict[str, Row]:
    """Give what each stream's row should say of it, by its events in version order."""
    rows: dict[str, Row] = {}
    for event in sorted(events, key=lambda event: (event["stream"], event["version"])):
        kind, data = event["type"], event["data"]
        row = rows.setdefault(event["stream"], {})
        if kind in {"ProductCreated", "ProductUpdated"}:
            row |= {name: data[name] for name in PRODUCT}
        elif kind == "ProductDeleted":
            row["deleted"] = True
        elif kind == "StockAdded":
            row["total"] = row.get("total", 0) + data["quantity"]
        elif kind in {"StockReserved", "StockReleased", "StockDeducted"}:
            row["reserved"] = row.get("reserved", 0) + (1 if kind == "StockReserved" else -1) * data["quantity"]
            row["total"] = row.get("total", 0) - (data["quantity"] if kind == "StockDeducted" else 0)
        elif kind == "ItemAddedToCart":
            units, _price = row.get(data["product_id"], (0, 0))
            row[data["product_id"]] = (units + data["quantity"], data["price"])
        elif kind == "CartCleared":
            row.clear()
        elif kind == "OrderPlaced":
            row |= {"status": "pending", "total": data["total"], "user_id": data["user_id"], "items": _items(data)}
        elif kind.startswith("Order"):
            row["status"] = kind.removeprefix("Order").lower()
    return rows


def shown(stream: str, row: Row) -> Row:
    """Give the same facts of a row of the read model."""
    if stream.startswith("cart-"):
        return {product: (line["quantity"], line["price"]) for product, line in row["lines"].items()}
    if stream.startswith("inventory-"):
        return {"total": row["total"], "reserved": row["reserved"]}
    if "items" in row:
        return {name: row[name] for name in ("status", "total", "user_id")} | {"items": _items(row)}
    return {name: row[name] for name in (*PRODUCT, "deleted")}


def _items(order: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [(item["product_id"], item["name"], item["quantity"], item["price"]) for item in order["items"]]


def diverging(events: Iterable[Event], rows: Mapping[str, Row]) -> list[str]:
    """Name the streams whose rows are not the fold of their events, those that should have no row too."""
    wanted = folded(events)
    return [
        stream
        for stream in sorted(wanted.keys() | rows.keys())
        if stream not in rows or stream not in wanted or not _same(shown(stream, rows[stream]), wanted[stream])
    ]


def _same(row: Row, wanted: Row) -> bool:
    """A figure that no event has touched is 0 in a row."""
    return all(row.get(name, 0) == wanted.get(name, 0) for name in row.keys() | wanted.keys())
