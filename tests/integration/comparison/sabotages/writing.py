"""Ways to break what comes before it: store, keys, outbox, relay, feed, mails."""

# ruff: noqa: ANN401 - a sabotage takes what the code it replaces is given

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from adapters.inmemory.event_store import InMemoryEventStore
from adapters.inmemory.mail_queue import InMemoryMailQueue
from adapters.inmemory.outbox import InMemoryOutbox
from core.application.executor import Answer, Executor
from core.application.idempotency import FirstAnswers
from core.application.orders import PlaceOrder
from core.delivery.notify import Sender
from core.delivery.order_messages import OrderMessages
from core.delivery.relay import Relay
from core.ports.commit import Commit, Committed
from core.ports.events import RecordedEvent
from core.ports.mail_queue import Leased, Mail
from entrypoints.comparison.simulated.feed import FaultyFeed


def unmarks_before_the_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    """The relay takes the mark off, then publishes."""

    def step(self: Any) -> int:
        with self._outbox.turn(100) as turn:
            events = [event for run in turn.runs for event in run]
            turn.unmark(events)
            self._environment.failpoint("relay.before_unmark")
            self._publish(turn.runs)
        return len(events)

    patch.setattr(Relay, "step", step)


def the_store_loses_a_conflict(patch: pytest.MonkeyPatch) -> None:
    """A stale decision on stock is written over the event that came first."""
    honest = InMemoryEventStore._refuse_stale_decisions

    def refuse(self: InMemoryEventStore, commit: Commit) -> None:
        stale = [
            a
            for a in commit.appends
            if a.stream.startswith("inventory-") and self._version(a.stream) > a.expected_version
        ]
        if not stale:
            honest(self, commit)
        for append in stale:
            lost = self._streams[append.stream][append.expected_version :]
            del self._streams[append.stream][append.expected_version :]
            self._log[:] = [event for event in self._log if event not in lost]

    patch.setattr(InMemoryEventStore, "_refuse_stale_decisions", refuse)


def marks_a_mail_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The sender settles a mail as sent, then sends it."""

    def deal_with(self: Any, leased: Leased) -> Mail:
        mail: Mail = self._settled(leased.mail, "sent")
        self._queue.settle(mail)
        self._environment.failpoint("mail.before_mark")
        self._mailer.send(self._messages.message_of(leased.mail))
        return mail

    patch.setattr(Sender, "_deal_with", deal_with)


def marks_only_the_first_event_of_an_append(patch: pytest.MonkeyPatch) -> None:
    """The outbox forgets what a commit writes to every stream but its first event's kind: orders are never relayed."""
    honest = InMemoryOutbox.mark

    def mark(self: InMemoryOutbox, events: Sequence[RecordedEvent]) -> None:
        if events[0].type != "OrderPlaced":
            honest(self, events)

    patch.setattr(InMemoryOutbox, "mark", mark)


def tears_a_commit(patch: pytest.MonkeyPatch) -> None:
    """One commit in ten is written without its last stream."""
    honest, count = InMemoryEventStore._write, [0]

    def write(self: InMemoryEventStore, commit: Commit, recorded: list[list[RecordedEvent]]) -> None:
        count[0] += 1
        if count[0] % 10 == 0 and len(commit.appends) > 1:
            whole = commit.appends
            object.__setattr__(commit, "appends", whole[:-1])
            try:
                honest(self, commit, recorded[:-1])
            finally:
                object.__setattr__(commit, "appends", whole)
        else:
            honest(self, commit, recorded)

    patch.setattr(InMemoryEventStore, "_write", write)


def acknowledges_what_it_did_not_write(patch: pytest.MonkeyPatch) -> None:
    """One commit in fifty is told to be stored and is not."""
    honest, count = InMemoryEventStore.commit, [0]

    def commit(self: InMemoryEventStore, commit: Commit) -> Committed:
        count[0] += 1
        return Committed(commit.id, commit.positions) if count[0] % 50 == 0 else honest(self, commit)

    patch.setattr(InMemoryEventStore, "commit", commit)


def asks_for_no_mail_about_payments(patch: pytest.MonkeyPatch) -> None:
    """The queue loses what one kind of event asks for."""
    honest = InMemoryMailQueue.enqueue

    def enqueue(self: InMemoryMailQueue, mails: Any) -> None:
        honest(self, (mail for mail in mails if mail.template != "OrderPaid"))

    patch.setattr(InMemoryMailQueue, "enqueue", enqueue)


def the_feed_loses_records(patch: pytest.MonkeyPatch) -> None:
    """The transport forgets a record in thirty, and says so nowhere."""
    honest, count = FaultyFeed._arrived, [0]

    def arrived(self: Any, record: Any) -> None:
        count[0] += 1
        if count[0] % 30 == 0:
            self._feed.acknowledge([record])
        else:
            honest(self, record)

    patch.setattr(FaultyFeed, "_arrived", arrived)


def relays_backwards(patch: pytest.MonkeyPatch) -> None:
    """The relay publishes the newest event of a stream first."""
    honest = InMemoryOutbox.turn

    @contextmanager
    def turn(self: InMemoryOutbox, limit: int) -> Iterator[Any]:
        with honest(self, limit) as begun:
            begun.runs = [run[::-1] for run in begun.runs]
            yield begun

    patch.setattr(InMemoryOutbox, "turn", turn)


def says_done_and_commits_nothing(patch: pytest.MonkeyPatch) -> None:
    """One order in five is answered as placed, and nothing of it ever reaches the store."""
    honest, count = Executor._commit, [0]

    def commit(self: Any, work: Any, result: Any, command: Any, *others: Any) -> Any:
        if isinstance(command, PlaceOrder):
            count[0] += 1
            if count[0] % 5 == 0:
                return Answer(result, work.positions)
        return honest(self, work, result, command, *others)

    patch.setattr(Executor, "_commit", commit)


def forgets_idempotency_keys(patch: pytest.MonkeyPatch) -> None:
    """No claim is written beside events, so a repeated request is a new one."""
    honest = FirstAnswers.claims

    def claims(self: FirstAnswers, once: Any, actor: str, work: Any, result: Any) -> Any:
        return () if work.appends else honest(self, once, actor, work, result)

    patch.setattr(FirstAnswers, "claims", claims)


def writes_to_somebody_else(patch: pytest.MonkeyPatch) -> None:
    """Each mail goes to another address than the one that was given."""
    honest = OrderMessages.message_of

    def message_of(self: OrderMessages, mail: Mail) -> Any:
        return replace(honest(self, mail), recipient="somebody-else@shop.example")

    patch.setattr(OrderMessages, "message_of", message_of)
