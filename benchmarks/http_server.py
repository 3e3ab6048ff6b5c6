"""The servers under load, each a process of its own: `python -m benchmarks.http_server shop` or `... bare`.

Prints a line of JSON with its address and the ids of its products once it listens.
"""

import json
import sys
from uuid import uuid4

from litestar import Litestar, get

from config.settings import Settings
from config.shop import Shop
from core.application.products import CreateProduct
from core.ports.views import ProductView
from entrypoints.http.app import create_app
from entrypoints.http.logs import configure_logs
from entrypoints.http.server import listen, serve

PRODUCTS = 24


def _shop() -> Shop:
    settings = Settings()
    configure_logs(settings.log_level)
    return Shop(settings=settings)


def _fill(shop: Shop) -> list[ProductView]:
    commands = [
        CreateProduct(str(uuid4()), f"抹茶 {n}", "宇治の石臼挽き抹茶。", 1_620, 1_000_000) for n in range(PRODUCTS)
    ]
    return [shop.commands().run(command).result for command in commands]


def bare_app(products: list[ProductView]) -> Litestar:
    """Give the least that Litestar can do: one asynchronous handler that gives a product, and nothing around it."""
    known = {product.id: product for product in products}

    @get("/products/{product_id:str}")
    async def show_product(product_id: str) -> ProductView:
        return known[product_id]

    return Litestar([show_product], openapi_config=None, logging_config=None)


def main(kind: str) -> None:
    """Serve until stopped."""
    shop = _shop()
    products = _fill(shop)
    app = create_app(shop) if kind == "shop" else bare_app(products)

    def ready(address: str) -> None:
        print(json.dumps({"address": address, "products": [product.id for product in products]}), flush=True)

    serve(app, listen("127.0.0.1", 0), ready)


if __name__ == "__main__":
    main(sys.argv[1])
