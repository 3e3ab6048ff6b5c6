"""The whole shop under the designs that publish, on durable stores and real transports, step by step."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from config.following import follow_feed
from config.kafka import make_topic
from config.read_side import StoreProblem
from config.settings import Settings
from config.shop import Shop
from tests.contract.conftest import marked
from tests.support.aws_shop import aws_settings
from tests.support.command import ecshop
from tests.support.durable_shop import Variables, durable_settings, order_in, shop_on

EMAIL = "ann@x.example"

NOWHERE = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "KINESIS_ENDPOINT": "http://127.0.0.1:1"}
"""Settings of a broker that is away."""


@pytest.fixture(params=marked(["postgres"]))
def on_postgres(request: pytest.FixtureRequest) -> Iterator[Variables]:
    """Give the settings of a shop on PostgreSQL, whose events go through Kafka."""
    servers = request.getfixturevalue("kafka_servers")
    with durable_settings(request.getfixturevalue("postgres_url")) as settings:
        yield settings | through_kafka(servers)


@pytest.fixture
def on_dynamodb(ministack_endpoint: str, postgres_url: str) -> Iterator[Variables]:
    """Give the settings of a shop on DynamoDB."""
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        yield settings


@pytest.fixture(
    params=[
        pytest.param("postgres through kafka", marks=[pytest.mark.postgres, pytest.mark.kafka]),
        pytest.param("dynamodb through kafka", marks=[pytest.mark.ministack, pytest.mark.kafka]),
        pytest.param("dynamodb through kinesis", marks=[pytest.mark.ministack, pytest.mark.kinesis]),
    ]
)
def settings(request: pytest.FixtureRequest) -> Variables:
    """Give the settings of a shop on this store and this transport, for both designs that publish."""
    store, _, transport = request.param.partition(" through ")
    found: Variables = request.getfixturevalue(f"on_{store}")
    if store == "dynamodb" and transport == "kafka":
        return found | through_kafka(request.getfixturevalue("kafka_servers"))
    if transport == "kinesis":
        found |= {"TRANSPORT": "kinesis", "DELIVERY": "outbox", "PUBLISHED_STREAM_NAME": f"published-{uuid4().hex}"}
        assert ecshop("stream", "create", **found).exit_code == 0
    return found


def through_kafka(servers: str) -> Variables:
    """Give the settings of a topic of one's own."""
    named = {"DELIVERY": "outbox", "KAFKA_BOOTSTRAP_SERVERS": servers, "KAFKA_TOPIC": f"events-{uuid4().hex}"}
    with_store = {"STORE": "postgres", "DATABASE_URL": "postgresql://nobody@127.0.0.1/none"}
    make_topic(Settings(**{name.lower(): value for name, value in (named | with_store).items()}))  # type: ignore[arg-type]
    return named


def settled(shop: Shop) -> None:
    """Have the relay and both projectors deal with all there is."""
    while shop.outbox() and shop.relay().step():
        pass
    for role in (shop.read_models, shop.notifier):
        while role.projector().step():
            pass


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
    with shop_on(settings | NOWHERE) as shop:
        _, order = order_in(shop, EMAIL)
    with shop_on(settings) as shop:
        settled(shop)
        lost = shop.queries().order(order)
        for role in (shop.read_models, shop.notifier):
            report = role.reconcile().look()
            assert order in {each.stream for each in report.differences}
            role.reconcile().repair(report)

        assert lost is None
        assert shop.queries().order(order)
        assert recipients(shop) == [EMAIL]


def test_what_an_outbox_could_not_publish_is_published_later(settings: Variables) -> None:
    with shop_on(settings | NOWHERE) as shop:
        _, order = order_in(shop, EMAIL)
        with pytest.raises(StoreProblem, match="KAFKA_BOOTSTRAP_SERVERS|KINESIS_ENDPOINT"):
            shop.relay()
    with shop_on(settings) as shop:
        assert shop.outbox().pending() == 5
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
    with shop_on(settings) as shop:
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
