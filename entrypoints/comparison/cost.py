"""What a million commands cost on AWS, by the requests that a run made."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrypoints.comparison.evidence import Evidence

PRICED_AT = "2026-11"
"""When the prices were read; `docs/aws.md` says where."""

WRITE_UNIT = 0.000000715
READ_UNIT = 0.0000001425
CHANGE_TO_KINESIS = 0.00000011
KINESIS_RECORD = 0.0000000215
"""USD, ap-northeast-1. A broker of Kafka is paid by the hour: its share of a command depends on the load, and is not in here."""

READS = ("store.read", "store.event_ids", "store.find_claim", "store.changed_since", "store.heads", "snapshots.load")


def requests_of_commands(evidence: "Evidence") -> dict[str, int]:
    """Give the requests that commands and consumers caused. Polls of an idle feed or outbox are by the clock, not by the command."""
    named = (*READS, "store.commit", "snapshots.save", "outbox.turn.unmark", "broker.publish")
    return {name: count for name in named if (count := evidence.requests.get(name, 0))}


def write_units(evidence: "Evidence", design: str) -> int:
    """Count DynamoDB's write units, items of up to 1 KB: twice in a transaction, and once more for the index of each event."""
    if design in {"dual-write", "publish-first"}:
        return 2 * len(evidence.events)
    snapshots = evidence.requests.get("snapshots.save", 0)
    units = (
        snapshots
        + sum(1 if operations == 1 else 2 * operations for operations in evidence.operations)
        + len(evidence.events)
    )
    # The mark is one more entry of an index, which goes again with an update of the item and its entry in the other index.
    return units + (4 * len(evidence.events) if design == "outbox" else 0)


def usd_per_million_commands(evidence: "Evidence", design: str, transport: str = "") -> float:
    """Give the variable cost: writes, reads and, under cdc, the way of each change into Kinesis; what is published there is paid too."""
    reads = sum(evidence.requests.get(name, 0) for name in READS)
    usd = write_units(evidence, design) * WRITE_UNIT + reads * READ_UNIT
    if design == "cdc":
        usd += len(evidence.events) * (CHANGE_TO_KINESIS + KINESIS_RECORD)
    elif transport == "kinesis":
        usd += len(evidence.events) * KINESIS_RECORD
    return usd / max(evidence.commands, 1) * 1_000_000
