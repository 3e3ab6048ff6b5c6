"""The sender of order mails: what it says to whom, and what becomes of a mail."""

from datetime import timedelta

import pytest

from core.delivery.notify import LEASE, MAX_AGE
from core.domain.inventory import StockAdded
from core.ports.events import Metadata
from core.ports.mail_queue import NewMail
from core.ports.mailer import MailerUnavailable, RecipientRejected
from core.projections.mails import mails_of
from core.projections.views import order_view
from tests.support.commits import AT
from tests.unit.delivery.mail_scene import MailScene
from tests.unit.delivery.scene import Crash, crash, folded


@pytest.fixture
def mails() -> MailScene:
    """Give an empty scene."""
    return MailScene()


def test_each_step_of_an_order_asks_for_one_mail_and_nothing_else_does(mails: MailScene) -> None:
    steps = [mails.place(), mails.pay(), mails.ship(), mails.cancel("")]
    other = mails.write("inventory-tea", StockAdded("tea", 1, AT), Metadata())

    assert [mails_of(event) for event in steps] == [
        (NewMail(event.id, event.type, "order-1", event.version, AT),) for event in steps
    ]
    assert mails_of(other) == ()


def test_a_mail_tells_the_order_to_the_one_who_placed_it(mails: MailScene) -> None:
    placed = mails.place()

    mails.step()

    (message,) = mails.mailer.sent
    order = folded(mails.memory, "order-1")
    assert (message.recipient, message.locale, message.reason) == ("ann@x.example", "ja", "")
    assert (message.event_id, message.template, message.happened_at) == (placed.id, "OrderPlaced", AT)
    assert message.order == order_view(order)  # type: ignore[arg-type] # an Order
    assert message.correlation_id == "placing"


def test_a_later_mail_goes_to_the_one_who_placed_the_order_and_names_its_own_request(mails: MailScene) -> None:
    mails.place(locale="en")
    mails.pay()

    mails.send_all()

    paid = mails.mailer.sent[1]
    assert (paid.recipient, paid.locale) == ("ann@x.example", "en")
    assert paid.correlation_id == "paying"


def test_a_mail_tells_the_order_as_it_was_then(mails: MailScene) -> None:
    mails.place()
    mails.pay()
    mails.cancel("changed my mind")

    mails.send_all()

    assert [(message.order.status, message.reason) for message in mails.mailer.sent] == [
        ("pending", ""),
        ("paid", ""),
        ("cancelled", "changed my mind"),
    ]


@pytest.mark.parametrize(
    ("tag", "locale"), [("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("ja", "ja"), ("", "ja"), ("fr", "ja")]
)
def test_the_language_is_english_where_it_was_asked_for_and_japanese_elsewhere(
    mails: MailScene, tag: str, locale: str
) -> None:
    mails.place(locale=tag)

    mails.step()

    assert mails.mailer.sent[0].locale == locale


def test_a_sent_mail_is_settled_with_its_recipient_and_time_and_never_sent_again(mails: MailScene) -> None:
    placed = mails.place()
    mails.later(seconds=3)

    mails.step()

    mail = mails.mail(placed)
    assert (mail.status, mail.recipient, mail.error) == ("sent", "ann@x.example", "")
    assert (mail.settled_at, mail.due_at) == (AT + timedelta(seconds=3), None)
    mails.later(days=1)
    assert not mails.sender.step()
    assert mails.sender.counts == {"sent": 1}


def test_nobody_is_written_to_who_gave_no_address(mails: MailScene) -> None:
    placed = mails.place(email="")

    mails.step()

    assert mails.status(placed) == "no_recipient"
    assert mails.sent() == []


def test_a_mail_that_is_too_old_is_not_sent_any_more(mails: MailScene) -> None:
    old = mails.place("order-1")
    mails.later(microseconds=1)
    not_so_old = mails.place("order-2")
    mails.later(seconds=MAX_AGE.total_seconds())

    mails.send_all()

    assert (mails.status(old), mails.status(not_so_old)) == ("expired", "sent")
    assert mails.sent() == [("OrderPlaced", "order-2")]


def test_a_mail_that_nobody_takes_for_now_waits_longer_each_time_until_it_expires(mails: MailScene) -> None:
    placed = mails.place()
    mails.mailer.troubles.extend([MailerUnavailable("451 later")] * 1_000)
    waits = []

    while mails.status(placed) not in ("expired", "sent"):
        mails.step()
        due_at = mails.mail(placed).due_at
        if due_at:
            assert mails.mail(placed).status == "pending"
            assert mails.mail(placed).error == "MailerUnavailable: 451 later"
            assert not mails.sender.step()  # it is not due
            waits.append((due_at - mails.now).total_seconds())
            mails.now = due_at

    assert waits[:9] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert set(waits[9:]) == {600}
    assert mails.status(placed) == "expired"
    assert mails.mail(placed).error == "MailerUnavailable: 451 later"
    assert MAX_AGE < mails.now - AT <= MAX_AGE + timedelta(seconds=600)
    assert mails.sent() == []


def test_a_mail_that_is_taken_at_last_is_sent_once(mails: MailScene) -> None:
    placed = mails.place()
    mails.mailer.troubles.append(MailerUnavailable("not reached"))
    mails.step()
    mails.later(seconds=5)

    mails.send_all()

    assert (mails.status(placed), mails.mail(placed).error, mails.mail(placed).attempts) == ("sent", "", 2)
    assert mails.sent() == [("OrderPlaced", "order-1")]


def test_a_rejected_mail_keeps_its_reason_and_is_never_tried_again(mails: MailScene) -> None:
    placed = mails.place()
    mails.mailer.troubles.append(RecipientRejected("550 no such mailbox"))

    mails.step()
    mails.later(hours=1)

    assert not mails.sender.step()
    mail = mails.mail(placed)
    assert (mail.status, mail.recipient, mail.error) == ("rejected", "ann@x.example", "550 no such mailbox")


def test_trouble_with_one_mail_does_not_hold_up_the_others(mails: MailScene) -> None:
    stuck = mails.place("order-1")
    mails.later(seconds=1)
    mails.place("order-2")
    mails.mailer.troubles.append(MailerUnavailable("451 greylisted"))

    mails.send_all()

    assert mails.status(stuck) == "pending"
    assert mails.sent() == [("OrderPlaced", "order-2")]


def test_mails_of_one_order_leave_in_the_order_of_its_events_whatever_befalls_them(mails: MailScene) -> None:
    mails.place()
    mails.pay()
    mails.ship()
    mails.mailer.troubles.extend([MailerUnavailable(), None, MailerUnavailable(), MailerUnavailable(), None])

    for _ in range(6):
        mails.send_all()
        mails.later(seconds=20)

    assert mails.sent() == [("OrderPlaced", "order-1"), ("OrderPaid", "order-1"), ("OrderShipped", "order-1")]


def test_a_mail_whose_sender_crashed_is_sent_again_under_the_same_message_id(mails: MailScene) -> None:
    placed = mails.place()
    mails.failpoints.armed["mail.before_mark"] = [crash]
    with pytest.raises(Crash):
        mails.sender.step()
    mails.sender = mails.new_sender()

    assert not mails.sender.step()  # the lease of the dead one goes on
    mails.later(seconds=LEASE.total_seconds())
    mails.send_all()

    message_id = f"<{placed.id}@shop.example>"
    assert [mail.headers["Message-ID"] for mail in mails.mailer.caught()] == [message_id] * 2
    assert (mails.status(placed), mails.mail(placed).attempts) == ("sent", 2)


def test_a_mail_whose_sender_crashed_before_it_left_is_not_lost(mails: MailScene) -> None:
    placed = mails.place()
    mails.mailer.troubles.append(Crash())
    with pytest.raises(Crash):
        mails.sender.step()
    mails.later(seconds=LEASE.total_seconds())

    mails.new_sender().step()

    assert mails.status(placed) == "sent"
    assert mails.sent() == [("OrderPlaced", "order-1")]


def test_a_mail_whose_sender_crashed_is_skipped_where_none_may_be_repeated(mails: MailScene) -> None:
    placed = mails.place()
    mails.failpoints.armed["mail.before_mark"] = [crash]
    with pytest.raises(Crash):
        mails.sender.step()
    mails.sender = mails.new_sender(after_crash="skip")
    mails.later(seconds=LEASE.total_seconds())
    mails.place("order-2")

    mails.send_all()

    assert mails.sent() == [("OrderPlaced", "order-1"), ("OrderPlaced", "order-2")]
    assert mails.status(placed) == "skipped"
    assert "may have been sent" in mails.mail(placed).error


def test_a_crash_leaves_one_mail_in_doubt_and_no_more(mails: MailScene) -> None:
    for number in range(5):
        mails.place(f"order-{number}")
    mails.failpoints.armed["mail.before_mark"] = [crash]
    with pytest.raises(Crash):
        mails.sender.step()

    assert len(mails.queue.mails(status="sending")) == 1


def test_a_sender_whose_lease_another_took_does_not_write_over_it(
    mails: MailScene, caplog: pytest.LogCaptureFixture
) -> None:
    placed = mails.place()

    def overtaken() -> None:
        mails.later(seconds=LEASE.total_seconds())
        mails.new_sender().step()

    mails.failpoints.armed["mail.before_mark"] = [overtaken]
    mails.step()

    assert (mails.status(placed), mails.mail(placed).attempts) == ("sent", 2)
    assert mails.sender.counts == {"lease lost": 1}
    assert "it may be sent twice" in caplog.text


def test_no_log_line_names_a_recipient_or_what_was_said_of_one(
    mails: MailScene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    mails.place("order-1")
    mails.place("order-2")
    mails.mailer.troubles.append(RecipientRejected("550 ann@x.example is unknown"))

    mails.send_all()

    assert [record.getMessage().partition(") is ")[2] for record in caplog.records] == [
        "rejected after 1 attempts",
        "handed over",
        "sent after 1 attempts",
    ]
    assert "ann@x.example" not in caplog.text


@pytest.mark.parametrize("trouble", [RecipientRejected, MailerUnavailable])
def test_what_is_kept_of_strange_texts_can_be_kept_everywhere(mails: MailScene, trouble: type[Exception]) -> None:
    placed = mails.place(email="ann\0@x.example")
    mails.mailer.troubles.append(trouble("550 \0 \udcff" + "no " * 1_000))

    mails.step()

    mail = mails.mail(placed)
    assert mail.recipient == "ann?@x.example"
    assert "550 ? ?no no" in mail.error
    assert len(mail.error) == 500
