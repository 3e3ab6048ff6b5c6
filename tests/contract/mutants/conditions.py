"""Event stores that are wrong about versions, checks, and what is written together."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

CONDITIONS = (
    Mutant(
        "never compares the version of an append",
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
        "compares the version of the first stream only",
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
        "accepts a stale check",
        _MODULE,
        "            if self._version(check.stream) != check.version:",
        "            if self._version(check.stream) < check.version:",
    ),
    Mutant(
        "accepts a check ahead of the head",
        _MODULE,
        "            if self._version(check.stream) != check.version:",
        "            if self._version(check.stream) > check.version:",
    ),
    Mutant(
        "skips a check of version 0",
        _MODULE,
        "            if self._version(check.stream) != check.version:",
        "            if check.version and self._version(check.stream) != check.version:",
    ),
    Mutant(
        "compares checks before it takes the lock, and not under it",
        _MODULE,
        "                with self._lock:\n                    self._write(commit, recorded)",
        "                self._refuse_stale_decisions(commit); self._environment.sleep(0.01)\n"
        "                with self._lock:\n"
        "                    object.__setattr__(commit, 'checks', ()); self._write(commit, recorded)",
    ),
    Mutant(
        "lets go of the lock between comparing and writing",
        _MODULE,
        "        self._refuse_stale_decisions(commit)\n        for append, events in zip(commit.appends, recorded, strict=True):",
        "        self._refuse_stale_decisions(commit); self._lock.release(); self._environment.sleep(0.001); self._lock.acquire()\n"
        "        for append, events in zip(commit.appends, recorded, strict=True):",
    ),
    Mutant(
        "drops the last of several events",
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
)
