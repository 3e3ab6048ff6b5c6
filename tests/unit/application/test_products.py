"""Commands on the catalogue and its stock."""

import pytest

from core.application.products import AddStock, ChangeProductImage, CreateProduct, DeleteProduct, UpdateProduct
from core.domain.errors import DomainError, Invalid
from core.domain.inventory import Inventory, StockTooLarge
from core.domain.product import Product, ProductNotFound
from core.ports.commit import Position
from core.ports.views import Message, ProductView
from tests.unit.application.shop import BEGIN, Shop

TEA = CreateProduct("tea", "Green tea", "From Uji.", 500, 20)


def test_a_product_and_its_stock_are_created_in_one_commit(shop: Shop) -> None:
    answer = shop.run(TEA)

    assert shop.commits() == [[("tea", "ProductCreated"), ("inventory-tea", "StockAdded")]]
    time = "2026-01-02T03:04:05.678901Z"
    assert answer.result == ProductView("tea", "Green tea", "From Uji.", 500, 20, "", (), time, time)
    assert answer.positions == (Position("tea", 1), Position("inventory-tea", 1))
    assert shop.repository.load(Inventory, "inventory-tea").state.available == 20


def test_a_product_created_sold_out_is_one_commit_without_stock_added(shop: Shop) -> None:
    answer = shop.run(CreateProduct("tea", "Green tea", "", 500, 0))

    assert shop.commits() == [[("tea", "ProductCreated")]]
    assert (answer.result.stock, answer.positions) == (0, (Position("tea", 1),))


def test_creating_a_product_reads_nothing(shop: Shop) -> None:
    assert [call for call in shop.calls_of(TEA) if call != "incarnation"] == ["commit"]


def test_a_product_is_updated(shop: Shop) -> None:
    shop.run(TEA)

    answer = shop.run(UpdateProduct("tea", "Sencha", "From Uji.", 600))

    assert shop.written("tea") == ["ProductCreated", "ProductUpdated"]
    assert isinstance(answer.result, Message)
    assert answer.positions == (Position("tea", 2),)
    assert shop.repository.load(Product, "tea").state.name == "Sencha"


def test_an_update_that_changes_nothing_writes_nothing_and_answers_with_the_version_it_saw(shop: Shop) -> None:
    shop.run(TEA)

    answer = shop.run(UpdateProduct("tea", "Green tea", "From Uji.", 500))

    assert shop.written("tea") == ["ProductCreated"]
    assert answer.positions == (Position("tea", 1),)


def test_the_image_of_a_product_is_changed_once(shop: Shop) -> None:
    shop.run(TEA)

    shop.run(ChangeProductImage("tea", "/static/tea.png"))
    shop.run(ChangeProductImage("tea", "/static/tea.png"))

    assert shop.written("tea") == ["ProductCreated", "ProductImageUpdated"]


def test_stock_is_added_and_the_answer_says_what_is_available(shop: Shop) -> None:
    shop.run(TEA)

    answer = shop.run(AddStock("tea", 5_000))

    assert shop.written("inventory-tea") == ["StockAdded", "StockAdded"]
    assert "5,000" in answer.result.message
    assert "5,020" in answer.result.message
    assert shop.event("inventory-tea", 2).added_at == BEGIN  # type: ignore[attr-defined]


def test_the_answer_counts_as_people_do(shop: Shop) -> None:
    shop.run(CreateProduct("tea", "Green tea", "", 500, 0))

    messages = [shop.run(AddStock("tea", quantity)).result.message for quantity in (1, 2, 1)]

    assert messages == [
        "1 unit is added; 1 is available.",
        "2 units are added; 3 are available.",
        "1 unit is added; 4 are available.",
    ]


def test_stock_beyond_a_million_is_refused(shop: Shop) -> None:
    shop.run(TEA)

    with pytest.raises(StockTooLarge):
        shop.run(AddStock("tea", 999_981))

    shop.run(AddStock("tea", 999_980))


def test_stock_cannot_be_added_to_a_product_that_is_deleted_in_the_same_moment(shop: Shop) -> None:
    shop.run(TEA)
    shop.meanwhile(DeleteProduct("tea"))

    with pytest.raises(ProductNotFound):
        shop.run(AddStock("tea", 5))

    assert shop.written("inventory-tea") == ["StockAdded"]


@pytest.mark.parametrize(
    "command",
    [
        UpdateProduct("tea", "Tea", "", 500),
        ChangeProductImage("tea", "/static/tea.png"),
        DeleteProduct("tea"),
        AddStock("tea", 5),
    ],
)
def test_what_is_not_in_the_catalogue_cannot_be_changed(shop: Shop, command: object) -> None:
    with pytest.raises(ProductNotFound):
        shop.run(command)
    shop.run(TEA)
    shop.run(DeleteProduct("tea"))
    with pytest.raises(ProductNotFound):
        shop.run(command)

    assert shop.written("tea") == ["ProductCreated", "ProductDeleted"]


@pytest.mark.parametrize(
    "command",
    [
        CreateProduct("cup", "", "", 500, 0),
        CreateProduct("cup", "Cup", "", 0, 0),
        CreateProduct("cup", "Cup", "", 500, 1_000_001),
        UpdateProduct("tea", "Tea", "", 100_000_001),
        ChangeProductImage("tea", "javascript:alert(1)"),
        AddStock("tea", 0),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_nothing_is_written(shop: Shop, command: object) -> None:
    shop.run(TEA)
    before = shop.commits()

    with pytest.raises(Invalid):
        shop.run(command)

    assert shop.commits() == before


def test_every_refusal_is_a_sentence_with_a_code(shop: Shop) -> None:
    with pytest.raises(DomainError) as refused:
        shop.run(DeleteProduct("tea"))

    assert str(refused.value) == "There is no product tea."
    assert refused.value.code == "product_not_found"
