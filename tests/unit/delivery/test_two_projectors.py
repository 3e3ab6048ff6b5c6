"""Two projectors on the same records, each of which comes in another order and more than once: the rows are the fold."""

import threading
from random import Random

import pytest

from core.delivery.consumer import Consumer
from core.domain.cart import CartCleared, ItemAddedToCart, ItemRemovedFromCart
from core.domain.inventory import StockAdded, StockReserved
from core.domain.order import OrderItem, OrderPaid, OrderPlaced
from core.domain.product import ProductCreated, ProductImageUpdated, ProductUpdated
from core.ports.event_feed import Doorbell
from core.projections.rows import FOLDS
from tests.support.commits import AT
from tests.unit.delivery.scene import Scene, folded

ROUNDS = 100


def histories(random: Random) -> dict[str, list[object]]:
    """Draw the events of a few streams of every aggregate; which of them came when shows in the row."""
    streams: dict[str, list[object]] = {
        "tea": [ProductCreated("tea", "Tea", "", 1, 1, AT)],
        "o": [OrderPlaced("o", "u", (OrderItem("tea", "Tea", 1, 1),), 1, AT), OrderPaid("o", AT)],
        "inventory-tea": [StockAdded("tea", 10, AT)],
        "cart-u": [],
    }
    for number in range(random.randint(1, 8)):
        streams["tea"].append(ProductUpdated("tea", f"Tea {number}", "", number + 1, AT))
        streams["inventory-tea"].append(StockReserved("tea", "o", 10**number, AT))
        product = f"p-{random.randint(1, 3)}"
        line = ItemAddedToCart("cart-u", "u", product, number + 1, number + 1, AT)
        others = [ItemRemovedFromCart("cart-u", "u", product, AT), CartCleared("cart-u", "u", AT, "")]
        streams["cart-u"].append(random.choice([line, line, line, *others]))
    streams["tea"].append(ProductImageUpdated("tea", "/t.png", AT))
    return streams


def records(scene: Scene, random: Random) -> list[Doorbell]:
    """Give the doorbell of every event, some without their image."""
    return [
        Doorbell(event.stream, event.version, event if random.random() < 0.9 else None, event.id)
        for event in scene.memory.replay()
    ]


def deliver(consumer: Consumer, doorbells: list[Doorbell], random: Random) -> None:
    """Hand all of them in, shuffled, some again and again, in batches of any size."""
    waiting = [*doorbells, *random.choices(doorbells, k=len(doorbells) // 2)]
    random.shuffle(waiting)
    while waiting:
        size = random.randint(1, 6)
        batch, waiting = waiting[:size], waiting[size:]
        consumer.handle(batch)
        if random.random() < 0.2:
            consumer.handle(batch)  # it was not acknowledged


def assert_the_rows_are_the_fold(scene: Scene, streams: dict[str, list[object]]) -> None:
    assert scene.projections.parked_streams() == []
    for stream, events in streams.items():
        row = scene.projections.row(stream)
        assert row is not None
        assert (scene.version(stream), row.version) == (len(events), len(events))
        assert row.state == folded(scene.memory, stream)


@pytest.mark.parametrize(
    "together",
    ["one after the other", "each on its own", pytest.param("at the same time", marks=pytest.mark.races)],
)
def test_rows_are_the_fold_of_their_events_after_any_deliveries_to_two_projectors(together: str) -> None:
    for seed in range(ROUNDS):
        random = Random(seed)
        scene, other = Scene(), Scene()
        streams = histories(random)
        for stream, events in streams.items():
            scene.write(stream, *events)
        doorbells = records(scene, random)
        consumers = [scene.consumer, scene.new_consumer()]
        if together == "each on its own":
            other.memory = scene.memory
            consumers[1] = Consumer(scene.memory, other.projections, {FOLDS: other.fold}, other.environment)
        orders = [Random(f"{seed}-{number}") for number in range(2)]

        if together == "at the same time":
            at_the_same_time(consumers, doorbells, orders)
        else:
            for consumer, order in zip(consumers, orders, strict=True):
                deliver(consumer, doorbells, order)

        assert_the_rows_are_the_fold(scene, streams)
        if together == "each on its own":
            assert_the_rows_are_the_fold(other, streams)
        applied = sum(consumer.counts["applied"] for consumer in consumers)
        owners = 2 if together == "each on its own" else 1
        assert applied == owners * len(doorbells)  # nothing was applied twice


def at_the_same_time(consumers: list[Consumer], doorbells: list[Doorbell], orders: list[Random]) -> None:
    """Deliver to both, each in its own thread."""
    start, failed = threading.Barrier(2), list[BaseException]()

    def run(consumer: Consumer, order: Random) -> None:
        start.wait(10)
        try:
            deliver(consumer, doorbells, order)
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in zip(consumers, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if failed:
        raise failed[0]
