"""The whole shop under the designs that publish, on durable stores and real transports, step by step."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from uuid import uuid4

import pytest

from config.following import follow_feed
from config.kafka import make_topic
from config.read_side import StoreProblem
from config.settings import Settings
from config.shop import Shop
from core.delivery.projector import Projector
from core.ports.event_feed import FeedUnavailable
from core.ports.event_publisher import PublishFailed
from core.ports.events import RecordedEvent
from tests.support.aws_shop import aws_settings
from tests.support.command import ecshop
from tests.support.durable_shop import Variables, durable_settings, order_in, shop_on
from tests.support.running_shop import PATIENCE
from tests.support.waiting import wait_until

EMAIL = "ann@x.example"

FIRST = 3.0
"""Seconds until a reader of Kafka has its partitions and what is in them."""


@pytest.fixture(
    params=[
        pytest.param(("postgres", "kafka"), marks=[pytest.mark.postgres, pytest.mark.kafka], id="postgres-kafka"),
        pytest.param(("dynamodb", "kafka"), marks=[pytest.mark.ministack, pytest.mark.kafka], id="dynamodb-kafka"),
        pytest.param(
            ("dynamodb", "kinesis"), marks=[pytest.mark.ministack, pytest.mark.kinesis], id="dynamodb-kinesis"
        ),
    ]
)
def settings(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Variables]:
    """Give the settings of a shop with an outbox on this store and this transport, each with everything of its own."""
    store, transport = request.param
    named = {"DELIVERY": "outbox", "TRANSPORT": transport}
    if transport == "kafka":
        named |= {"KAFKA_BOOTSTRAP_SERVERS": request.getfixturevalue("kafka_broker").servers}
        named |= {"KAFKA_TOPIC": f"events-{uuid4().hex}"}
    else:
        named |= {"PUBLISHED_STREAM_NAME": f"published-{uuid4().hex}"}
    with ExitStack() as stack:
        if store == "postgres":
            settings = stack.enter_context(durable_settings(postgres_url)) | named
        else:
            endpoint = request.getfixturevalue("ministack_endpoint")
            settings = stack.enter_context(aws_settings(endpoint, postgres_url)) | named
        if transport == "kafka":
            make_topic(Settings(**{name.lower(): value for name, value in settings.items()}))
        else:
            made = ecshop("stream", "create", **settings)
            assert made.exit_code == 0, made.stderr
        yield settings


@contextmanager
def at_once(settings: Variables) -> Iterator[Shop]:
    """Give the shop of these settings, whose reconciling does not wait for what is on its way."""
    with shop_on(settings) as shop:
        for role in (shop.read_models, shop.notifier):
            role.reconcile()._lag_window = 0.0
        yield shop


class Away:
    """A publisher whose broker is away."""

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Fail."""
        raise PublishFailed(events, "nobody answers")

    def close(self) -> None:
        """Do nothing."""


def settled(shop: Shop) -> None:
    """Have the relay and both projectors deal with all there is."""
    while shop.outbox() and shop.relay().step():
        pass
    for role in (shop.read_models, shop.notifier):
        wait_until(partial(is_up_to_date, role.projector()), PATIENCE)


def is_up_to_date(projector: Projector) -> bool:
    """Read what there is, as the projector's loop does, which waits for what is away: Kafka may take its time to divide a topic."""
    try:
        projector.step(FIRST)
        while projector.step():
            pass
    except FeedUnavailable:
        return False
    return True


def recipients(shop: Shop) -> list[str]:
    """Send what is due; tell to whom."""
    while shop.sender().step():
        pass
    return [mail.recipient for mail in shop.mail_queue().mails(10) if mail.status == "sent"]


@pytest.mark.parametrize("design", ["dual-write", "outbox"])
def test_an_order_is_shown_and_its_guest_gets_a_mail(settings: Variables, design: str) -> None:
    with shop_on(settings | {"DELIVERY": design}) as shop:
        follow_feed(shop)
        product, order = order_in(shop, EMAIL)
        settled(shop)

        assert shop.queries().order(order)
        assert shop.queries().product(product)
        assert recipients(shop) == [EMAIL]  # which was never published: it comes from the store
        assert shop.read_models.feed().lag_seconds() == 0
        assert shop.read_models.feed().hindrance() == ""
        assert not shop.read_models.reconcile().look(deep=True).differences
        assert not shop.notifier.reconcile().look(deep=True).differences


def test_what_dual_write_did_not_publish_is_healed_by_reconciling_alone(settings: Variables) -> None:
    settings |= {"DELIVERY": "dual-write"}
    with shop_on(settings) as shop:
        order_in(shop)
        shop.event_store()._publisher = Away()
        _, order = order_in(shop, EMAIL)
        assert shop.event_store().counts == {"acknowledged": 6, "failed": 6}
    with at_once(settings) as shop:
        settled(shop)
        lost = shop.queries().order(order)
        for role in (shop.read_models, shop.notifier):
            report = role.reconcile().look()
            assert order in {each.stream for each in report.differences}
            role.reconcile().repair(report)

        assert lost is None
        assert shop.queries().order(order)
        assert recipients(shop).count(EMAIL) == 1


def test_what_an_outbox_could_not_publish_is_published_later(settings: Variables) -> None:
    with shop_on(settings) as shop:
        shop.relay()._publisher = Away()
        _, order = order_in(shop, EMAIL)
        with pytest.raises(PublishFailed):
            shop.relay().step()
    with shop_on(settings) as shop:
        assert shop.outbox().pending() == 6
        assert shop.read_models.feed().lag_seconds() > 0
        assert "ecshop worker relay" in shop.read_models.feed().hindrance()
        settled(shop)

        assert shop.outbox().pending() == 0
        assert shop.queries().order(order)
        assert recipients(shop) == [EMAIL]


def test_a_shop_is_switched_to_another_design_by_reconciling_first(settings: Variables) -> None:
    with shop_on(
        {name: value for name, value in settings.items() if name != "TRANSPORT"} | {"DELIVERY": "cdc"}
    ) as shop:
        follow_feed(shop)
        _, shown = order_in(shop, EMAIL)
        settled(shop)
        _, on_its_way = order_in(shop)
    with at_once(settings) as shop:
        with pytest.raises(
            StoreProblem, match=r"follows the feed '(postgres|kinesis .*)' and would now follow .*--switch-feed"
        ):
            follow_feed(shop)
        assert shop.queries().order(on_its_way) is None

        assert follow_feed(shop, switch=True) >= 4
        assert shop.queries().order(on_its_way)
        assert follow_feed(shop) == 0
        _, published = order_in(shop)
        settled(shop)

        assert all(map(shop.queries().order, (shown, on_its_way, published)))
        assert not shop.read_models.reconcile().look().differences
