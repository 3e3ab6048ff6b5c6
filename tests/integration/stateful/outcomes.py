"""One command, on both sides: the real shop runs it, and its outcome is held to what the model says."""

from collections import Counter
from functools import partial
from typing import Any

from core.application.commands import HANDLERS
from core.application.executor import Answer, Context
from core.application.idempotency import Once as RealOnce
from core.domain.cart import Cart
from core.domain.errors import DomainError
from core.ports.event_store import OutcomeUnknown, StoreUnavailable
from core.ports.views import CartView
from tests.integration.shop_troubles import Crash
from tests.integration.stateful.choices import Choices
from tests.integration.stateful.comparison import hold_answer
from tests.integration.stateful.situations import ADDRESSES, AFTER_THE_WRITE, FIRED, SHOPPERS, TROUBLES, Situation
from tests.unit.shop_model import Command, Once

REAL = {kind.__name__: kind for kind in HANDLERS}


class Outcomes(Choices):
    """Runs a command on both sides."""

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
        if at.meanwhile and at.trouble in AFTER_THE_WRITE:
            self.shop.arm("write.before", partial(self.meanwhile, at, command, by_others))
        elif at.trouble:
            TROUBLES[at.trouble](self.shop)

    def outcome(self, at: Situation, command: Command, once: Once | None, actor: str) -> Answer[Any] | BaseException:
        """Let a process run the command; give its answer, or what ended it instead."""
        real = REAL["".join(word.title() for word in command.name.split("_"))](**command.arguments)
        email = ADDRESSES.get(str(command.arguments.get("user_id")), "")
        context = Context(actor=actor, once=RealOnce(once.key, once.request) if once else None, email=email)
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
        if at.trouble:
            TROUBLES[at.trouble](self.shop)

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
                hold_answer(outcome, expected.first)
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
            hold_answer(outcome, self.answer)
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
