"""What a product of the catalogue may be, and what changes it."""

from functools import partial

import pytest

from core.domain.errors import Invalid
from core.domain.product import (
    Product,
    ProductCategoryAssigned,
    ProductCategoryRemoved,
    ProductCreated,
    ProductDeleted,
    ProductImageUpdated,
    ProductNotFound,
    ProductUpdated,
)
from tests.unit.domain.given import AT, LATER, folded, given

CREATED = ProductCreated("tea", "Green tea", "From Uji.", 500, 20, AT)


def create(name: str = "Green tea", description: str = "", price: int = 500, stock: int = 0) -> ProductCreated:
    return Product.create("tea", name, description, price, stock, AT)


def test_a_product_is_created_as_asked() -> None:
    given(Product).when(lambda new: new.create("tea", "Green tea", "From Uji.", 500, 20, AT)).then(CREATED)


@pytest.mark.parametrize("price", [1, 100_000_000])
def test_a_price_may_be_1_to_100_000_000_yen(price: int) -> None:
    assert create(price=price).price == price
    given(Product, CREATED).when(lambda tea: tea.update("Green tea", "", price, LATER)).then(
        ProductUpdated("tea", "Green tea", "", price, LATER)
    )


@pytest.mark.parametrize("price", [-1, 0, 100_000_001, 2**63])
def test_another_price_is_refused_naming_the_bounds(price: int) -> None:
    for decide in (lambda _: create(price=price), lambda tea: tea.update("Green tea", "", price, LATER)):
        given(Product, CREATED).when(decide).then_refused(
            Invalid, "invalid", "price", "1 to 100,000,000", f"{price:,}", field="price"
        )


def test_a_number_too_long_to_read_is_refused_without_being_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        create(price=10**5_000)  # more digits than Python would write
    assert str(refused.value) == "price must be 1 to 100,000,000"


@pytest.mark.parametrize("stock", [0, 1, 1_000_000])
def test_a_product_may_start_with_0_to_1_000_000_units(stock: int) -> None:
    assert create(stock=stock).stock == stock


@pytest.mark.parametrize("stock", [-1, 1_000_001])
def test_another_stock_at_the_start_is_refused(stock: int) -> None:
    given(Product).when(lambda _: create(stock=stock)).then_refused(
        Invalid, "invalid", "stock", "0 to 1,000,000", field="stock"
    )


@pytest.mark.parametrize("name", ["茶", "n" * 200, "\N{BICYCLE}" * 200])
def test_a_name_may_have_1_to_200_characters(name: str) -> None:
    assert create(name=name).name == name


@pytest.mark.parametrize("name", [" ", "\t \n", "\u3000", "\u200b", " " * 200])
def test_a_name_of_which_nothing_can_be_seen_is_refused(name: str) -> None:
    for decide in (lambda _: create(name=name), lambda tea: tea.update(name, "", 500, LATER)):
        given(Product, CREATED).when(decide).then_refused(Invalid, "invalid", "name must not be blank", field="name")


@pytest.mark.parametrize("name", ["", "n" * 201])
def test_another_length_of_name_is_refused(name: str) -> None:
    for decide in (lambda _: create(name=name), lambda tea: tea.update(name, "", 500, LATER)):
        given(Product, CREATED).when(decide).then_refused(
            Invalid, "invalid", "name", "1 to 200 characters", f"not {len(name)}", field="name"
        )


@pytest.mark.parametrize("description", ["", "d" * 5_000])
def test_a_description_may_have_up_to_5_000_characters(description: str) -> None:
    assert create(description=description).description == description


def test_a_longer_description_is_refused() -> None:
    for decide in (
        lambda _: create(description="d" * 5_001),
        lambda tea: tea.update("Green tea", "d" * 5_001, 500, LATER),
    ):
        given(Product, CREATED).when(decide).then_refused(
            Invalid, "invalid", "description", "0 to 5,000 characters", "not 5,001", field="description"
        )


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_a_text_that_no_store_can_hold_is_refused(text: str) -> None:
    given(Product).when(lambda _: create(name=text)).then_refused(Invalid, "invalid", "name", field="name")
    given(Product).when(lambda _: create(description=text)).then_refused(
        Invalid, "invalid", "description", field="description"
    )


def test_an_update_that_changes_nothing_writes_nothing() -> None:
    given(Product, CREATED).when(lambda tea: tea.update("Green tea", "From Uji.", 500, LATER)).then_nothing()


@pytest.mark.parametrize(
    ("name", "description", "price"),
    [("Tea", "From Uji.", 500), ("Green tea", "", 500), ("Green tea", "From Uji.", 501)],
)
def test_an_update_of_any_one_thing_is_written_whole(name: str, description: str, price: int) -> None:
    updated = ProductUpdated("tea", name, description, price, LATER)

    given(Product, CREATED).when(lambda tea: tea.update(name, description, price, LATER)).then(updated)

    tea = folded(Product(), CREATED, updated)
    assert (tea.name, tea.description, tea.price, tea.created_at, tea.updated_at) == (
        name,
        description,
        price,
        AT,
        LATER,
    )


def test_a_deleted_product_is_not_on_sale_but_keeps_its_name() -> None:
    deleted = ProductDeleted("tea", LATER)
    given(Product, CREATED).when(lambda tea: tea.delete(LATER)).then(deleted)

    tea = folded(Product(), CREATED, deleted)

    assert (tea.on_sale, tea.name, tea.updated_at) == (False, "Green tea", LATER)


def test_a_product_that_never_was_or_is_gone_is_not_found() -> None:
    for events in ([], [CREATED, ProductDeleted("tea", LATER)], [CREATED, ProductDeleted("tea", LATER), CREATED]):
        given(Product, *events).when(lambda tea: tea.require("tea")).then_refused(
            ProductNotFound, "product_not_found", "tea", product_id="tea"
        )
    folded(Product(), CREATED).require("tea")


@pytest.mark.parametrize(
    "image_url", ["https://example.com/tea.png", "http://example.com/tea.png", "/static/tea.png", "/" + "i" * 1_999]
)
def test_an_image_is_a_web_address_or_a_path_of_this_shop(image_url: str) -> None:
    shown = ProductImageUpdated("tea", image_url, LATER)
    given(Product, CREATED).when(lambda tea: tea.change_image(image_url, LATER)).then(shown)
    given(Product, CREATED, shown).when(lambda tea: tea.change_image(image_url, LATER)).then_nothing()


@pytest.mark.parametrize("image_url", ["", "javascript:alert(1)", "tea.png", "ftp://a/b", "/" + "i" * 2_000, "/\0"])
def test_another_kind_of_image_address_is_refused(image_url: str) -> None:
    given(Product, CREATED).when(lambda tea: tea.change_image(image_url, LATER)).then_refused(
        Invalid, "invalid", "image_url", field="image_url"
    )


@pytest.mark.parametrize("image_url", ["//evil.example/tea.png", "///tea.png", "/\\evil.example/tea.png"])
def test_an_image_of_another_host_that_looks_like_a_path_is_refused(image_url: str) -> None:
    given(Product, CREATED).when(lambda tea: tea.change_image(image_url, LATER)).then_refused(
        Invalid, "invalid", "image_url", field="image_url"
    )


@pytest.mark.parametrize("character", [" ", "\t", "\n", "\x7f", "\x85", "\u3000", "\u202e", '"', "<", ">", "\\", "`"])
def test_a_character_that_no_address_has_is_refused_in_an_image_s(character: str) -> None:
    for url in (f"/tea{character}.png", f"https://example.com/{character}"):
        given(Product, CREATED).when(partial(Product.change_image, image_url=url, at=LATER)).then_refused(
            Invalid, "invalid", "image_url must not hold", field="image_url"
        )


def test_a_product_is_put_into_a_category_once_and_taken_out_once() -> None:
    assigned, removed = ProductCategoryAssigned("tea", "drinks", LATER), ProductCategoryRemoved("tea", "drinks", LATER)

    given(Product, CREATED).when(lambda tea: tea.assign_category("drinks", LATER)).then(assigned)
    given(Product, CREATED, assigned).when(lambda tea: tea.assign_category("drinks", LATER)).then_nothing()
    given(Product, CREATED, assigned).when(lambda tea: tea.remove_category("drinks", LATER)).then(removed)
    given(Product, CREATED).when(lambda tea: tea.remove_category("drinks", LATER)).then_nothing()


def test_categories_are_kept_once_each_in_the_order_they_were_assigned() -> None:
    put = [ProductCategoryAssigned("tea", category_id, AT) for category_id in ("drinks", "gifts", "drinks", "new")]

    tea = folded(Product(), CREATED, *put, ProductCategoryRemoved("tea", "gifts", LATER))

    assert (tea.category_ids, tea.updated_at) == (("drinks", "new"), LATER)
