"""Writes the files that Firehose writes of change records: a folder an hour, many records a file, some twice, in no order."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

from core.ports.events import RecordedEvent
from tests.support.lambda_events import change

PER_FILE = 7


def archive(
    folder: Path, events: Iterable[RecordedEvent], table: str, *, delimiter: str = "\n", compressed: bool = False
) -> None:
    """Write the events' records below the folder, a fifth of them twice."""
    chance = Random(5)
    records = [json.dumps(change(event, table), ensure_ascii=False) for event in events]
    records += [record for record in records if chance.random() < 0.2]
    chance.shuffle(records)
    for number, start in enumerate(range(0, len(records), PER_FILE)):
        path = folder / "events" / "year=2026" / "month=11" / "day=25" / f"hour={number:02}" / f"ec-events-1-{number}"
        path.parent.mkdir(parents=True)
        content = "".join(record + delimiter for record in records[start : start + PER_FILE]).encode()
        path.write_bytes(gzip.compress(content) if compressed else content)
