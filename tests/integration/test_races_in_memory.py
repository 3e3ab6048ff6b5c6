"""Commands racing each other in memory: threads of one process queue, processes on one store lose and try again."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from adapters.system.environment import system_environment
from core.application.orders import CancelOrder, PayOrder, PlaceOrder, ShipOrder
from core.application.products import AddStock
from core.domain.inventory import Inventory, OutOfStock
from core.domain.order import OrderNotCancellable, OrderNotShippable, OrderPlaced
from core.ports.event_store import Conflict
from tests.support.commits import new_id
from tests.unit.application.shop import Shop

pytestmark = pytest.mark.races

BUDGET = 60.0


def process(on: Shop | None = None, kept: int = 10_000) -> Shop:
    """Give a process with its own locks and kept states, on the store of another one or on a new one; time is the machine's."""
    return Shop(kept, BUDGET, environment=system_environment(), memory=on.disk if on else None)


class Outcome(NamedTuple):
    """What a buyer was told, and after how many seconds of ordering."""

    told: str
    seconds: float


def buy(shop: Shop, buyer: str) -> Outcome:
    """Put one unit of tea into the buyer's own cart and order it."""
    shop.put("tea", 1, user_id=buyer)
    began = time.monotonic()
    try:
        shop.run(PlaceOrder(new_id(), buyer))
        told = "ordered"
    except OutOfStock as error:
        told = "out of stock" if not error.details["left"] else f"out of stock with {error.details['left']} left"
    except Conflict:
        told = "conflict"
    return Outcome(told, time.monotonic() - began)


def sell(shops: Iterable[Shop], buyers: int, threads_each: int) -> list[Outcome]:
    """Let buyers come to the shops in turn, all at once."""
    pools = [(shop, ThreadPoolExecutor(threads_each)) for shop in shops]
    buying = [
        pools[number % len(pools)][1].submit(buy, pools[number % len(pools)][0], f"buyer-{number}")
        for number in range(buyers)
    ]
    outcomes = [future.result() for future in buying]
    for _, pool in pools:
        pool.shutdown()
    return outcomes


def stock_of(shop: Shop, product_id: str) -> tuple[int, int]:
    inventory = shop.repository.load(Inventory, f"inventory-{product_id}", fresh=True).state
    return inventory.total, inventory.reserved


def orders_in(shop: Shop) -> list[OrderPlaced]:
    events = (shop.event(stream, 1) for commit in shop.commits() for stream, kind in commit if kind == "OrderPlaced")
    return [event for event in events if isinstance(event, OrderPlaced)]


@pytest.mark.parametrize(("processes", "threads_each"), [(1, 8), (2, 4)])
def test_a_flash_sale_sells_exactly_the_stock_and_tells_nobody_conflict(
    processes: int, threads_each: int, record_property: Callable[[str, object], None]
) -> None:
    shop = process()
    shop.stock("tea", units=100)
    shops = [shop, *(process(on=shop) for _ in range(processes - 1))]

    outcomes = sell(shops, 1_000, threads_each)

    slow = sum(outcome.seconds > 2.0 for outcome in outcomes)
    told = f"flash sale in memory, {processes} x {threads_each} threads: {slow} of 1,000 orders needed more than 2 s"
    record_property("told", told)
    assert Counter(outcome.told for outcome in outcomes) == {"ordered": 100, "out of stock": 900}
    assert stock_of(shop, "tea") == (100, 100)
    assert len(orders_in(shop)) == 100


@pytest.mark.parametrize("kept", [0, 1_000])
def test_32_threads_on_one_stream_lose_no_increment_and_leave_no_hole(kept: int) -> None:
    shop = process(kept=kept)
    shop.stock("tea", units=1)

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda _: shop.run(AddStock("tea", 1)), range(320)))

    events = list(shop.disk.read("inventory-tea"))
    assert [event.version for event in events] == list(range(1, 322))
    assert sorted(answer.positions[0].version for answer in answers) == list(range(2, 322))
    assert stock_of(shop, "tea") == (321, 0)


def test_one_process_never_races_itself() -> None:
    shop = process()
    shop.stock("tea", units=1)
    shop.store.calls.clear()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: shop.run(AddStock("tea", 1)), range(160)))

    assert shop.store.calls == ["commit"] * 160  # a conflict would be a second commit and a read


def test_processes_on_one_stream_lose_no_increment() -> None:
    first = process()
    first.stock("tea", units=1)
    shops = [first, process(on=first), process(on=first)]

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: shops[number % 3].run(AddStock("tea", 1)), range(120)))

    assert [event.version for event in first.disk.read("inventory-tea")] == list(range(1, 122))
    assert stock_of(first, "tea") == (121, 0)
    assert {shop.repository.load(Inventory, "inventory-tea", fresh=True).state.total for shop in shops} == {121}


def test_orders_over_several_products_are_all_or_nothing_under_races() -> None:
    first = process()
    shops = [first, process(on=first)]
    for product_id, units in (("tea", 40), ("cup", 25), ("rice", 30)):
        first.stock(product_id, units=units)

    def order(number: int) -> str:
        shop, buyer = shops[number % 2], f"buyer-{number}"
        products = ["tea", "cup", "rice"]
        del products[number % 3]
        for product_id in products if number % 2 else reversed(products):
            shop.put(product_id, 1, user_id=buyer)
        try:
            shop.run(PlaceOrder(new_id(), buyer))
        except OutOfStock:
            return "out of stock"
        return "ordered"

    with ThreadPoolExecutor(8) as threads:
        told = Counter(threads.map(order, range(90)))

    placed = orders_in(first)
    assert len(placed) == told["ordered"]
    sold = Counter(item.product_id for order in placed for item in order.items)
    for product_id, units in (("tea", 40), ("cup", 25), ("rice", 30)):
        assert stock_of(first, product_id) == (units, sold[product_id])
        assert sold[product_id] <= units
    for commit in first.commits():
        kinds = Counter(kind for _, kind in commit)
        if kinds["OrderPlaced"] or kinds["StockReserved"] or kinds["CartCleared"]:
            assert kinds == {"OrderPlaced": 1, "StockReserved": 2, "CartCleared": 1}


def test_of_shipping_and_cancelling_an_order_at_once_one_happens_and_its_stock_moves_once() -> None:
    first = process()
    shops = [first, process(on=first)]
    first.stock("tea", units=30)
    order_ids = [new_id() for _ in range(30)]
    for order_id in order_ids:
        first.put("tea", 1)
        first.run(PlaceOrder(order_id, "mai"))
        first.run(PayOrder(order_id, "mai"))

    def attempt(shop: Shop, command: object) -> Callable[[], bool]:
        def run() -> bool:
            try:
                shop.run(command)
            except (OrderNotCancellable, OrderNotShippable):
                return False
            return True

        return run

    attempts = [
        run
        for order_id in order_ids
        for run in (
            attempt(shops[0], ShipOrder(order_id)),
            attempt(shops[1], CancelOrder(order_id, "mai", "")),
            attempt(shops[0], CancelOrder(order_id, None, "")),
        )
    ]
    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(lambda run: run(), attempts))

    assert [done[start : start + 3].count(True) for start in range(0, 90, 3)] == [1] * 30
    shipped = sum(done[start] for start in range(0, 90, 3))
    assert stock_of(first, "tea") == (30 - shipped, 0)
