"""Event stores without a limit."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.serialization.recording"

LIMITS = (
    Mutant("counts no events", _MODULE, "        operations += len(events)", "        pass"),
    Mutant(
        "counts no checks and claims",
        _MODULE,
        "    operations, size = len(commit.checks) + len(commit.claims), 0",
        "    operations, size = 0, 0",
    ),
    Mutant(
        "has no limit for an event",
        _MODULE,
        "            size += _bounded(event_type, data)",
        "            size += len(data)",
    ),
    Mutant("has no limit for a commit", _MODULE, "    if size > MAX_COMMIT_BYTES:", "    if False:"),
    Mutant("has no limit for metadata", _MODULE, "    if metadata.characters > SURELY_SMALL:", "    if False:"),
)
