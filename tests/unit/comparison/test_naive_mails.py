"""The naive notifier of a real run: whatever it is handed about an order, it mails, without asking anybody."""

from datetime import UTC, datetime

from adapters.serialization.codec import JsonCodec
from adapters.smtp import CatchingMailer
from adapters.system.environment import system_environment
from core.domain.order import OrderCancelled, OrderItem, OrderPaid, OrderPlaced, OrderShipped
from core.ports.events import Metadata, RecordedEvent
from core.projections.mails import MAILED
from entrypoints.comparison.real.at_once import mailed_at_once
from entrypoints.comparison.workload import SHOPPER

NOW = datetime(2026, 11, 26, tzinfo=UTC)
EVENTS = (
    OrderPlaced("order-1", "shopper-1", (OrderItem("tea", "Tea", 2, 100),), 200, NOW),
    OrderPaid("order-1", NOW),
    OrderShipped("order-1", NOW),
    OrderCancelled("order-1", "changed my mind", NOW, "shopper"),
)


def test_each_event_alone_is_mailed_about() -> None:
    codec, reached, mailer = JsonCodec(), list[str](), CatchingMailer("EC Shop <orders@shop.example>")
    apply = mailed_at_once(mailer, codec, system_environment(reached.append))

    for number, event in enumerate(EVENTS):
        encoded = codec.encode_event(event)
        apply(RecordedEvent(f"e{number}", "order-1", 7, *encoded, NOW, "c", Metadata()))

    assert {type(event).__name__ for event in EVENTS} == MAILED
    assert [mail.event_id for mail in mailer.caught()] == ["e3", "e2", "e1", "e0"]
    assert {mail.to for mail in mailer.caught()} == {SHOPPER}
    assert reached == ["consumer.before_effect"] * 4


def test_an_event_that_asks_for_no_mail_is_passed_over() -> None:
    mailer = CatchingMailer("EC Shop <orders@shop.example>")
    event = RecordedEvent("e1", "tea", 1, "Inventory", "StockAdded", 1, b"{}", NOW, "c", Metadata())

    mailed_at_once(mailer, JsonCodec(), system_environment(lambda _: None))(event)

    assert mailer.caught() == []
