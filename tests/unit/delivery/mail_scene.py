"""Orders, the mails they ask for, and a sender, each part of which can be watched and broken. Time stands still but for `later`."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.inmemory import InMemoryEventStore, InMemoryMailQueue
from adapters.smtp import CatchingMailer
from core.delivery.notify import AfterCrash, Sender
from core.delivery.order_messages import OrderMessages
from core.domain.order import OrderCancelled, OrderItem, OrderPaid, OrderPlaced, OrderShipped
from core.ports.events import Metadata, NewEvent, RecordedEvent
from core.ports.mail_queue import Leased, Mail, MailStatus
from core.ports.mailer import Mailer, OrderMessage
from core.ports.projection_store import ProjectionUnavailable
from core.projections.mails import mails_of
from tests.support.commits import AT, append, commit_of, new_id, versions
from tests.support.environment import armed_environment
from tests.unit.delivery.scene import CODEC, WatchedStore

ITEMS = (OrderItem("tea", "煎茶", 2, 500), OrderItem("cup", "湯呑", 1, 900))


class ScriptedMailer(CatchingMailer):
    """The catcher, with `troubles` that befall the next messages, first in first out; None is no trouble. It notes what was sent."""

    def __init__(self) -> None:
        """Start without trouble."""
        super().__init__("EC Shop <orders@shop.example>")
        self.troubles: deque[BaseException | None] = deque()
        self.sent: list[OrderMessage] = []

    def send(self, message: OrderMessage) -> None:
        """Fail as the script says, or send."""
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble:
            raise trouble
        super().send(message)
        self.sent.append(message)


class FailingQueue(InMemoryMailQueue):
    """The queue, away while `away`."""

    away = False

    def lease(self, limit: int, now: datetime, until: datetime) -> Sequence[Leased]:
        """Lease, or be away."""
        if self.away:
            raise ProjectionUnavailable("the database is down")
        return super().lease(limit, now, until)

    def settle(self, mail: Mail) -> bool:
        """Settle, or be away."""
        if self.away:
            raise ProjectionUnavailable("the database is down")
        return super().settle(mail)


class MailScene:
    """An event store, a mail queue that is filled as a projector fills it, and a sender."""

    def __init__(self) -> None:
        """Start empty and whole."""
        environment, self.failpoints = armed_environment()
        self.now = AT
        self.environment = replace(environment, now=lambda: self.now, jitter=lambda most: most)
        self.memory = InMemoryEventStore(CODEC, self.environment)
        self.store = WatchedStore(self.memory)
        self.queue = FailingQueue()
        self.mailer = ScriptedMailer()
        self.sender = self.new_sender()

    def new_sender(self, after_crash: AfterCrash = "resend", mailer: Mailer | None = None) -> Sender:
        """Give one with an empty memory, as after a crash."""
        messages = OrderMessages(self.store, CODEC)
        return Sender(self.queue, messages, mailer or self.mailer, self.environment, after_crash=after_crash)

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def write(self, order_id: str, event: object, metadata: Metadata) -> RecordedEvent:
        """Commit an event at the order's head and put its mails into the queue."""
        at_version = len(versions(self.memory, order_id))
        part = replace(append(order_id, at_version), events=(NewEvent(new_id(), event),))
        self.memory.commit(replace(commit_of(part, created_at=self.now), metadata=metadata))
        recorded = next(self.memory.read(order_id, at_version + 1))
        self.queue.enqueue(mails_of(recorded))
        return recorded

    def place(self, order_id: str = "order-1", email: str = "ann@x.example", locale: str = "ja") -> RecordedEvent:
        """Place an order."""
        metadata = Metadata(correlation_id="placing", locale=locale, email=email)
        return self.write(order_id, OrderPlaced(order_id, "ann", ITEMS, 1_900, self.now), metadata)

    def pay(self, order_id: str = "order-1") -> RecordedEvent:
        """Pay it, in another request and another language."""
        return self.write(
            order_id, OrderPaid(order_id, self.now), Metadata("paying", locale="en", email="eve@x.example")
        )

    def ship(self, order_id: str = "order-1") -> RecordedEvent:
        """Ship it."""
        return self.write(order_id, OrderShipped(order_id, self.now), Metadata("shipping"))

    def cancel(self, reason: str, order_id: str = "order-1") -> RecordedEvent:
        """Call it off."""
        return self.write(order_id, OrderCancelled(order_id, reason, self.now, "shopper"), Metadata("cancelling"))

    def damage(self, order_id: str, version: int, **changes: object) -> RecordedEvent:
        """Change a stored event behind the store's back; give what was there."""
        before = self.memory._streams[order_id][version - 1]
        self.memory._streams[order_id][version - 1] = before._replace(**changes)  # type: ignore[arg-type] # any field
        return before

    def step(self) -> None:
        """Have the sender deal with one mail, which must be there."""
        assert self.sender.step()

    def send_all(self) -> None:
        """Have the sender deal with what can be dealt with now."""
        while self.sender.step():
            pass

    def mail(self, event: RecordedEvent) -> Mail:
        """Look an event's mail up."""
        return next(mail for mail in self.queue.mails() if mail.event_id == event.id)

    def status(self, event: RecordedEvent) -> MailStatus:
        """Tell how an event's mail stands."""
        return self.mail(event).status

    def sent(self) -> list[tuple[str, str]]:
        """Tell which mails left, in order: template and order."""
        return [(message.template, message.order.id) for message in self.mailer.sent]
