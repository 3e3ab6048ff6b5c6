"""What may befall a command, and what happened in this run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.integration.shop_processes import ShopUnderTest
from tests.integration.shop_troubles import be_away, crash

SHOPPERS = ("ann", "bob", "eve")

ADDRESSES = {"ann": "ann@shop.example", "bob": "bob@shop.example"}
"""Where a shopper hears of orders; one of them does not want to."""

FIRED: Counter[tuple[str, str]] = Counter()
"""What happened in this run, by kind and name."""

EVERY = 10
"""More than any store tries."""

TROUBLES: dict[str, Callable[[ShopUnderTest], None]] = {
    "crash at write.before": lambda shop: shop.arm("write.before", crash),
    "crash at write.after": lambda shop: shop.arm("write.after", crash),
    "request lost": lambda shop: shop.adapters.lose_requests(1),
    "answer lost": lambda shop: shop.adapters.lose_answers(1),
    "every answer lost": lambda shop: shop.adapters.lose_answers(EVERY),
    "every request lost": lambda shop: shop.adapters.lose_requests(EVERY),
    "store away": lambda shop: shop.arm("write.before", be_away),
}
"""What may happen to the commit of a command, by name."""

AFTER_THE_WRITE = {"", "crash at write.after", "answer lost", "every answer lost"}
"""The troubles that leave room for another process's command before the write."""

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
IMPOSSIBLE = ({"name": ""}, {"name": " \u3000"}, {"price": 0}, {"stock": -1}, {"description": "x" * 5_001})
WHO = st.sampled_from(SHOPPERS)


def counted(fires: Any) -> Any:  # noqa: ANN401 - a rule's body, whatever it takes
    """Count how often a rule ran to its end."""

    def fire(self: RuleBasedStateMachine, **drawn: object) -> None:
        fires(self, **drawn)
        FIRED["rule", fires.__name__] += 1

    fire.__name__ = fires.__name__
    return fire
