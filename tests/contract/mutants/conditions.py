"""Event stores that are wrong about versions, checks, and what is written together."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

CONDITIONS = (
    Mutant(
        "looks the version up at write time",
        _MODULE,
        "            if self._version(append.stream) != append.expected_version:",
        "            if False:",
    ),
    Mutant(
        "accepts a version ahead of the head",
        _MODULE,
        "            if self._version(append.stream) != append.expected_version:",
        "            if self._version(append.stream) > append.expected_version:",
    ),
    Mutant(
        "accepts a stale version",
        _MODULE,
        "            if self._version(append.stream) != append.expected_version:",
        "            if self._version(append.stream) < append.expected_version:",
    ),
    Mutant(
        "sees no conflict on the second stream",
        _MODULE,
        "    def _refuse_stale_decisions(self, commit: Commit) -> None:\n        for append in commit.appends:",
        "    def _refuse_stale_decisions(self, commit: Commit) -> None:\n        for append in commit.appends[:1]:",
    ),
    Mutant("ignores checks", _MODULE, "        for check in commit.checks:", "        for check in ():"),
    Mutant(
        "looks at the first check only",
        _MODULE,
        "        for check in commit.checks:",
        "        for check in commit.checks[:1]:",
    ),
    Mutant(
        "checks that the stream has not gone back",
        _MODULE,
        "            if self._version(check.stream) != check.version:",
        "            if self._version(check.stream) < check.version:",
    ),
    Mutant(
        "does not check a stream that should not exist",
        _MODULE,
        "            if self._version(check.stream) != check.version:",
        "            if check.version and self._version(check.stream) != check.version:",
    ),
    Mutant(
        "a check only reads, before the write",
        _MODULE,
        "                with self._lock:\n                    self._write(commit, recorded)",
        "                self._refuse_stale_decisions(commit); self._environment.sleep(0.01)\n"
        "                with self._lock:\n"
        "                    object.__setattr__(commit, 'checks', ()); self._write(commit, recorded)",
    ),
    Mutant(
        "writes without the lock",
        _MODULE,
        "        self._refuse_stale_decisions(commit)\n        for append, events in zip(commit.appends, recorded, strict=True):",
        "        self._refuse_stale_decisions(commit); self._lock.release(); self._environment.sleep(0.001); self._lock.acquire()\n"
        "        for append, events in zip(commit.appends, recorded, strict=True):",
    ),
    Mutant(
        "drops the last event of a batch",
        _MODULE,
        "            self._streams.setdefault(append.stream, []).extend(events)",
        "            self._streams.setdefault(append.stream, []).extend(events[:-1] or events)",
    ),
    Mutant(
        "writes the first stream of a commit only",
        _MODULE,
        "        for append, events in zip(commit.appends, recorded, strict=True):",
        "        for append, events in list(zip(commit.appends, recorded, strict=True))[:1]:",
    ),
    Mutant(
        "puts new events first",
        _MODULE,
        "            self._streams.setdefault(append.stream, []).extend(events)",
        "            self._streams.setdefault(append.stream, [])[:0] = events",
    ),
    Mutant(
        "writes before it looks at claims",
        _MODULE,
        "        self._refuse_taken_claims(commit)\n        self._refuse_stale_decisions(commit)\n        for",
        "        self._refuse_stale_decisions(commit)\n        for",
    ),
)
