"""Snapshot stores that keep the wrong one."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.snapshot_store"

SNAPSHOTS = (
    Mutant(
        "keeps the first snapshot for good",
        _MODULE,
        "            if kept and kept.version >= snapshot.version:",
        "            if kept:",
    ),
    Mutant(
        "keeps whatever snapshot comes last",
        _MODULE,
        "            if kept and kept.version >= snapshot.version:",
        "            if False:",
    ),
    Mutant(
        "replaces a snapshot of the same version",
        _MODULE,
        "            if kept and kept.version >= snapshot.version:",
        "            if kept and kept.version > snapshot.version:",
    ),
)
