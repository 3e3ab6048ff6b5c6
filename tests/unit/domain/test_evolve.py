"""Folding accepts any history: what is stored has happened, whatever today's rules say."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain import AGGREGATES
from core.domain.aggregate import Aggregate
from core.domain.cart import Cart, ItemAddedToCart
from tests.unit.domain.given import AT, folded
from tests.unit.examples import EVENT_TYPES, any_event, few

kinds = st.sampled_from(AGGREGATES)
histories = st.lists(any_event, max_size=8)


@few
@given(kinds, histories)
def test_evolve_never_raises_on_any_sequence_of_known_events_of_any_aggregate(
    kind: type[Aggregate], history: list[object]
) -> None:
    folded(kind(), *history)


@few
@given(kinds, histories)
def test_events_of_other_aggregates_change_nothing(kind: type[Aggregate], history: list[object]) -> None:
    own = [event for event in history if type(event) in kind.event_types()]

    assert folded(kind(), *history) == folded(kind(), *own)


@few
@given(kinds, histories, histories)
def test_a_copy_never_shares_what_it_changes(kind: type[Aggregate], before: list[object], after: list[object]) -> None:
    state = folded(kind(), *before)

    copy = state.copy()
    assert copy == state
    folded(copy, *after)

    assert state == folded(kind(), *before)
    assert copy == folded(kind(), *before, *after)


def test_a_copy_of_a_cart_has_its_own_lines() -> None:
    cart = folded(Cart(), ItemAddedToCart("cart-mai", "mai", "tea", 1, 500, AT))

    folded(
        cart.copy(),
        ItemAddedToCart("cart-mai", "mai", "tea", 1, 500, AT),
        ItemAddedToCart("cart-mai", "mai", "cup", 1, 500, AT),
    )

    assert cart.lines["tea"].quantity == 1
    assert list(cart.lines) == ["tea"]


def test_an_object_that_is_no_event_changes_nothing() -> None:
    for kind in AGGREGATES:
        assert folded(kind(), None, "StockAdded", {}) == kind()


def test_every_event_belongs_to_one_aggregate() -> None:
    assert len(EVENT_TYPES) == len(set(EVENT_TYPES)) == 17
