"""What clients of a real run ask for: the workload of the simulation, round after round, dealt out to them."""

import threading
from collections.abc import Iterator
from itertools import count
from random import Random

from entrypoints.comparison.real.wish import Wish
from entrypoints.comparison.workload import PRODUCTS, SHOPPERS, Step, generate

ROUND = 10
"""Orders after which the workload goes on with other products and shoppers: carts that cannot be ordered would only grow."""


def steps(wish: Wish) -> Iterator[Step]:
    """Give the workload, round after round, each with things of its own."""
    for number in count():
        orders = ROUND if wish.orders is None else min(ROUND, wish.orders - number * ROUND)
        if orders <= 0:
            return
        first = {"product": number * PRODUCTS, "shopper": number * SHOPPERS, "order": number * ROUND}
        for step in generate(orders, Random(f"{wish.seed} workload {number}")):  # noqa: S311 - a run is to be repeated
            yield step._replace(on={name: value + first.get(name, 0) for name, value in step.on.items()})


def dealt(steps: Iterator[Step], clients: int) -> list[Iterator[Step]]:
    """Deal the steps out, in turn, to clients each of which may be at another place."""
    guard, waiting = threading.Lock(), [list[Step]() for _ in range(clients)]
    turn = count()

    def share(client: int) -> Iterator[Step]:
        while True:
            with guard:
                while not waiting[client]:
                    step = next(steps, None)
                    if step is None:
                        return
                    waiting[next(turn) % clients].append(step)
                mine = waiting[client].pop(0)
            yield mine

    return [share(client) for client in range(clients)]
