"""A command that is meant for one version of a product is decided on that version or not at all."""

from collections.abc import Callable

import pytest

from core.application.idempotency import Once
from core.application.products import AddStock, ChangeProductImage, DeleteProduct, UpdateProduct
from core.application.work import PreconditionFailed
from core.domain.product import ProductNotFound
from tests.unit.application.shop import Shop

Expecting = Callable[[frozenset[int] | None], object]

COMMANDS = pytest.mark.parametrize(
    "expecting",
    [
        lambda versions: UpdateProduct("tea", "Sencha", "", 600, versions),
        lambda versions: ChangeProductImage("tea", "/tea.png", versions),
        lambda versions: DeleteProduct("tea", versions),
    ],
    ids=["update", "image", "delete"],
)
KEPT = pytest.mark.parametrize("kept", [0, 100])
ONCE = Once("PUT /products/tea admin 1", "sha-256 of the request")


def at_version_2(kept: int = 0) -> Shop:
    """Give a shop whose tea was updated once."""
    shop = Shop(kept)
    shop.stock("tea")
    shop.run(UpdateProduct("tea", "Tea", "From Uji.", 500))
    return shop


@COMMANDS
@KEPT
def test_a_command_for_the_version_that_there_is_is_done(expecting: Expecting, kept: int) -> None:
    for versions in (None, frozenset({2}), frozenset({1, 2, 7})):
        shop = at_version_2(kept)
        shop.run(expecting(versions))
        assert len(shop.written("tea")) == 3


@COMMANDS
@KEPT
def test_a_command_for_another_version_is_refused_and_told_where_the_product_is(
    expecting: Expecting, kept: int
) -> None:
    for versions in (frozenset({1}), frozenset({3}), frozenset[int]()):
        shop = at_version_2(kept)
        with pytest.raises(PreconditionFailed, match="version 2") as refused:
            shop.run(expecting(versions))
        assert refused.value.details == {"version": 2}
        assert len(shop.written("tea")) == 2


@COMMANDS
@KEPT
def test_a_race_that_is_lost_is_judged_again_on_the_version_it_was_lost_to(expecting: Expecting, kept: int) -> None:
    shop = at_version_2(kept)
    shop.meanwhile(UpdateProduct("tea", "Tea", "From Kyoto.", 500))

    with pytest.raises(PreconditionFailed, match="version 3"):
        shop.run(expecting(frozenset({2})))

    assert shop.written("tea") == ["ProductCreated", "ProductUpdated", "ProductUpdated"]


def test_a_kept_state_that_another_process_has_passed_is_not_believed() -> None:
    shop = at_version_2(kept=100)
    shop.another().run(UpdateProduct("tea", "Tea", "From Kyoto.", 500))

    with pytest.raises(PreconditionFailed, match="version 3"):
        shop.run(DeleteProduct("tea", frozenset({2})))
    shop.run(DeleteProduct("tea", frozenset({3})))

    assert shop.written("tea")[-1] == "ProductDeleted"


def test_a_change_that_says_nothing_new_is_refused_too_when_it_was_meant_for_another_version() -> None:
    shop = at_version_2()

    with pytest.raises(PreconditionFailed):
        shop.run(UpdateProduct("tea", "Tea", "From Uji.", 500, frozenset({1})))


def test_stock_that_moves_does_not_stand_in_the_way() -> None:
    shop = at_version_2()
    shop.run(AddStock("tea", 5))

    shop.run(UpdateProduct("tea", "Sencha", "", 600, frozenset({2})))

    assert len(shop.written("tea")) == 3


def test_a_product_that_is_not_there_is_not_found_whatever_was_expected() -> None:
    shop = at_version_2()
    shop.run(DeleteProduct("tea"))

    for versions in (None, frozenset({2}), frozenset({3})):
        with pytest.raises(ProductNotFound):
            shop.run(UpdateProduct("tea", "Sencha", "", 600, versions))


@COMMANDS
@KEPT
def test_the_repeat_of_a_command_that_was_done_has_its_first_answer(expecting: Expecting, kept: int) -> None:
    shop = at_version_2(kept)

    first = shop.run(expecting(frozenset({2})), ONCE)

    assert shop.run(expecting(frozenset({2})), ONCE) == first
    assert shop.another(kept).run(expecting(frozenset({2})), ONCE) == first
    assert len(shop.written("tea")) == 3
