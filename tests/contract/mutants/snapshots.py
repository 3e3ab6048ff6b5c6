"""Snapshot stores that keep the wrong one."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.snapshot_store"

SNAPSHOTS = (
    Mutant(
        "keeps an older snapshot",
        _MODULE,
        "            if kept and kept.version >= snapshot.version:",
        "            if kept:",
    ),
    Mutant(
        "lets a snapshot go back",
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
