"""From the notes of processes and clients, and what the clean-up found, to the evidence of a run."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from entrypoints.comparison.evidence import Evidence, Handed
from entrypoints.comparison.real.job import CLEAN_UP, LEFT, PROJECTORS
from entrypoints.comparison.real.journal import names, noted, timed
from entrypoints.comparison.words import FAULTS_IN_WORDS

CONDUCTOR = "conductor"
"""Who notes what clients were told, and what was done from without."""


def gather(folder: Path, began: float, faults_ended: float, sent: list[str]) -> Evidence:
    """Put the evidence together. `began` and `faults_ended` are in seconds since 1970, as all times in the notes are."""
    left = json.loads((folder / LEFT).read_text())
    ids = {(event["stream"], event["version"]): event["id"] for event in left["events"]}
    evidence = Evidence(
        events=left["events"],
        folded={name: {stream: tuple(ids) for stream, ids in of.items()} for name, of in left["folded"].items()},
        sent=sent,
        rows=left["rows"],
        visible_at={event_id: at - began for event_id, at in left["seen"].items()},
        faults_ended_at=faults_ended - began,
        differences=left["differences"],
    )
    for name in PROJECTORS:
        evidence.handed[name] = list(_deliveries(folder, "handed", name, ids))
        for of, kind in ((evidence.excused, "excused"), (evidence.announced, "announced")):
            of[name] = {event_id for _stream, _version, event_id in _deliveries(folder, kind, name, ids)}
    everybody = names(folder)
    commits = [note for name in everybody for note in timed(folder, name, "commit")]
    for at, (_about, _positions, of_commit, operations) in commits:
        evidence.commits.append(of_commit)
        evidence.operations.append(operations)
        evidence.committed_at.update(dict.fromkeys(of_commit, at - began))
    _what_clients_heard(folder, [note for _at, note in commits], evidence)
    looks = [look for name in everybody for look in timed(folder, name, "divergence")]
    evidence.divergence = sorted((at - began, found) for at, (found,) in looks)
    strikes = [(at, name, fault) for name in everybody for at, (fault,) in timed(folder, name, "fired")]
    for at, name, fault in sorted(strikes):
        evidence.tell(at - began, name, FAULTS_IN_WORDS.get(fault, fault.replace("kill", "SIGKILL to")))
    # What the clean-up asks for, no command has caused.
    at_work = [name for name in everybody if name != CLEAN_UP]
    evidence.requests = dict(Counter(name for each in at_work for (name,) in noted(folder, each, "request")))
    evidence.refolds = sum(count for name in everybody for (count,) in noted(folder, name, "refolded"))
    return evidence


def _deliveries(folder: Path, kind: str, projector: str, ids: Mapping[tuple[str, int], str]) -> Iterator[Handed]:
    """Give what a projector was handed, or was kept from it; an image that could not be read is told by its place."""
    # What the clean-up was handed came last.
    for name in sorted(names(folder), key=lambda name: name == CLEAN_UP):
        for of, stream, version, event_id in noted(folder, name, kind):
            if of == projector:
                yield stream, version, event_id or ids.get((stream, version), "")


def _what_clients_heard(folder: Path, commits: Iterable[list[Any]], evidence: Evidence) -> None:
    handed: dict[str, list[tuple[Any, list[str]]]] = {}
    for about, positions, of_commit, _operations in commits:
        handed.setdefault(about, []).append((positions, of_commit))
    not_stored = [ids for name in names(folder) for (ids,) in noted(folder, name, "not stored")]
    for about, positions in noted(folder, CONDUCTOR, "told"):
        # A repeat may have tried another commit before it found its first answer: the positions say which one it is told of. A
        # decision that lost a race may end as a no-op at the very positions that it was refused.
        mine = [ids for wanted, ids in handed.get(about, ()) if wanted == positions and ids not in not_stored]
        evidence.told += mine[-1:]
    evidence.done = [(kind, stream) for kind, stream in noted(folder, CONDUCTOR, "done")]
    tried = [list(map(list, dict.fromkeys(tuple(ids) for _positions, ids in each))) for each in handed.values()]
    evidence.attempts = [each for each in tried if len(each) > 1]
    for about, _error in noted(folder, CONDUCTOR, "refused"):
        evidence.refused.append([event_id for _positions, ids in handed.get(about, ()) for event_id in ids])
    evidence.commands = sum(1 for kind in ("told", "refused", "cut") for _ in noted(folder, CONDUCTOR, kind))


def fired(folder: Path) -> Counter[str]:
    """Count how often each fault struck, by its name, and the kills from without, as `kill <process>`."""
    counted: Counter[str] = Counter()
    for name in names(folder):
        counted.update(fault for (fault,) in noted(folder, name, "fired"))
        struck = {(fault, event_id) for fault, event_id in noted(folder, name, "struck")}
        counted.update(fault for fault, _event_id in struck)
    return counted
