"""Consumers that lose events, apply them twice, or lose sight of a stream; and a sender that gives mails up."""

from tests.contract.mutants.mutant import Mutant

_BATCH = "core.delivery.stream_batch"
_CHANGE = "        return Change(self.stream, self.cursor, cursor, made, parked, tuple(mails))"

DELIVERY = (
    Mutant(
        "jumps over a gap",
        _BATCH,
        "        while event := by_version.get(self.cursor.version + len(run) + 1):",
        "        while event := by_version.get(min(by_version, default=0) + len(run)):",
    ),
    Mutant(
        "applies the cursor's own event again when it heals",
        _BATCH,
        "        return events if at_cursor and at_cursor.id == self.cursor.event_id else None",
        "        return self.store.read(self.stream, self.cursor.version) if at_cursor else None",
    ),
    Mutant(
        "applies what is behind the cursor",
        _BATCH,
        "        run = self._unbroken_run(ahead)",
        "        run = [doorbell.event for doorbell in doorbells if doorbell.event]",
    ),
    Mutant(
        "takes whatever comes for what comes next",
        _BATCH,
        "            if doorbell.version != version or not doorbell.event:",
        "            if not doorbell.event:",
    ),
    Mutant(
        "moves the cursor without the row",
        _BATCH,
        _CHANGE,
        _CHANGE.replace("made", "self.row or made"),
    ),
    Mutant(
        "moves the row without the cursor",
        _BATCH,
        _CHANGE,
        _CHANGE.replace("cursor, made", "self.cursor, made"),
    ),
    Mutant(
        "stays where an event changes nothing",
        _BATCH,
        "                last, applied = event, applied + 1",
        "                last, applied = event if state or asked else last, applied + 1",
    ),
    Mutant(
        "acknowledges a stream at fault and does not park it",
        _BATCH,
        _CHANGE,
        _CHANGE.replace("parked", "None"),
    ),
    Mutant(
        "passes over an event at fault",
        _BATCH,
        "            parked = self.park((last or cursor).version + 1, error, newest)",
        "            last = event",
    ),
    Mutant(
        "keeps the old row when it refolds",
        _BATCH,
        "        return self._folded(None, Cursor(), self.store.read(self.stream), newest, most)",
        "        return self._folded(self.row, Cursor(), self.store.read(self.stream), newest, most)",
    ),
    Mutant(
        "asks for the last mail of a batch alone",
        _BATCH,
        "                mails += asked",
        "                mails = list(asked)",
    ),
    Mutant(
        "redrives one event and forgets the rest",
        "core.delivery.consumer",
        "                change = batch.catch_up(batch.parked.newest)",
        "                change = batch.advance(batch.parked.newest)",
    ),
    Mutant(
        "does not look for the stream whose row was refused",
        "core.delivery.consumer",
        "            self._isolate(doorbells, unreadable, only)",
        "            self._transact({}, unreadable, only)",
    ),
    Mutant(
        "acknowledges before it commits",
        "core.delivery.projector",
        "            self.consumer.handle(deliveries)",
        "            self.feed.acknowledge(deliveries), self.consumer.handle(deliveries)",
    ),
    Mutant(
        "commits whatever became of the batch",
        "core.delivery.transactions",
        "            yield transaction, batches",
        "            yield transaction, {}",
    ),
    Mutant(
        "does not park where a row is refused",
        "core.delivery.isolation",
        "            return Change(batch.stream, batch.cursor, batch.cursor, batch.row, parked), True",
        "            return Change(batch.stream, batch.cursor, batch.cursor, batch.row), True",
    ),
    Mutant(
        "passes over the event whose row is refused",
        "core.delivery.isolation",
        "            return Change(batch.stream, batch.cursor, batch.cursor, batch.row, parked), True",
        "            return batch.advance(newest)._replace(row=batch.row), False",
    ),
    Mutant(
        "parks a stream at an event that it does not know",
        "core.projections.rows",
        "            return state",
        "            raise LookupError(recorded.type)",
    ),
    Mutant(
        "folds into the row that people read",
        "core.projections.rows",
        "        after = state.copy() if state else kind()",
        "        after = state or kind()",
    ),
    Mutant(
        "gives up what a crashed sender had leased",
        "core.delivery.notify",
        '        if leased.abandoned and self._after_crash == "skip":',
        "        if leased.abandoned:",
    ),
)
