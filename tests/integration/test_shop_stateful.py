"""Commands in any order, by several shoppers and two processes, with crashes and a hostile feed, against an independent model."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.application.commands import HANDLERS
from core.application.executor import Answer, Context
from core.application.executor import Once as RealOnce
from core.domain.aggregate import Aggregate
from core.domain.cart import Cart
from core.domain.errors import DomainError
from core.domain.inventory import Inventory, StockAdded, inventory_stream
from core.domain.order import Order
from core.domain.product import Product
from core.ports.environment import FAILPOINTS
from core.ports.event_store import OutcomeUnknown, StoreUnavailable
from core.ports.queries import Page
from core.ports.views import CartView, Message
from tests.integration.shop_processes import CODEC, Crash, ShopUnderTest, be_away, crash, lose
from tests.unit.shop_model import CODES, Command, Json, Once, ShopModel

pytestmark = pytest.mark.stateful

REAL = {kind.__name__: kind for kind in HANDLERS}
ALL = Page(limit=1000)
SHOPPERS = ("ann", "bob", "eve")

FIRED: Counter[tuple[str, str]] = Counter()
"""What happened in this run, by kind and name."""

TROUBLES: dict[str, tuple[tuple[str, tuple[Callable[[], None], ...]], ...]] = {
    "crash at write.before": (("write.before", (crash,)),),
    "crash at write.after": (("write.after", (crash,)),),
    "request lost": (("write.before", (lose,)),),
    "answer lost": (("write.after", (lose,)),),
    "every answer lost": (("write.after", (lose,) * 5),),
    "every request lost": (("write.before", (lose,) * 5),),
    "store away": (("write.before", (be_away,)),),
}
"""What may happen to the commit of a command, by name: failpoints with what they do when they are passed."""

MEANWHILES = ("price", "stock", "delete", "cart", "clear", "order", "pay", "cancel")
"""What another process may do between a command's decision and its commit."""


@dataclass(frozen=True)
class Situation:
    """In which process a command runs, what befalls its commit, and whether it carries an Idempotency-Key."""

    process: int
    trouble: str
    meanwhile: str
    keyed: bool


SITUATIONS = st.builds(
    Situation,
    st.integers(0, 1),
    st.sampled_from(["", "", "", *TROUBLES]),
    st.sampled_from(["", "", "", *MEANWHILES]),
    st.booleans(),
)
PLAINLY = [Situation(process, "", "", keyed=False) for process in range(2)]
PICKS = st.integers(0, 11)
PRICES = st.sampled_from([100, 200, 300])
IMPOSSIBLE = ({"name": ""}, {"price": 0}, {"stock": -1}, {"description": "x" * 5_001})
WHO = st.sampled_from(SHOPPERS)


def counted(fires: Any) -> Any:  # noqa: ANN401 - a rule's body, whatever it takes
    """Count how often a rule ran to its end."""

    def fire(self: "ShopMachine", **drawn: object) -> None:
        fires(self, **drawn)
        FIRED["rule", fires.__name__] += 1

    fire.__name__ = fires.__name__
    return fire


class ShopMachine(RuleBasedStateMachine):
    """The real shop and the model side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ShopModel()
        self.orders: list[str] = []
        self.keyed: list[tuple[Command, Once, str]] = []
        self.first_answers: dict[str, Answer[Any]] = {}
        self.names = 0
        self.looked_at: dict[str, int] = {}

    @initialize(seed=st.integers(0, 2**16), crowded=st.integers(0, 4))
    def open(self, seed: int, crowded: int) -> None:
        self.shop = ShopUnderTest(seed)
        for number, who in enumerate(SHOPPERS[:2]):
            product = self.new_product(price=100, stock=4)
            self.run(PLAINLY[number], product)
            self.run(PLAINLY[number], self.addition(who, product.arguments["product_id"], 1))
            self.run(PLAINLY[number], self.new_order(who))
        if crowded == 1:
            self.fill_a_cart()

    def fill_a_cart(self) -> None:
        for number in range(32):
            product = self.new_product(price=100, stock=1)
            self.run(PLAINLY[number % 2], product)
            self.run(PLAINLY[number % 2], self.addition(SHOPPERS[2], product.arguments["product_id"], 1))

    # What there is to choose from.

    def new_name(self, kind: str) -> str:
        self.names += 1
        return f"{kind}-{self.names}"

    def new_product(self, price: int, stock: int) -> Command:
        product_id = self.new_name("p")
        arguments = {
            "product_id": product_id,
            "name": f"Tea {product_id}",
            "description": "",
            "price": price,
            "stock": stock,
        }
        return Command("create_product", arguments)

    def product(self, pick: int) -> str:
        """Choose among a few that are sold and one that is not, so that commands meet."""
        on_sale = [product_id for product_id, product in self.model.products.items() if not product["deleted"]]
        known = on_sale[:4] + [product_id for product_id in self.model.products if product_id not in on_sale][-1:]
        return "never-created" if pick == 11 else known[pick % len(known)]

    def order(self, pick: int) -> str:
        known = self.orders[-4:]
        return "never-placed" if pick == 11 or not known else known[pick % len(known)]

    def shopper(self, who: str, pick: int) -> str:
        """Mostly choose one with something in the cart."""
        filled = [each for each, lines in self.model.carts.items() if lines]
        return filled[pick % len(filled)] if filled and pick < 10 else who

    # The catalogue.

    @rule(at=SITUATIONS, price=PRICES, stock=st.integers(0, 4), bad=st.sampled_from([{}, {}, {}, *IMPOSSIBLE]))
    @counted
    def create_a_product(self, at: Situation, price: int, stock: int, bad: Json) -> None:
        command = self.new_product(price, stock)
        self.run(at, Command(command.name, command.arguments | bad))

    @rule(at=SITUATIONS, pick=PICKS, price=PRICES)
    @counted
    def change_a_price(self, at: Situation, pick: int, price: int) -> None:
        self.run(at, self.price_change(self.product(pick), price))

    def price_change(self, product_id: str, price: int) -> Command:
        name = f"Tea {product_id}"
        return Command("update_product", {"product_id": product_id, "name": name, "description": "", "price": price})

    @rule(at=SITUATIONS, pick=PICKS, image_url=st.sampled_from(["/a.png", "https://b", "ftp://c"]))
    @counted
    def change_an_image(self, at: Situation, pick: int, image_url: str) -> None:
        self.run(at, Command("change_product_image", {"product_id": self.product(pick), "image_url": image_url}))

    @precondition(lambda self: len(self.model.products) > 2)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def delete_a_product(self, at: Situation, pick: int) -> None:
        self.run(at, Command("delete_product", {"product_id": self.product(pick)}))

    @rule(at=SITUATIONS, pick=PICKS, quantity=st.sampled_from([1, 2, 5, 5, 0, 999_999]))
    @counted
    def add_stock(self, at: Situation, pick: int, quantity: int) -> None:
        self.run(at, Command("add_stock", {"product_id": self.product(pick), "quantity": quantity}))

    # Carts.

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, quantity=st.sampled_from([1, 1, 1, 2, 2, 3, 0, 10_000]))
    @counted
    def add_to_a_cart(self, at: Situation, who: str, pick: int, quantity: int) -> None:
        self.run(at, self.addition(who, self.product(pick), quantity))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, quantity=st.sampled_from([1, 2, 10_000]))
    @counted
    def add_the_same_again(self, at: Situation, who: str, pick: int, quantity: int) -> None:
        product_id = self.product(pick)
        self.run(PLAINLY[1 - at.process], self.addition(who, product_id, 1))
        self.run(at, self.addition(who, product_id, quantity))

    def addition(self, who: str, product_id: str, quantity: int) -> Command:
        return Command("add_to_cart", {"user_id": who, "product_id": product_id, "quantity": quantity})

    @rule(at=SITUATIONS, who=WHO, pick=PICKS)
    @counted
    def remove_from_a_cart(self, at: Situation, who: str, pick: int) -> None:
        who = self.shopper(who, pick)
        lines = list(self.model.carts.get(who, {})) or ["nothing"]
        self.run(at, Command("remove_from_cart", {"user_id": who, "product_id": lines[pick % len(lines)]}))

    @rule(at=SITUATIONS, who=WHO)
    @counted
    def clear_a_cart(self, at: Situation, who: str) -> None:
        self.run(at, Command("clear_cart", {"user_id": who}))

    # Orders.

    @rule(at=SITUATIONS, who=WHO, pick=PICKS)
    @counted
    def place_an_order(self, at: Situation, who: str, pick: int) -> None:
        self.run(at, self.new_order(self.shopper(who, pick)))

    @rule(at=SITUATIONS, who=WHO, picks=st.lists(PICKS, min_size=1, max_size=3), quantity=st.integers(1, 2))
    @counted
    def buy_at_once(self, at: Situation, who: str, picks: list[int], quantity: int) -> None:
        """A cart is seldom good for an order by chance alone."""
        self.run(PLAINLY[at.process], Command("clear_cart", {"user_id": who}))
        for pick in picks:
            self.run(PLAINLY[at.process], self.addition(who, self.product(pick), quantity))
        self.run(at, self.new_order(who))

    @rule(at=SITUATIONS, who=WHO, pick=PICKS, price=PRICES)
    @counted
    def buy_one_whose_price_moves(self, at: Situation, who: str, pick: int, price: int) -> None:
        """The other process changes it between the cart and the order, and half of the time this one does not know yet."""
        product_id = self.product(pick)
        self.run(PLAINLY[at.process], self.addition(who, product_id, 1))
        self.run(PLAINLY[1 - at.process], self.price_change(product_id, price))
        self.run(at, self.new_order(who))

    def new_order(self, who: str) -> Command:
        return Command("place_order", {"order_id": self.new_name("o"), "user_id": who})

    @rule(at=SITUATIONS, who=WHO | st.none(), pick=PICKS)
    @counted
    def pay_an_order(self, at: Situation, who: str | None, pick: int) -> None:
        self.run(at, Command("pay_order", {"order_id": self.order(pick), "user_id": who}))

    @precondition(lambda self: self.orders)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def serve_an_order(self, at: Situation, pick: int) -> None:
        """Take the money for it and send it, as the shopkeeper does."""
        order_id = self.orders[pick % len(self.orders)]
        self.run(PLAINLY[1 - at.process], Command("pay_order", {"order_id": order_id, "user_id": None}))
        self.run(at, Command("ship_order", {"order_id": order_id}))

    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def ship_an_order(self, at: Situation, pick: int) -> None:
        self.run(at, Command("ship_order", {"order_id": self.order(pick)}))

    @rule(at=SITUATIONS, who=WHO | st.none(), pick=PICKS, reason=st.sampled_from(["", "too late", "x" * 501]))
    @counted
    def cancel_an_order(self, at: Situation, who: str | None, pick: int, reason: str) -> None:
        self.run(at, Command("cancel_order", {"order_id": self.order(pick), "user_id": who, "reason": reason}))

    # Idempotency-Keys.

    @precondition(lambda self: self.keyed)
    @rule(at=SITUATIONS, pick=PICKS)
    @counted
    def repeat_a_request(self, at: Situation, pick: int) -> None:
        """As a client does that had no answer, or a user who clicked twice: ids that the shop makes are others this time."""
        command, once, actor = self.keyed[-1 - pick % min(len(self.keyed), 4)]
        arguments = dict(command.arguments)
        for name, kind in (("create_product", "p"), ("place_order", "o")):
            if command.name == name:
                arguments["product_id" if kind == "p" else "order_id"] = self.new_name(kind)
        self.run(at, Command(command.name, arguments), once, actor)

    @precondition(lambda self: self.keyed)
    @rule(at=SITUATIONS, pick=PICKS, who=WHO)
    @counted
    def use_a_key_for_another_request(self, at: Situation, pick: int, who: str) -> None:
        _, once, actor = self.keyed[pick % len(self.keyed)]
        self.run(at, self.new_order(who), Once(once.key, "another request"), actor)

    # Time, processes, delivery.

    @rule(pick=PICKS)
    @counted
    def have_tomorrows_code_write(self, pick: int) -> None:
        streams = list(self.shop.heads())
        self.shop.bless(streams[pick % len(streams)])

    @rule(seconds=st.sampled_from([1, 2, 6, 25 * 3600]))
    @counted
    def let_time_pass(self, seconds: int) -> None:
        self.shop.pass_time(seconds)

    @rule(process=st.integers(0, 1))
    @counted
    def restart_a_process(self, process: int) -> None:
        self.shop.restart(process)

    @rule(steps=st.integers(1, 20))
    @counted
    def project(self, steps: int) -> None:
        for _ in range(steps):
            self.shop.projector.step()

    @rule(failpoint=st.sampled_from(["consumer.before_effect", "consumer.before_checkpoint"]))
    @counted
    def crash_the_projector(self, failpoint: str) -> None:
        self.shop.arm(failpoint, crash)
        try:
            self.shop.projector.step()
        except Crash:
            FIRED["crash", failpoint] += 1
            self.shop.restart_projector()
        self.shop.disarm()

    @precondition(lambda self: not self.shop.caught_up())
    @rule(pick=PICKS)
    @counted
    def break_the_fold(self, pick: int) -> None:
        """Have a bug in the fold of a stream that is not up to date."""
        streams = sorted(self.shop.behind())
        self.shop.fold.broken = {streams[pick % len(streams)]}
        for _ in range(5):
            self.shop.projector.step()

    @precondition(lambda self: self.shop.projections.parked_streams())
    @rule()
    @counted
    def mend_the_fold_and_redrive(self) -> None:
        self.shop.fold.broken.clear()
        for parked in self.shop.projections.parked_streams():
            FIRED["delivery", "redriven"] += 1
            assert self.shop.consumer.redrive(parked.stream) is None

    # One command, on both sides.

    def run(self, at: Situation, command: Command, once: Once | None = None, actor: str = "") -> None:
        """Run a command on the real shop and hold its outcome to what the model says."""
        actor = actor or str(command.arguments.get("user_id") or "admin")
        if at.keyed and once is None:
            once = Once(self.new_name("key"), repr((command.name, command.arguments)))
            self.keyed.append((command, once, actor))
        written, by_others = self.shop.written(), Counter[str]()
        self.arm(at, command, by_others)
        outcome = self.outcome(at, command, once, actor)
        self.shop.disarm()
        if isinstance(outcome, Crash):
            self.shop.restart(at.process)
        changed = self.shop.written() - written - by_others["events"]
        self.hold(command, once, outcome, changed)

    def arm(self, at: Situation, command: Command, by_others: Counter[str]) -> None:
        """Prepare what befalls the commit."""
        for failpoint, what in TROUBLES.get(at.trouble, ()):
            self.shop.arm(failpoint, *what)
        if at.meanwhile and "write.before" not in self.shop.failpoints.armed:
            self.shop.arm("write.before", partial(self.meanwhile, at, command, by_others))

    def outcome(self, at: Situation, command: Command, once: Once | None, actor: str) -> Answer[Any] | BaseException:
        """Let a process run the command; give its answer, or what ended it instead."""
        real = REAL["".join(word.title() for word in command.name.split("_"))](**command.arguments)
        context = Context(actor=actor, once=RealOnce(once.key, once.request) if once else None)
        try:
            answer = self.shop.processes[at.process].run(real, context)
        except (DomainError, OutcomeUnknown, StoreUnavailable, Crash) as error:
            FIRED["outcome", error.code if isinstance(error, DomainError) else type(error).__name__] += 1
            if isinstance(error, Crash):
                FIRED["crash", self.shop.failpoints.passed[-1]] += 1
            return error
        FIRED["done", command.name] += 1
        if at.trouble:
            FIRED["done in spite of", at.trouble] += 1
        return answer

    def meanwhile(self, at: Situation, outer: Command, by_others: Counter[str]) -> None:
        """Run another process's command in the middle of this one's commit."""
        after_write = self.shop.failpoints.armed.pop("write.after", [])
        written = self.shop.written()
        asked, model = outer.arguments, self.model
        who = asked.get("user_id") or SHOPPERS[0]
        product = asked.get("product_id") or next(iter(model.carts.get(who, {})), None) or self.product(0)
        order = asked.get("order_id") if asked.get("order_id") in model.orders else self.order(0)
        commands = {
            "price": self.price_change(product, 200 if model.products.get(product, {}).get("price") == 100 else 100),
            "stock": Command("add_stock", {"product_id": product, "quantity": 1}),
            "delete": Command("delete_product", {"product_id": product}),
            "cart": self.addition(who, product, 1),
            "clear": Command("clear_cart", {"user_id": who}),
            "order": self.new_order(SHOPPERS[1] if who == SHOPPERS[0] else who),
            "pay": Command("pay_order", {"order_id": order, "user_id": None}),
            "cancel": Command("cancel_order", {"order_id": order, "user_id": None, "reason": ""}),
        }
        self.run(Situation(1 - at.process, "", "", keyed=False), commands[at.meanwhile])
        FIRED["meanwhile", at.meanwhile] += 1
        by_others["events"] += self.shop.written() - written
        if after_write:
            self.shop.arm("write.after", *after_write)

    def hold(self, command: Command, once: Once | None, outcome: Answer[Any] | BaseException, changed: int) -> None:
        """Hold the outcome to what the model says, and have the model follow."""
        now = self.shop.now
        expected = self.model.expects(command, now, once)
        if isinstance(outcome, DomainError):
            allowed = [refusal.facts for refusal in expected.refusals if refusal.code == outcome.code]
            assert any(facts.items() <= outcome.details.items() for facts in allowed), (
                outcome,
                outcome.details,
                expected,
            )
            assert not changed
        elif isinstance(outcome, Answer):
            if expected.first is not None:
                assert not changed
                self.hold_answer(outcome, expected.first)
                if once and once.key in self.first_answers:
                    assert outcome == self.first_answers[once.key]
                FIRED["outcome", "first answer again"] += 1
                return
            assert expected.either or not expected.refusals, expected
            quoted = next(
                (item.price for item in self.lines(outcome) if item.product_id == command.arguments.get("product_id")),
                0,
            )
            self.done(command, once, quoted)
            self.hold_answer(outcome, self.answer)
            heads = self.shop.heads()
            assert all(heads.get(position.stream, 0) == position.version for position in outcome.positions)
            if once:
                self.first_answers[once.key] = outcome
        elif changed or (isinstance(outcome, Crash) and self.shop.failpoints.passed[-1] == "write.after"):
            # No answer, but it was written, so it is done; which price was quoted, only the store can tell.
            assert isinstance(outcome, Crash)
            assert expected.first is None
            assert expected.either or not expected.refusals, expected
            line = self.stored_cart(command).lines.get(command.arguments.get("product_id", ""))
            self.done(command, once, line.price if line else 0)

    def done(self, command: Command, once: Once | None, quoted: int) -> None:
        self.answer = self.model.do(command, self.shop.now, once, quoted)
        if once:
            self.first_answers.pop(once.key, None)
        if command.name == "place_order":
            self.orders.append(command.arguments["order_id"])

    def stored_cart(self, command: Command) -> Cart:
        stream = f"cart-{command.arguments.get('user_id')}"
        state = self.shop.folded(stream) if stream in self.shop.heads() else Cart()
        assert isinstance(state, Cart)
        return state

    @staticmethod
    def lines(answer: Answer[Any]) -> tuple[Any, ...]:
        return answer.result.items if isinstance(answer.result, CartView) else ()

    @staticmethod
    def hold_answer(answer: Answer[Any], expected: Json) -> None:
        """Compare an answer with the model's; what a cart shows for display only is left out."""
        if isinstance(answer.result, Message):
            assert answer.result.message
            if "available" in expected:
                assert f" {expected['available']:,} are available" in answer.result.message
            return
        shown = asdict(answer.result)
        if isinstance(answer.result, CartView):
            facts = ("product_id", "quantity", "price")
            shown["items"] = tuple({name: item[name] for name in facts} for item in shown["items"])
        assert shown == expected

    # What must hold after every step, and at the end.

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        for stream, version in self.shop.heads().items():
            if self.looked_at.get(stream) != version:
                self.looked_at[stream] = version
                self.hold_state(stream, self.shop.folded(stream))

    def hold_state(self, stream: str, state: Aggregate) -> None:
        model = self.model
        if isinstance(state, Product):
            product = model.products[stream]
            for name in ("name", "description", "price", "image_url", "deleted", "created_at", "updated_at"):
                assert getattr(state, name) == product[name]
        elif isinstance(state, Inventory):
            assert 0 <= state.reserved <= state.total, "oversold"
            assert {"total": state.total, "reserved": state.reserved} == model.stock[state.product_id]
        elif isinstance(state, Cart):
            lines = {line.product_id: {"quantity": line.quantity, "price": line.price} for line in state.lines.values()}
            assert list(lines.items()) == list(model.carts.get(stream.removeprefix("cart-"), {}).items())
        else:
            assert isinstance(state, Order)
            order = model.orders[stream]
            assert [asdict(item) for item in state.items] == order["items"]
            assert state.total == sum(item.quantity * item.price for item in state.items) == order["total"]
            assert (state.user_id, state.status, state.updated_at) == (
                order["user_id"],
                order["status"],
                order["updated_at"],
            )

    def look_at_the_read_side(self) -> None:
        """Have everything delivered; then every row is the fold of its events, and what is shown is what the model shows."""
        self.shop.drain()
        for stream in self.shop.heads():
            row = self.shop.projections.row(stream)
            assert row is not None
            assert row.state == self.shop.folded(stream)
        queries, model = self.shop.queries, self.model
        assert [asdict(view) for view in queries.products(ALL)] == model.shown_products()
        assert [asdict(view) for view in queries.inventory(ALL)] == model.shown_inventory()
        assert [asdict(view) for view in queries.orders(ALL)] == model.shown_orders()
        for who in SHOPPERS:
            assert asdict(queries.cart(who)) == model.shown_cart(who)
            assert [asdict(view) for view in queries.orders(ALL, who)] == model.shown_orders(who)
        for what, times in self.shop.consumer.counts.items():
            FIRED["delivery", what] += times
        self.shop.consumer.counts.clear()

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            self.look_at_the_read_side()
            self.nothing_was_oversold()

    def nothing_was_oversold(self) -> None:
        """Count what was sold of each product in its orders against what ever came in."""
        sold: Counter[str] = Counter()
        for stream in self.shop.heads():
            state = self.shop.folded(stream)
            if isinstance(state, Order) and state.status != "cancelled":
                sold.update({item.product_id: item.quantity for item in state.items})
        for product_id, quantity in sold.items():
            stream = inventory_stream(product_id)
            events = [CODEC.decode_event(event) for event in self.shop.store.read(stream)]
            assert quantity <= sum(event.quantity for event in events if isinstance(event, StockAdded))


OUTCOMES = CODES | {"Crash", "OutcomeUnknown", "StoreUnavailable", "first answer again"}
DELIVERY = {"applied", "duplicate", "healed", "parked", "redriven"}


def what_must_fire() -> set[tuple[str, str]]:
    """Name everything that a run proves nothing without."""
    rules = {name for name, member in vars(ShopMachine).items() if hasattr(member, "hypothesis_stateful_rule")}
    kinds = {
        "rule": rules,
        "done": {"_".join(re.findall("[A-Z][a-z]+", name)).lower() for name in REAL},
        "crash": FAILPOINTS,
        "outcome": OUTCOMES,
        "done in spite of": {trouble for trouble in TROUBLES if "crash" not in trouble},
        "meanwhile": MEANWHILES,
        "delivery": DELIVERY,
    }
    return {(kind, name) for kind, names in kinds.items() for name in names}


def test_the_shop_does_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Aggregate, "snapshot_every", 2)
    FIRED.clear()

    run_state_machine_as_test(
        ShopMachine,
        settings=settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # the same run each time, so that what must fire does
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    FIRED["the run", "completed"] += 1


def test_every_rule_failpoint_and_refusal_fired_in_that_run(capsys: pytest.CaptureFixture[str]) -> None:
    if not FIRED["the run", "completed"]:
        pytest.skip("it was not run to its end")
    with capsys.disabled():
        print("\n\nfired in the stateful run:")
        for kind in sorted({kind for kind, _ in FIRED}):
            names = (f"{name} {times}" for (each, name), times in sorted(FIRED.items()) if each == kind)
            print(f"  {kind}: {', '.join(names)}")

    assert what_must_fire() - set(FIRED) == set()
