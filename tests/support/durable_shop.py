"""A shop on a database of its own: its settings for commands, and the same shop in this process, of which nothing runs by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from config.settings import Settings
from config.shop import Shop
from core.application.carts import AddToCart
from core.application.executor import Context
from core.application.orders import PlaceOrder
from core.application.products import CreateProduct
from tests.support.command import ecshop
from tests.support.postgres_databases import empty_database

Variables = dict[str, str]


@contextmanager
def durable_settings(server_url: str) -> Iterator[Variables]:
    """Give the settings of a shop on a new database of this server, which `ecshop migrate` made its tables in."""
    with empty_database(server_url) as url:
        settings = {"STORE": "postgres", "DATABASE_URL": url}
        assert ecshop("migrate", **settings).exit_code == 0
        yield settings


@contextmanager
def shop_on(settings: Variables) -> Iterator[Shop]:
    """Give the shop of these settings."""
    shop = Shop(settings=Settings(**{name.lower(): value for name, value in settings.items()}))  # type: ignore[arg-type]
    backends = shop.backends()
    try:
        yield shop
    finally:
        backends.close()


def execute(settings: Variables, statement: str) -> None:
    """Do something to the database that no shop would."""
    with psycopg.connect(settings["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement.encode())


def order_in(shop: Shop, email: str = "") -> tuple[str, str]:
    """Have a guest order one new product; give the ids of both."""
    product_id, order_id, guest = str(uuid4()), str(uuid4()), f"guest-{uuid4()}"
    for command in (CreateProduct(product_id, "煎茶", "", 1_080, 10), AddToCart(guest, product_id, 1)):
        shop.commands().run(command, Context())
    shop.commands().run(PlaceOrder(order_id, guest), Context(email=email, locale="ja"))
    return product_id, order_id


def project(shop: Shop) -> None:
    """Have both projectors deal with everything, so that they are up with the store."""
    for role in (shop.read_models, shop.notifier):
        while role.projector().step():
            pass


def lose(shop: Shop) -> None:
    """Take from the feed of the rows what it has, as if it had never rung."""
    feed = shop.read_models.feed()
    while deliveries := feed.poll(500):
        feed.acknowledge(deliveries)
