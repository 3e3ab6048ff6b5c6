"""Event stores that record too much or too little: without a limit, with an e-mail where none belongs, or losing some of it."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.serialization.recording"

LIMITS = (
    Mutant(
        "records of the metadata only what asked and what was asked",
        _MODULE,
        "    commit_id, created_at, metadata = commit.id, commit.created_at, commit.metadata",
        "    commit_id, created_at = commit.id, commit.created_at\n"
        "    metadata = type(commit.metadata)(commit.metadata.correlation_id, command=commit.metadata.command)",
    ),
    Mutant("counts no events", _MODULE, "        count += len(events)", "        pass"),
    Mutant(
        "counts no checks and claims",
        _MODULE,
        "    operations = count + len(commit.checks) + len(commit.claims)",
        "    operations = count",
    ),
    Mutant(
        "has no limit for an event",
        _MODULE,
        "            size += _bounded(event_type, data)",
        "            size += len(data)",
    ),
    Mutant("has no limit for the bytes of a commit", _MODULE, "    if size > MAX_COMMIT_BYTES:", "    if False:"),
    Mutant("has no limit for metadata", _MODULE, "    if characters > SURELY_SMALL or ", "    if "),
    Mutant(
        "counts metadata once a commit",
        _MODULE,
        '        size += count * _bounded("the metadata", codec.encode(metadata))',
        '        size += _bounded("the metadata", codec.encode(metadata))',
    ),
    Mutant(
        "has no limit for the name of a stream it appends to",
        _MODULE,
        "            _refuse_long_name(stream)",
        "            pass",
    ),
    Mutant(
        "has no limit for the name of a stream it checks",
        _MODULE,
        "        _refuse_long_name(check.stream)",
        "        pass",
    ),
    Mutant(
        "keeps an e-mail beside every event",
        _MODULE,
        "                    metadata if event_type in ADDRESSED else unaddressed,",
        "                    metadata,",
    ),
    Mutant(
        "keeps no e-mail",
        _MODULE,
        "                    metadata if event_type in ADDRESSED else unaddressed,",
        "                    unaddressed,",
    ),
    Mutant("has no limit for the key of a claim", _MODULE, "        _refuse_long_name(claim.key)", "        pass"),
    Mutant("has no limit for the owner of a claim", _MODULE, "        _refuse_long_name(claim.owner)", "        pass"),
    Mutant(
        "counts the characters of a name",
        _MODULE,
        "    if len(name) > SURELY_SHORT and len(name.encode()) > MAX_NAME_BYTES:",
        "    if len(name) > MAX_NAME_BYTES:",
    ),
)
