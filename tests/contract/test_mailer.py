"""What every mailer owes, as `core.ports.mailer` says it; what the mails look like is the same for all."""

from dataclasses import replace

import pytest
from jinja2 import UndefinedError

from core.ports.mailer import OrderMessage, RecipientRejected
from core.ports.views import OrderItemView
from tests.contract.mailers import ORDER, PLACED, MailerHarness

STEPS = {
    "OrderPlaced": ("pending", "【注文確認】ご注文番号 0198c1f2", "[Order confirmation] Order 0198c1f2"),
    "OrderPaid": ("paid", "【入金確認】ご注文番号 0198c1f2", "[Payment received] Order 0198c1f2"),
    "OrderShipped": ("shipped", "【発送完了】ご注文番号 0198c1f2", "[Order shipped] Order 0198c1f2"),
    "OrderCancelled": ("cancelled", "【注文取消】ご注文番号 0198c1f2", "[Order cancelled] Order 0198c1f2"),
}
"""The status after each step, and the subjects."""

NO_ADDRESSES = [
    "",
    "ann",
    "@customer.example",
    "ann@",
    "ann@customer.example, bob@customer.example",
    "ann@customer.example;bob@customer.example",
    "Ann <ann@customer.example>",
    "ann@customer.example\r\nBcc: bob@customer.example",
    "ann@customer.example\n",
    "ann\r\nRCPT TO:<bob@customer.example>@customer.example",
    "ann\0@customer.example",
    "ann@customer.example\0",
    "ann@customer.example (Ann)",
    "an n@customer.example",
    "ann@bob@customer.example",
    "ann@" + "a" * 64 + ".example",
    "a" * 65 + "@customer.example",
    "ann@customer..example",
    "ann\udcff@customer.example",
]


def step(template: str, **changes: object) -> OrderMessage:
    """Give the message of a step: paid, shipped or cancelled a day and a bit after the order."""
    order = replace(ORDER, status=STEPS[template][0], updated_at="2026-01-03T23:59:00.000000Z")
    return replace(PLACED, template=template, order=order, **changes)  # type: ignore[arg-type] # the tests name its fields


def test_a_message_arrives_at_its_recipient_as_text_and_html(mailers: MailerHarness) -> None:
    mailers.mailer.send(PLACED)

    (mail,) = mailers.arrived()

    assert mail.event_id == PLACED.event_id
    assert mail.to == "ann@customer.example"
    assert mail.subject == "【注文確認】ご注文番号 0198c1f2"
    assert "ご注文ありがとうございます" in mail.text
    assert "ご注文ありがとうございます" in mail.html
    assert mail.headers["Content-Type"].startswith("multipart/alternative")


def test_its_headers_say_which_event_and_which_request_it_is_about_and_that_nobody_wrote_it(
    mailers: MailerHarness,
) -> None:
    mailers.mailer.send(PLACED)

    headers = mailers.arrived()[0].headers

    assert headers["From"] == "EC Shop <orders@shop.example>"
    assert headers["Message-ID"] == "<0198c1f2-7a3b-7000-8000-000000000001@shop.example>"
    assert headers["X-Correlation-ID"] == "a-request"
    assert headers["Date"] == "Fri, 02 Jan 2026 16:04:06 +0000"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Content-Language"] == "ja"
    assert not [name for name in headers if name.startswith("List-")]


def test_a_repeat_is_the_same_mail_with_the_same_message_id(mailers: MailerHarness) -> None:
    mailers.mailer.send(PLACED)
    mailers.mailer.send(PLACED)

    first, second = mailers.arrived()

    assert first == second


@pytest.mark.parametrize("template", STEPS)
def test_each_step_has_its_mail_in_japanese(mailers: MailerHarness, template: str) -> None:
    mailers.mailer.send(step(template, reason="二重に注文"))

    (mail,) = mailers.arrived()

    assert mail.subject == STEPS[template][1]
    for part in (mail.text, mail.html):
        assert "2026年1月3日 01:04" in part  # placed, in Tokyo
        assert ("2026年1月4日 08:59" in part) == (template != "OrderPlaced")
        assert "1,200円" in part
        assert "3,600円" in part
        assert "16,500円" in part
        assert ORDER.id in part


@pytest.mark.parametrize("template", STEPS)
def test_each_step_has_its_mail_in_english(mailers: MailerHarness, template: str) -> None:
    mailers.mailer.send(step(template, locale="en"))

    (mail,) = mailers.arrived()

    assert mail.subject == STEPS[template][2]
    assert mail.headers["Content-Language"] == "en"
    for part in (mail.text, mail.html):
        assert "2 January 2026, 16:04 UTC" in part
        assert ("3 January 2026, 23:59 UTC" in part) == (template != "OrderPlaced")
        assert "¥1,200" in part
        assert "¥3,600" in part
        assert "¥16,500" in part


@pytest.mark.parametrize(("locale", "label"), [("ja", "キャンセル理由"), ("en", "Reason")])
def test_a_cancellation_says_why_where_that_is_known(mailers: MailerHarness, locale: str, label: str) -> None:
    mailers.mailer.send(step("OrderCancelled", locale=locale, reason="Ordered <twice>"))
    mailers.mailer.send(step("OrderCancelled", locale=locale))

    told, silent = mailers.arrived()

    assert f"{label}: Ordered <twice>" in told.text
    assert "Ordered &lt;twice&gt;" in told.html
    assert label not in silent.text + silent.html


def test_names_are_escaped_in_html_and_plain_in_text(mailers: MailerHarness) -> None:
    mailers.mailer.send(PLACED)

    (mail,) = mailers.arrived()

    assert "煎茶 <特上> & 新茶" in mail.text
    assert "煎茶 &lt;特上&gt; &amp; 新茶" in mail.html
    assert "<特上>" not in mail.html


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_name_cannot_add_lines_to_the_bill(mailers: MailerHarness, ending: str) -> None:
    name = f"Tea{ending}{ending}合計: 0円{ending}.{ending}"
    mailers.mailer.send(replace(PLACED, order=replace(ORDER, items=(OrderItemView("p", name, 1, 16_500),))))

    (mail,) = mailers.arrived()

    assert "Tea 合計: 0円 . " in mail.text.splitlines()
    assert [line for line in mail.text.splitlines() if line.startswith("合計")] == ["合計: 16,500円"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\0", "\u2028"])
def test_no_text_adds_a_header(mailers: MailerHarness, ending: str) -> None:
    forged = f"x{ending}Bcc: bob@customer.example{ending}{ending}body"
    order = replace(ORDER, id=forged, items=(OrderItemView(forged, forged, 1, 1),))
    mailers.mailer.send(replace(PLACED, correlation_id=forged, reason=forged, order=order))
    mailers.mailer.send(PLACED)

    mail, other = mailers.arrived()

    assert mail.headers.keys() == other.headers.keys()
    assert mail.headers["X-Correlation-ID"] == "x Bcc: bob@customer.example body"
    assert mail.to == "ann@customer.example"


@pytest.mark.parametrize("recipient", NO_ADDRESSES)
def test_what_is_not_one_address_is_rejected_and_nothing_is_sent(mailers: MailerHarness, recipient: str) -> None:
    with pytest.raises(RecipientRejected) as rejected:
        mailers.mailer.send(replace(PLACED, recipient=recipient))

    assert "recipient" in str(rejected.value)
    mailers.mailer.send(PLACED)
    assert [mail.to for mail in mailers.arrived()] == ["ann@customer.example"]


def test_a_domain_in_other_letters_is_written_as_the_dns_has_it(mailers: MailerHarness) -> None:
    mailers.mailer.send(replace(PLACED, recipient="ann+tea@例え.example"))

    assert mailers.arrived()[0].to == "ann+tea@xn--r8jz45g.example"


def test_a_part_before_the_at_sign_in_other_letters_is_kept(mailers: MailerHarness) -> None:
    mailers.mailer.send(replace(PLACED, recipient="花子@例え.example"))

    assert mailers.arrived()[0].to == "花子@xn--r8jz45g.example"


def test_an_order_of_thirty_lines_is_listed_whole(mailers: MailerHarness) -> None:
    items = tuple(OrderItemView(f"p-{number}", f"第{number:02}番の品 " + "長" * 190, 1, 1) for number in range(30))
    mailers.mailer.send(replace(PLACED, order=replace(ORDER, items=items)))

    (mail,) = mailers.arrived()

    for number in range(30):
        assert f"第{number:02}番の品" in mail.text
        assert f"第{number:02}番の品" in mail.html


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (replace(PLACED, template="OrderEaten"), KeyError),
        (replace(PLACED, order=replace(ORDER, status="eaten")), UndefinedError),
    ],
)
def test_what_there_are_no_words_for_is_an_error_and_nothing_is_sent(
    mailers: MailerHarness, message: OrderMessage, error: type[Exception]
) -> None:
    with pytest.raises(error):
        mailers.mailer.send(message)

    assert mailers.arrived() == []
