"""What the mail about an event of an order says, read from the order's own stream."""

from itertools import islice

from core.domain.order import Order, OrderCancelled, OrderPlaced
from core.ports.event_store import EventStore
from core.ports.events import Codec, Metadata
from core.ports.mail_queue import Mail
from core.ports.mailer import Locale, OrderMessage
from core.projections.views import order_view


class OrderVanished(Exception):
    """The stream does not have the event that asked for the mail: it was lost, or another took its place."""


class OrderMessages:
    """Makes messages from the events of orders. Reads are consistent: an order's mail never depends on a read model."""

    def __init__(self, store: EventStore, codec: Codec) -> None:
        """Read this store."""
        self._store = store
        self._codec = codec

    def message_of(self, mail: Mail) -> OrderMessage:
        """Tell the order as it was after the mail's event. The recipient is empty where none was given.

        Raises:
            OrderVanished: the event is not there.
            StreamDamaged, Undecodable: the order cannot be read.
            StoreUnavailable: the store was not reached.
        """
        order, event, placed = Order(), None, Metadata()
        events = list(islice(self._store.read(mail.stream), mail.version))
        if not events or events[-1].id != mail.event_id:
            raise OrderVanished(f"{mail.stream} does not have the event {mail.event_id} at version {mail.version}")
        for recorded in events:
            event = self._codec.decode_event(recorded)
            order.evolve(event)
            if isinstance(event, OrderPlaced):
                placed = recorded.metadata
        return OrderMessage(
            mail.event_id,
            mail.template,
            mail.happened_at,
            placed.email,
            _locale(placed.locale),
            events[-1].metadata.correlation_id,
            order_view(order),
            event.reason if isinstance(event, OrderCancelled) else "",
        )


def _locale(tag: str) -> Locale:
    """Give the language of a tag such as `en-GB`; the shop speaks Japanese where nobody asked for English."""
    return "en" if tag[:2].lower() == "en" else "ja"
