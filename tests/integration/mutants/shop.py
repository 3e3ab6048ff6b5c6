"""Shops that sell what they should not, or keep their books wrong."""

from tests.contract.mutants.mutant import Mutant

SHOP = (
    Mutant(
        "promises units that are promised already",
        "core.domain.inventory",
        "        if item.quantity > self.available:",
        "        if item.quantity > self.total:",
    ),
    Mutant(
        "orders at a price that has changed",
        "core.domain.order",
        "            if product.price != line.price:",
        "            if not product.price:",
    ),
    Mutant(
        "orders a product that was deleted",
        "core.domain.order",
        "            if not product.on_sale:",
        "            if product.created_at is None:",
    ),
    Mutant(
        "cancels an order twice and frees its stock twice",
        "core.domain.order",
        '        if self.status not in {"pending", "paid"}:',
        '        if self.status not in {"pending", "paid", "cancelled"}:',
    ),
    Mutant(
        "lets a stranger at an order",
        "core.domain.order",
        "        if user_id is not None and user_id != self.user_id:",
        "        if user_id is not None and not self.user_id:",
    ),
    Mutant(
        "forgets how many units a line had",
        "core.domain.cart",
        "        quantity = event.quantity + (before.quantity if before else 0)",
        "        quantity = event.quantity",
    ),
    Mutant(
        "ships without deducting",
        "core.application.orders",
        "        work.append(Inventory, stream, inventory.deduct(command.order_id, item, work.at))",
        "        work.append(Inventory, stream, inventory.release(command.order_id, item, work.at))",
    ),
    Mutant(
        "leaves in the cart what was ordered",
        "core.application.orders",
        "    work.append(Cart, cart_stream, *cart.clear(work.at, command.order_id))",
        "    work.append(Cart, cart_stream)",
    ),
    Mutant(
        "checks nothing that it looked at",
        "core.application.work",
        "            Check(stream, loaded.version) for stream, loaded in self._loaded.items() if stream not in self._events",
        "            Check(stream, loaded.version) for stream, loaded in self._loaded.items() if not self._events",
    ),
    Mutant(
        "quotes a kept price however old it is",
        "core.application.work",
        "        loaded = self._repository.load(kind, stream, fresh=self._fresh, max_age=QUOTE_MAX_AGE)",
        "        loaded = self._repository.load(kind, stream, fresh=self._fresh)",
    ),
    Mutant(
        "confirms a kept state before its commit is acknowledged",
        "core.application.executor",
        "        sent_at = self._environment.monotonic()",
        "        work.confirm(sent_at := self._environment.monotonic())",
    ),
    Mutant(
        "believes an error that a kept state brought about",
        "core.application.executor",
        "                raise _LeanedOnKept from None",
        "                raise",
    ),
    Mutant(
        "decides again on the state that lost a race",
        "core.application.executor",
        "                    work.drop()",
        "                    work.checks",
    ),
    Mutant(
        "gives another request's answer",
        "core.application.idempotency",
        "        if self._codec.decode(value, _FirstRequest).fingerprint != once.fingerprint:",
        "        if not self._codec.decode(value, _FirstRequest).fingerprint:",
    ),
    Mutant(
        "evolves a state that others decide on",
        "core.application.work",
        "        draft = self._drafts.get(stream) or self._loaded[stream].state.copy()",
        "        draft = self._drafts.get(stream) or self._loaded[stream].state",
    ),
)
