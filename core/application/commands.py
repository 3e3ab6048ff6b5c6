"""Every command with its handler and the type of its answer."""

from typing import Any

from core.application import carts, orders, products
from core.application.executor import Answer, Context, Executor, Handler
from core.ports.views import CartView, Message, OrderView, ProductView

HANDLERS: dict[type, tuple[Handler[Any], type]] = {
    products.CreateProduct: (products.create_product, ProductView),
    products.UpdateProduct: (products.update_product, Message),
    products.ChangeProductImage: (products.change_product_image, Message),
    products.DeleteProduct: (products.delete_product, Message),
    products.AddStock: (products.add_stock, Message),
    carts.AddToCart: (carts.add_to_cart, CartView),
    carts.RemoveFromCart: (carts.remove_from_cart, CartView),
    carts.ClearCart: (carts.clear_cart, CartView),
    orders.PlaceOrder: (orders.place_order, OrderView),
    orders.PayOrder: (orders.pay_order, Message),
    orders.ShipOrder: (orders.ship_order, Message),
    orders.CancelOrder: (orders.cancel_order, Message),
}


class Commands:
    """The write side as its callers see it."""

    def __init__(self, executor: Executor) -> None:
        """Run commands on this executor."""
        self._executor = executor

    def run(self, command: object, context: Context = Context()) -> Answer[Any]:  # noqa: B008 - immutable
        """Run a command; the errors are those of `Executor.run`."""
        handler, answer_type = HANDLERS[type(command)]
        return self._executor.run(handler, command, answer_type, context)
