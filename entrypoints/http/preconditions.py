"""If-None-Match and If-Match (RFC 9110, 13.1): whether the client's copy of a product is the one that there is."""

import re

from core.ports.queries import ProductRow
from entrypoints.http.answering import Connection, joined

TAGS = re.compile(r'(?:^|,)[ \t]*(W/)?"([^"]*)"[ \t]*(?=,|$)')
"""The entity tags of a list. What is none of them matches nothing."""

OURS = re.compile(r"([1-9][0-9]{0,17})\.[0-9]{1,18}")
"""What stands in a tag of ours: the versions of the product and of its inventory."""


def etag_of(row: ProductRow) -> str:
    """Name what is shown of a product: it changes whenever the product or its stock does."""
    return f'"{row.version}.{row.inventory_version}"'


def has_it(request: Connection, etag: str) -> bool:
    """Tell whether the client has what carries this tag (If-None-Match); weak tags are as good, as nothing is sent but the tag."""
    header = joined(request, "If-None-Match")
    if header is None:
        return False
    return header.strip() == "*" or any(f'"{tag}"' == etag for _, tag in TAGS.findall(header))


def expected_versions(request: Connection) -> frozenset[int] | None:
    """Give the versions of a product that the write is meant for (If-Match); None where any will do that exists.

    Only the product's part of a tag counts: an order that takes stock meanwhile does not stand in the way of a new description.
    """
    header = joined(request, "If-Match")
    if header is None or header.strip() == "*":
        return None
    strong = [OURS.fullmatch(tag) for weak, tag in TAGS.findall(header) if not weak]
    return frozenset(int(found[1]) for found in strong if found)
