"""Broken outboxes."""

from tests.contract.mutants.mutant import Mutant

_OUTBOX = "adapters.inmemory.outbox"
_EVENTS = "adapters.inmemory.event_store"

OUTBOX = (
    Mutant(
        "marks what was never written",
        _EVENTS,
        "        self._refuse_taken_claims(commit)\n        self._refuse_stale_decisions(commit)\n        for append, events",
        "        for events in recorded:\n            self._mark(events)\n        self._refuse_taken_claims(commit)\n"
        "        self._refuse_stale_decisions(commit)\n        for append, events",
    ),
    Mutant(
        "marks only the first stream of a commit",
        _EVENTS,
        "            self._mark(events)\n",
        "            if append is commit.appends[0]:\n                self._mark(events)\n",
    ),
    Mutant(
        "gives the newest part of a run",
        _OUTBOX,
        "    return [marked[version] for version in range(first, newest + 1)][:LONGEST_RUN]",
        "    return [marked[version] for version in range(first, newest + 1)][-LONGEST_RUN:]",
    ),
    Mutant(
        "gives a run as long as it is",
        _OUTBOX,
        "[marked[version] for version in range(first, newest + 1)][:LONGEST_RUN]",
        "[marked[version] for version in range(first, newest + 1)]",
    ),
    Mutant(
        "passes over what is marked behind a gap",
        _OUTBOX,
        "    while first - 1 in marked:\n",
        "    while first - 1 > 0:\n",
    ),
    Mutant(
        "gives the same streams in each turn",
        _OUTBOX,
        "                    if left := self._marked.pop(stream, None):\n                        self._marked[stream] = left",
        "                    if not self._marked[stream]:\n                        del self._marked[stream]",
    ),
    Mutant(
        "forgets a stream when its turn is over",
        _OUTBOX,
        "                        self._marked[stream] = left",
        "                        self._marked[stream] = {each: left[each] for each in left if each > max(left) - 1}",
    ),
    Mutant(
        "forgets what is marked while a relay has the stream",
        _OUTBOX,
        "            self._marked.setdefault(events[0].stream, {}).update({event.version: event for event in events})",
        "            if events[0].stream not in self._taken:\n"
        "                self._marked.setdefault(events[0].stream, {}).update({event.version: event for event in events})",
    ),
    Mutant(
        "unmarks as soon as a turn begins",
        _OUTBOX,
        "            runs = [_run(self._marked[stream]) for stream in streams]",
        "            runs = [_run(self._marked.pop(stream)) for stream in streams]",
    ),
)
