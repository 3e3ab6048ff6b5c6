"""The mutants: each is the real in-memory adapter with one line of its source replaced.

The line must stand there exactly once, so a mutant cannot rot into the original unnoticed.
"""

import inspect
import sys
import types
from typing import Any, NamedTuple


class Mutant(NamedTuple):
    """One line of `module` and what stands in its place."""

    name: str
    module: str
    line: str
    broken: str


_EVENTS = "adapters.inmemory.event_store"
_SNAPSHOTS = "adapters.inmemory.snapshot_store"
_RECORDING = "adapters.serialization.recording"

MUTANTS = (
    Mutant(
        "looks the version up at write time",
        _EVENTS,
        "            if self._version(append.stream) != append.expected_version:",
        "            if False:",
    ),
    Mutant(
        "accepts a version ahead of the head",
        _EVENTS,
        "            if self._version(append.stream) != append.expected_version:",
        "            if self._version(append.stream) > append.expected_version:",
    ),
    Mutant(
        "accepts a stale version",
        _EVENTS,
        "            if self._version(append.stream) != append.expected_version:",
        "            if self._version(append.stream) < append.expected_version:",
    ),
    Mutant(
        "sees no conflict on the second stream",
        _EVENTS,
        "    def _refuse_stale_decisions(self, commit: Commit) -> None:\n        for append in commit.appends:",
        "    def _refuse_stale_decisions(self, commit: Commit) -> None:\n        for append in commit.appends[:1]:",
    ),
    Mutant("ignores checks", _EVENTS, "        for check in commit.checks:", "        for check in ():"),
    Mutant(
        "looks at the first check only",
        _EVENTS,
        "        for check in commit.checks:",
        "        for check in commit.checks[:1]:",
    ),
    Mutant(
        "checks that the stream has not gone back",
        _EVENTS,
        "            if self._version(check.stream) != check.version:",
        "            if self._version(check.stream) < check.version:",
    ),
    Mutant(
        "does not check a stream that should not exist",
        _EVENTS,
        "            if self._version(check.stream) != check.version:",
        "            if check.version and self._version(check.stream) != check.version:",
    ),
    Mutant(
        "a check only reads, before the write",
        _EVENTS,
        "                with self._lock:\n                    self._write(commit, recorded)",
        "                self._refuse_stale_decisions(commit); self._environment.sleep(0.01)\n"
        "                with self._lock:\n"
        "                    object.__setattr__(commit, 'checks', ()); self._write(commit, recorded)",
    ),
    Mutant(
        "writes without the lock",
        _EVENTS,
        "        self._refuse_stale_decisions(commit)\n        for append, events in zip(commit.appends, recorded, strict=True):",
        "        self._refuse_stale_decisions(commit); self._lock.release(); self._environment.sleep(0.001); self._lock.acquire()\n"
        "        for append, events in zip(commit.appends, recorded, strict=True):",
    ),
    Mutant(
        "drops the last event of a batch",
        _EVENTS,
        "            self._streams.setdefault(append.stream, []).extend(events)",
        "            self._streams.setdefault(append.stream, []).extend(events[:-1] or events)",
    ),
    Mutant(
        "writes the first stream of a commit only",
        _EVENTS,
        "        for append, events in zip(commit.appends, recorded, strict=True):",
        "        for append, events in list(zip(commit.appends, recorded, strict=True))[:1]:",
    ),
    Mutant(
        "puts new events first",
        _EVENTS,
        "            self._streams.setdefault(append.stream, []).extend(events)",
        "            self._streams.setdefault(append.stream, [])[:0] = events",
    ),
    Mutant(
        "writes before it looks at claims",
        _EVENTS,
        "        self._refuse_taken_claims(commit)\n        self._refuse_stale_decisions(commit)\n        for",
        "        self._refuse_stale_decisions(commit)\n        for",
    ),
    Mutant(
        "claims are not atomic with events",
        _EVENTS,
        "                    self._write(commit, recorded)",
        "                    [self._claims.setdefault(c.key, HeldClaim(c.key, c.owner, '')) for c in commit.claims if isinstance(c, Claim)]"
        " if commit.appends and not self._is_mine(commit) and any(self._version(a.stream) != a.expected_version for a in commit.appends)"
        " else None; self._write(commit, recorded)",
    ),
    Mutant(
        "gives a claim to its owner again",
        _EVENTS,
        "            if isinstance(claim, Claim) and self._held(claim.key, commit.created_at):",
        "            if isinstance(claim, Claim) and (held := self._held(claim.key, commit.created_at)) and held.owner != claim.owner:",
    ),
    Mutant(
        "looks at the first claim only",
        _EVENTS,
        "    def _refuse_taken_claims(self, commit: Commit) -> None:\n        for claim in commit.claims:",
        "    def _refuse_taken_claims(self, commit: Commit) -> None:\n        for claim in commit.claims[:1]:",
    ),
    Mutant(
        "releases a claim of another",
        _EVENTS,
        "            if held and held.owner != claim.owner:",
        "            if False:",
    ),
    Mutant("never releases", _EVENTS, "                self._claims.pop(claim.key, None)", "                pass"),
    Mutant(
        "a claim never expires",
        _EVENTS,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held",
    ),
    Mutant(
        "a claim expires a moment late",
        _EVENTS,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held if held and (held.expires_at is None or held.expires_at >= at) else None",
    ),
    Mutant(
        "a claim without a time is expired",
        _EVENTS,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held if held and held.expires_at is not None and held.expires_at > at else None",
    ),
    Mutant(
        "forgets the value of a claim",
        _EVENTS,
        "                self._claims[claim.key] = HeldClaim(claim.key, claim.owner, commit.id, claim.value, expires_at)",
        "                self._claims[claim.key] = HeldClaim(claim.key, claim.owner, commit.id, None, expires_at)",
    ),
    Mutant(
        "keeps the fraction of a claim's time",
        _EVENTS,
        "                expires_at = whole_seconds(claim.expires_at)",
        "                expires_at = claim.expires_at",
    ),
    Mutant(
        "reports a lost acknowledgement as a conflict",
        _EVENTS,
        "        if self._is_mine(commit):\n            return\n",
        "",
    ),
    Mutant(
        "does not look a commit up after its last try",
        _EVENTS,
        "        return self._settle(commit)",
        "        raise OutcomeUnknown(commit)",
    ),
    Mutant(
        "takes an unproved outcome for a success",
        _EVENTS,
        "        raise OutcomeUnknown(commit)",
        "        return Committed(commit.id, commit.positions)",
    ),
    Mutant(
        "reports a success though a foreign commit won",
        _EVENTS,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if len(events) > append.expected_version and len(commit.appends) > 1:",
    ),
    Mutant(
        "proves a commit by the newest event",
        _EVENTS,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if events and events[-1].commit_id == commit.id and len(commit.appends) == 1:",
    ),
    Mutant(
        "does not know its own claims",
        _EVENTS,
        "            if claim.key in self._claims and self._claims[claim.key].commit_id == commit.id:\n                return True",
        "            pass",
    ),
    Mutant(
        "gives up at the first lost answer",
        _EVENTS,
        "            except AnswerLost:\n                continue",
        "            except AnswerLost as error:\n                raise OutcomeUnknown(commit) from error",
    ),
    Mutant(
        "reads the first page only",
        _EVENTS,
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :]",
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :][:100]",
    ),
    Mutant(
        "reads from after the version asked for",
        _EVENTS,
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :]",
        "            events = self._streams.get(stream, [])[from_version if from_version > 1 else 0 :]",
    ),
    Mutant(
        "reads over a hole",
        _EVENTS,
        "        yield from unbroken(events, max(from_version, 1))",
        "        yield from events",
    ),
    Mutant(
        "replays out of version order",
        _EVENTS,
        "            yield from self.read(stream)",
        "            yield from reversed(list(self.read(stream)))",
    ),
    Mutant(
        "replays the first segment only",
        _EVENTS,
        "            yield from self.read(stream)",
        "            yield from self.read(stream) if not segment else ()",
    ),
    Mutant(
        "forgets that a segment is a part",
        _EVENTS,
        "        return [name for name in names if zlib.crc32(name.encode()) % segments == segment]",
        "        return names",
    ),
    Mutant(
        "names the first event as the head",
        _EVENTS,
        "            last = self._streams[stream][-1]",
        "            last = self._streams[stream][0]",
    ),
    Mutant(
        "answers each time with another life",
        _EVENTS,
        "        return self._incarnation",
        "        return str(uuid4())",
    ),
    Mutant("counts no events", _RECORDING, "        operations += len(events)", "        pass"),
    Mutant(
        "counts no checks and claims",
        _RECORDING,
        "    operations, size = len(commit.checks) + len(commit.claims), 0",
        "    operations, size = 0, 0",
    ),
    Mutant(
        "has no limit for an event",
        _RECORDING,
        "            size += _bounded(event_type, data)",
        "            size += len(data)",
    ),
    Mutant("has no limit for a commit", _RECORDING, "    if size > MAX_COMMIT_BYTES:", "    if False:"),
    Mutant("has no limit for metadata", _RECORDING, "    if metadata.characters > SURELY_SMALL:", "    if False:"),
    Mutant(
        "keeps an older snapshot",
        _SNAPSHOTS,
        "            if kept and kept.version >= snapshot.version:",
        "            if kept:",
    ),
    Mutant(
        "lets a snapshot go back",
        _SNAPSHOTS,
        "            if kept and kept.version >= snapshot.version:",
        "            if False:",
    ),
    Mutant(
        "replaces a snapshot of the same version",
        _SNAPSHOTS,
        "            if kept and kept.version >= snapshot.version:",
        "            if kept and kept.version > snapshot.version:",
    ),
)


def mutated(original: type, name: str) -> Any:  # noqa: ANN401 - a class made at run time from the original's source
    """Give the class as it is, or as the mutant `name` of its module, or of what it imports, has it."""
    mutant = next((each for each in MUTANTS if each.name == name), None)
    if mutant is None:
        if name:
            raise LookupError(f"there is no mutant {name!r}")
        return original
    home = sys.modules[original.__module__]
    if mutant.module == _RECORDING and original.__module__ == _EVENTS:
        broken = _rewritten(sys.modules[_RECORDING], mutant)
        module = _executed(home, inspect.getsource(home))
        module.__dict__["record"] = broken.__dict__["record"]
        return getattr(module, original.__name__)
    if mutant.module == original.__module__:
        return getattr(_rewritten(home, mutant), original.__name__)
    return original


def _rewritten(module: types.ModuleType, mutant: Mutant) -> types.ModuleType:
    source = inspect.getsource(module)
    if source.count(mutant.line) != 1:
        raise LookupError(
            f"the line of mutant {mutant.name!r} stands {source.count(mutant.line)} times in {mutant.module}"
        )
    return _executed(module, source.replace(mutant.line, mutant.broken))


def _executed(module: types.ModuleType, source: str) -> types.ModuleType:
    made = types.ModuleType(f"{module.__name__}_mutated")
    sys.modules[made.__name__] = made
    exec(compile(source, f"<{made.__name__}>", "exec"), made.__dict__)  # noqa: S102 - our own source with one line replaced
    return made
