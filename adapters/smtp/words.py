"""What mails say, in each language; how they are laid out is in `templates`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from core.ports.mailer import Locale

TOKYO = timezone(timedelta(hours=9))
"""Japan keeps one time all year, so no table of time zones is needed."""

# Not strftime's: those are of whatever language the process was set to.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order. `subject` takes the `number`; `at` is the label of its time, empty where that is the order's own."""

    subject: str
    heading: str
    opening: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its steps by event type, its labels, and how it writes money and time."""

    steps: Mapping[str, Step]
    statuses: Mapping[str, str]
    number: str
    placed_at: str
    status: str
    item: str
    subtotal: str
    total: str
    reason: str
    closing: str
    yen: Callable[[int], str]
    time: Callable[[datetime], str]


def _japanese_time(at: datetime) -> str:
    at = at.astimezone(TOKYO)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _english_time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


JAPANESE = Words(
    steps={
        "OrderPlaced": Step(
            subject="【注文確認】ご注文番号 {number}",
            heading="ご注文ありがとうございます",
            opening="以下の内容でご注文を承りました。お支払いの確認ができましたら、改めてお知らせいたします。",
        ),
        "OrderPaid": Step(
            subject="【入金確認】ご注文番号 {number}",
            heading="お支払いを確認しました",
            opening="お支払いありがとうございます。商品の発送準備が整いましたら、改めてお知らせいたします。",
            at="お支払い確認日時",
        ),
        "OrderShipped": Step(
            subject="【発送完了】ご注文番号 {number}",
            heading="商品を発送しました",
            opening="ご注文の商品を発送いたしました。お手元に届くまで、今しばらくお待ちください。",
            at="発送日時",
        ),
        "OrderCancelled": Step(
            subject="【注文取消】ご注文番号 {number}",
            heading="ご注文をキャンセルしました",
            opening="以下のご注文のキャンセルを承りました。",
            at="キャンセル日時",
        ),
    },
    statuses={"pending": "お支払い待ち", "paid": "お支払い済み", "shipped": "発送済み", "cancelled": "キャンセル済み"},
    number="ご注文番号",
    placed_at="ご注文日時",
    status="状況",
    item="商品",
    subtotal="小計",
    total="合計",
    reason="キャンセル理由",
    closing="このメールは自動で送信しています。",
    yen=lambda yen: f"{yen:,}円",
    time=_japanese_time,
)

ENGLISH = Words(
    steps={
        "OrderPlaced": Step(
            subject="[Order confirmation] Order {number}",
            heading="Thank you for your order",
            opening="We have received the order below. We will write to you again when it is paid.",
        ),
        "OrderPaid": Step(
            subject="[Payment received] Order {number}",
            heading="We have received your payment",
            opening="Thank you. We are preparing your order and will write to you when it is on its way.",
            at="Paid",
        ),
        "OrderShipped": Step(
            subject="[Order shipped] Order {number}",
            heading="Your order is on its way",
            opening="We have shipped the order below. It will be with you soon.",
            at="Shipped",
        ),
        "OrderCancelled": Step(
            subject="[Order cancelled] Order {number}",
            heading="Your order has been cancelled",
            opening="The order below has been cancelled.",
            at="Cancelled",
        ),
    },
    statuses={"pending": "Waiting for payment", "paid": "Paid", "shipped": "Shipped", "cancelled": "Cancelled"},
    number="Order number",
    placed_at="Ordered",
    status="Status",
    item="Item",
    subtotal="Subtotal",
    total="Total",
    reason="Reason",
    closing="This message was sent automatically.",
    yen=lambda yen: f"¥{yen:,}",
    time=_english_time,
)

WORDS: Mapping[Locale, Words] = {"ja": JAPANESE, "en": ENGLISH}
