"""What may befall a command, and what happened in this run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.integration.shop_processes import be_away, crash, lose

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
IMPOSSIBLE = ({"name": ""}, {"name": " \u3000"}, {"price": 0}, {"stock": -1}, {"description": "x" * 5_001})
WHO = st.sampled_from(SHOPPERS)


def counted(fires: Any) -> Any:  # noqa: ANN401 - a rule's body, whatever it takes
    """Count how often a rule ran to its end."""

    def fire(self: RuleBasedStateMachine, **drawn: object) -> None:
        fires(self, **drawn)
        FIRED["rule", fires.__name__] += 1

    fire.__name__ = fires.__name__
    return fire
