"""Which mails an event asks for."""

from core.domain.order import OrderCancelled, OrderPaid, OrderPlaced, OrderShipped
from core.ports.events import RecordedEvent
from core.ports.mail_queue import NewMail

NOTIFIER = "notifier"
"""The projector that asks for mails."""

MAILED = frozenset(event.__name__ for event in (OrderPlaced, OrderPaid, OrderShipped, OrderCancelled))
"""The event types that a customer is told of."""


def mails_of(recorded: RecordedEvent) -> tuple[NewMail, ...]:
    """Give the mails that an event asks for: one about an order's step, none otherwise. To whom is found out when it is sent."""
    if recorded.type not in MAILED:
        return ()
    return (NewMail(recorded.id, recorded.type, recorded.stream, recorded.version, recorded.created_at),)
