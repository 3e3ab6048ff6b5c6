"""The naive notifier: it mails about an event as soon as it is handed one, whatever the store says of it."""

from core.domain.order import Order, OrderCancelled
from core.ports.environment import Environment
from core.ports.events import Codec, RecordedEvent
from core.ports.mailer import Mailer, OrderMessage
from core.projections.mails import mails_of
from core.projections.views import order_view
from entrypoints.comparison.consumers import Apply
from entrypoints.comparison.workload import SHOPPER


def mailed_at_once(mailer: Mailer, codec: Codec, environment: Environment) -> Apply:
    """Give what mails to the shopper whatever an event alone can tell of its order."""

    def apply(recorded: RecordedEvent) -> None:
        for new in mails_of(recorded):
            event, order = codec.decode_event(recorded), Order(recorded.stream, created_at=recorded.created_at)
            order.evolve(event)
            reason = event.reason if isinstance(event, OrderCancelled) else ""
            environment.failpoint("consumer.before_effect")
            mailer.send(
                OrderMessage(new.event_id, new.template, new.happened_at, SHOPPER, "en", "", order_view(order), reason)
            )

    return apply
