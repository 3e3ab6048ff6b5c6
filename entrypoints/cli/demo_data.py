"""Demo data: the same ids each start, made through the same commands as everything else."""

from itertools import count
from uuid import NAMESPACE_URL, uuid5

import click

from config.shop import Shop
from core.application.carts import AddToCart
from core.application.commands import Commands
from core.application.executor import Context
from core.application.idempotency import Once
from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.application.products import CreateProduct
from core.ports.commit import Claim, Commit

PRODUCTS = (
    ("抹茶 30g", "宇治の石臼挽き抹茶。薄茶にも菓子作りにも。", 1_620, 40),
    ("煎茶 100g", "やぶきたの深蒸し煎茶。", 1_080, 120),
    ("ほうじ茶 150g", "浅煎りの香ばしい茎ほうじ茶。", 864, 80),
    ("玄米茶 200g", "国産米を使った毎日のお茶。", 756, 60),
    ("急須 常滑焼", "朱泥の横手急須、360ml。", 6_600, 8),
    ("湯呑み 二客組", "美濃焼の夫婦湯呑み。", 3_300, 15),
    ("茶筅 百本立", "奈良高山の竹茶筅。", 4_180, 12),
    ("棗 溜塗", "抹茶を入れる木製の棗。", 8_800, 0),
    ("風呂敷 90cm", "綿の風呂敷、麻の葉文様。", 2_420, 30),
    ("手ぬぐい 青海波", "注染の手ぬぐい。", 1_320, 75),
    ("箸 若狭塗", "貝殻を散らした塗り箸、23cm。", 2_750, 25),
    ("南部鉄器 鉄瓶", "直火とIHで使える1.2Lの鉄瓶。", 19_800, 4),
    ("Enamel teapot", "White enamel on steel, 0.8 l.", 4_950, 18),
    ("Glass tea cup", "Double-walled borosilicate glass, 250 ml.", 1_980, 90),
    ("Tea caddy", "Hand-lacquered tin for 100 g of leaf.", 3_080, 22),
    ("Kitchen scale", "Weighs to a tenth of a gram, up to 500 g.", 3_480, 16),
    ("Linen apron", "Washed linen with two pockets.", 5_940, 20),
    ("Canvas tote", "Heavy cotton canvas, 40 by 36 cm.", 2_200, 64),
    ("Notebook A5", "Dotted pages that lie flat.", 1_100, 200),
    ("Fountain pen", "Steel nib, fine, with a converter.", 4_400, 14),
    ("Desk lamp", "Warm light, dimmable, with a weighted foot.", 9_900, 9),
    ("Wool blanket", "Merino, 130 by 180 cm.", 16_500, 6),
    ("Ceramic bowl", "Stoneware with an ash glaze, 18 cm.", 2_860, 33),
    ("Wooden tray", "Walnut, oiled, 36 by 24 cm.", 4_620, 11),
    ("Gift card", "Good for anything in the shop.", 5_000, 1_000),
)
"""Name, description, price in yen, stock in units. The natsume (棗) starts sold out."""

SHOPPERS = tuple(str(uuid5(NAMESPACE_URL, f"ecshop/demo/shopper/{number}")) for number in range(4))
"""Guest ids, as X-User-ID takes them."""


MAILBOXES = (
    ("hana@shopper.example", "ja"),
    ("ken@shopper.example", "ja"),
    ("alice@shopper.example", "en"),
    ("", ""),
)
"""Where each order's shopper wants to hear of it, and in which language; one gave no address. Nobody can have these (RFC 2606)."""


def demo_id(kind: str, number: int) -> str:
    """Give the id that this thing has at each start."""
    return str(uuid5(NAMESPACE_URL, f"ecshop/demo/{kind}/{number}"))


FILLED = "demo-data"
"""The claim that says that all of it is there."""


def fill(shop: Shop) -> list[str]:
    """Fill a shop, unless it is filled; give the ids of its products. Where that was stopped in the middle, it goes on."""
    products = [demo_id("product", number) for number in range(len(PRODUCTS))]
    store, now = shop.event_store(), shop.environment().now()
    if store.find_claim(FILLED, now) is None:
        _fill(shop.commands(), products)
        store.commit(Commit(shop.environment().new_id(), now, claims=(Claim(FILLED, "demo"),)))
    return products


def _fill(commands: Commands, products: list[str]) -> None:
    steps = count()

    def run(command: object, email: str = "", locale: str = "") -> None:
        once = Once(f"demo-data-{next(steps)}", repr(command))
        commands.run(command, Context("demo", "demo-data", once=once, email=email, locale=locale))

    with click.progressbar(list(zip(products, PRODUCTS, strict=True)), label="Demo data") as bar:
        for product_id, (name, description, price, stock) in bar:
            run(CreateProduct(product_id, name, description, price, stock))

    def order(number: int, *lines: tuple[int, int]) -> str:
        shopper = f"guest-{SHOPPERS[number % len(SHOPPERS)]}"
        for product, quantity in lines:
            run(AddToCart(shopper, products[product], quantity))
        run(PlaceOrder(demo_id("order", number), shopper), *MAILBOXES[number])
        return demo_id("order", number)

    order(0, (0, 1), (4, 1))
    paid, shipped, cancelled = order(1, (13, 4)), order(2, (1, 2), (14, 1)), order(3, (21, 1))
    for order_id in (paid, shipped):
        run(PayOrder(order_id, None))
    run(ShipOrder(shipped))
    run(CancelOrder(cancelled, None, "色を間違えました"))
    run(AddToCart(f"guest-{SHOPPERS[0]}", products[18], 3))
