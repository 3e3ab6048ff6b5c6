"""Event stores that are wrong about what was committed."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

READS = (
    Mutant(
        "reads 100 events at most",
        _MODULE,
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :]",
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :][:100]",
    ),
    Mutant(
        "reads from after the version asked for",
        _MODULE,
        "            events = self._streams.get(stream, [])[max(from_version, 1) - 1 :]",
        "            events = self._streams.get(stream, [])[from_version if from_version > 1 else 0 :]",
    ),
    Mutant(
        "reads over a hole",
        _MODULE,
        "        return unbroken(events, max(from_version, 1))",
        "        return iter(events)",
    ),
    Mutant(
        "replays out of version order",
        _MODULE,
        "            yield from self.read(stream)",
        "            yield from reversed(list(self.read(stream)))",
    ),
    Mutant(
        "replays nothing in later segments",
        _MODULE,
        "            yield from self.read(stream)",
        "            yield from self.read(stream) if not segment else ()",
    ),
    Mutant(
        "gives everything in each segment",
        _MODULE,
        "        return [name for name in names if zlib.crc32(name.encode()) % segments == segment]",
        "        return names",
    ),
    Mutant(
        "names the first event as the head",
        _MODULE,
        "            last = self._streams[stream][-1]",
        "            last = self._streams[stream][0]",
    ),
    Mutant(
        "has the same life in every store",
        _MODULE,
        "        self._incarnation = str(uuid4())",
        '        self._incarnation = "memory"',
    ),
    Mutant(
        "answers each time with another life",
        _MODULE,
        "        return self._incarnation",
        "        return str(uuid4())",
    ),
)
