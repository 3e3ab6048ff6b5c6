"""Bodies that cannot be meant: each a 4xx with a sentence, and nothing written."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.shopping import ADMIN, good, guest, new_order, new_product, refused

JSON = {"Content-Type": "application/json"}


def everything(client: httpx.Client) -> tuple[Any, Any]:
    """Give what is stored, as far as products and orders tell."""
    return good(client.get("/products?limit=1000")), good(client.get("/api/admin/orders?limit=1000", headers=ADMIN))


@pytest.mark.contract_row("POST", "/products", 400)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "malformed_json"),
        (b"", "invalid_request"),
        (b"{}", "invalid_request"),
        (b"[]", "malformed_json"),
        (b"null", "malformed_json"),
        (b'"x"', "malformed_json"),
        (b"{'name': 'x', 'price': 1}", "malformed_json"),
        (b'{"name": "x", "price": 1,}', "malformed_json"),
        (b'{"name": "x", "price": 1} {}', "malformed_json"),
        (b'{"name": "x", "name": "y", "price": 1}', "duplicate_key"),
        (b'{"name": "x", "price": 1, "price": 1}', "duplicate_key"),
        (b'{"name": "x", "price": NaN}', "malformed_json"),
        (b'{"name": "x", "price": Infinity}', "malformed_json"),
        (b'{"name": "x", "price": -Infinity}', "malformed_json"),
        (b'{"name": "x", "price": 1e400}', "invalid_request"),
        (b'{"name": "\xff", "price": 1}', "malformed_json"),
        (b'\xef\xbb\xbf{"name": "x", "price": 1}', "malformed_json"),
        ('{"name": "x", "price": 1}'.encode("utf-16"), "malformed_json"),
        (b'{"name": "\\ud800", "price": 1}', "invalid_request"),
        (b'{"name": "x", "price": 1, "\\ud800": 1}', "invalid_request"),
        (b'{"\\udfff": 1, "\\udfff": 2}', "duplicate_key"),
        (b'{"name": "a\\u0000b", "price": 1}', "invalid_request"),
        (b'{"name": "a\x00b", "price": 1}', "malformed_json"),
        (b'{"name": "x", "price": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "malformed_json"),
        (b'{"name": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}", "invalid_request"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:30]),
)
def test_a_body_that_cannot_be_read_is_refused_and_nothing_is_written(
    client: httpx.Client, content: bytes, code: str
) -> None:
    before = everything(client)
    refused(client.post("/products", content=content, headers=ADMIN | JSON), 400, code)
    assert everything(client) == before


@pytest.mark.contract_row("POST", "/products", 400)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", 7),
        ("name", ("x",)),
        ("description", False),
        ("price", None),
        ("price", "1"),
        ("price", 1.0),
        ("price", 1.5),
        ("price", True),
        ("price", (1,)),
        ("stock", 2.0),
        ("stock", "many"),
        ("colour", "green"),
        ("id", "0190a5b2-6c1e-7d2f-8a3b-4c5d6e7f8091"),
    ],
    ids=str,
)
def test_a_field_of_the_wrong_kind_or_unknown_is_named(client: httpx.Client, field: str, value: object) -> None:
    before = everything(client)
    body = {"name": "x", "price": 1} | {field: value}
    answer = refused(client.post("/products", json=body, headers=ADMIN), 400, "invalid_request")
    assert set(answer["fields"]) == {field}
    assert field in answer["error"]
    assert everything(client) == before


@pytest.mark.contract_row("POST", "/products", 422)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "\t\u3000\u200b\n"),
        ("name", "あ" * 201),
        ("description", "x" * 5_001),
        ("price", 0),
        ("price", -1),
        ("price", 100_000_001),
        ("price", 2**53),
        ("price", 2**53 + 1),
        ("price", 10**30),
        ("price", -(10**4_000)),
        ("stock", -1),
        ("stock", 1_000_001),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_out_of_bounds_is_named(client: httpx.Client, field: str, value: object) -> None:
    before = everything(client)
    body = {"name": "x", "price": 1} | {field: value}
    answer = refused(client.post("/products", json=body, headers=ADMIN), 422, "invalid")
    assert answer["details"]["field"] == field
    assert field in answer["error"]
    assert everything(client) == before


@pytest.mark.contract_row("POST", "/products", 422)
@pytest.mark.parametrize("digits", ["9007199254740991", "9007199254740993", "9" * 5_000, "-" + "9" * 500_000])
def test_an_integer_of_any_size_is_told_the_bounds(client: httpx.Client, digits: str) -> None:
    content = f'{{"name": "x", "price": {digits}}}'.encode()
    answer = refused(client.post("/products", content=content, headers=ADMIN | JSON), 422, "invalid")
    assert answer["details"]["field"] == "price"
    assert answer["error"].startswith("price must be 1 to 100,000,000")
    assert len(answer["error"]) < 80


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"price": 1}, "name: is missing"),
        ({"name": None, "price": 1}, "name: must be text"),
        ({"name": ["x"], "price": 1}, "name: must be text"),
        ({"name": "x", "price": None}, "price: must be a whole number"),
        ({"name": "x", "price": "1"}, "price: must be a whole number"),
        ({"name": "x", "price": 1.0}, "price: must be a whole number"),
        ({"name": "x", "price": 1.5}, "price: must be a whole number"),
        ({"name": "x", "price": True}, "price: must be a whole number"),
        ({"name": "x", "price": [1]}, "price: must be a whole number"),
        ({"name": "x", "price": 1, "colour": "green"}, "colour: is not a field of this request"),
        ({"name": "a\0b", "price": 1}, "name: must not hold a NUL character"),
        ({"name": "\ud800", "price": 1}, "name: must not hold half a surrogate pair"),
        ({}, "name: is missing; price: is missing"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_field_is_told_in_words_for_people(
    client: httpx.Client, body: object, complaint: str
) -> None:
    content = json.dumps(body).encode()
    answer = refused(client.post("/products", content=content, headers=ADMIN | JSON), 400, "invalid_request")
    assert answer["error"] == f"Not valid: {complaint}."
    assert [f"{name}: {words}" for name, words in answer["fields"].items()] == complaint.split("; ")


def test_of_many_wrong_fields_the_first_are_named_and_the_others_counted(client: httpx.Client) -> None:
    body = {"name": "x", "price": "1"} | {f"field-{n}": n for n in range(40)}
    answer = refused(client.post("/products", json=body, headers=ADMIN), 400, "invalid_request")
    assert list(answer["fields"]) == ["price", *(f"field-{n}" for n in range(9))]
    assert answer["error"].endswith("field-8: is not a field of this request; and 31 more.")


@pytest.mark.parametrize("nested", [False, True])
def test_more_fields_than_any_request_has_are_not_looked_at_one_by_one(
    client: httpx.Client,
    nested: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    many: object = {f"field-{n}": n for n in range(40_000)}
    content = json.dumps({"quantity": many} if nested else many).encode()
    answer = client.post("/cart/items", content=content, headers=guest() | JSON)
    refused(answer, 400, "too_many_fields")
    assert answer.json()["error"] == "The body has an object of 40,000 fields; no request takes more than 50."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps({"x" * 500_000: 1}), "invalid_request"),
        (json.dumps({"あ" * 100_000: 1}), "invalid_request"),
        (f'{{"{"x" * 400_000}": 1, "{"x" * 400_000}": 2}}', "duplicate_key"),
    ],
    ids=["ascii", "kana", "twice"],
)
def test_a_long_name_is_shortened(client: httpx.Client, content: str, code: str) -> None:
    answer = client.post("/orders", content=content.encode(), headers=guest() | JSON)
    refused(answer, 400, code)
    assert "x" * 100 + "..." in answer.text or "あ" * 100 + "..." in answer.text
    assert len(answer.text) < 600


def test_many_and_long_parameters_make_no_long_answer(client: httpx.Client) -> None:
    strangers: list[tuple[str, str]] = [(f"{'x' * 100}-{n}", "x" * 100) for n in range(100)]
    assert client.get("/products", params=[*strangers, ("limit", "1")]).status_code == 200
    wrong = [("limit", "x" * 10_000), ("offset", "x" * 10_000), *[("after", "x" * 100)] * 100]
    answer = client.get("/products", params=[*strangers, *wrong])
    assert set(refused(answer, 400, "invalid_request")["fields"]) <= {"limit", "offset", "after"}
    assert len(answer.text) < 600


def test_characters_are_code_points_after_nfc(client: httpx.Client) -> None:
    decomposed = "か\u3099"
    product = new_product(client, name=decomposed * 200)
    assert product["name"] == "が" * 200


@pytest.mark.contract_row("POST", "/cart/items", 422)
@pytest.mark.parametrize("quantity", [0, -1, 10_001, 2**53])
def test_a_quantity_out_of_bounds_is_refused(client: httpx.Client, quantity: int) -> None:
    who, product = guest(), new_product(client)
    body = {"product_id": product["id"], "quantity": quantity}
    answer = refused(client.post("/cart/items", json=body, headers=who), 422, "invalid")
    assert answer["details"]["field"] == "quantity"
    assert good(client.get("/cart", headers=who))["items"] == []


@pytest.mark.contract_row("POST", "/cart/items", 400)
@pytest.mark.parametrize(
    "bad", ["", "42", "x" * 36, "0190a5b26c1e7d2f8a3b4c5d6e7f8091", "{0190a5b2-6c1e-7d2f-8a3b-4c5d6e7f8091}", 7, None]
)
def test_a_product_id_that_is_no_uuid_is_refused(client: httpx.Client, bad: object) -> None:
    answer = client.post("/cart/items", json={"product_id": bad, "quantity": 1}, headers=guest())
    assert set(refused(answer, 400, "invalid_request")["fields"]) == {"product_id"}


def test_a_uuid_is_the_same_in_either_case(client: httpx.Client) -> None:
    product = new_product(client)
    body = {"product_id": product["id"].upper(), "quantity": 1}
    assert good(client.post("/cart/items", json=body, headers=guest()))["items"][0]["product_id"] == product["id"]


@pytest.mark.contract_row("PUT", "/products/{id}/image", 422)
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "javascript:alert(1)",
        "ftp://x/y.png",
        "image.png",
        "https://x/" + "y" * 2_000,
        "//evil.example/x.png",
        "/\\evil.example/x.png",
        "https://x/a b.png",
        "/x\n.png",
        "/x\u3000.png",
        "/x\u202e.png",
        '/x.png" onerror="alert(1)',
        "/<script>",
    ],
)
def test_an_image_that_no_page_should_show_is_refused(client: httpx.Client, bad: str) -> None:
    product = new_product(client)
    answer = client.put(f"/products/{product['id']}/image", json={"image_url": bad}, headers=ADMIN)
    refused(answer, 422, "invalid")


@pytest.mark.contract_row("POST", "/orders/{id}/cancel", 422)
def test_a_reason_has_its_bound(client: httpx.Client) -> None:
    who = guest()
    url = f"/orders/{new_order(client, who)['id']}/cancel"
    refused(client.post(url, json={"reason": "x" * 501}, headers=who), 422, "invalid")
    good(client.post(url, json={"reason": "x" * 500}, headers=who))


@pytest.mark.parametrize("path", ["pay", "cancel"])
def test_rows_without_required_fields_take_no_body_with_or_without_a_content_type(
    client: httpx.Client, path: str
) -> None:
    for headers in ({}, JSON):
        who = guest()
        good(client.post(f"/orders/{new_order(client, who)['id']}/{path}", headers=who | headers))


@pytest.mark.contract_row("POST", "/orders", 400)
@pytest.mark.contract_row("POST", "/orders/{id}/pay", 400)
def test_rows_without_fields_refuse_fields_by_name(client: httpx.Client) -> None:
    who = guest()
    order = new_order(client, who)
    for url in ("/orders", f"/orders/{order['id']}/pay"):
        answer = client.post(url, json={"coupon": "FREE"}, headers=who)
        assert set(refused(answer, 400, "invalid_request")["fields"]) == {"coupon"}
    assert good(client.get(f"/orders/{order['id']}", headers=who))["status"] == "pending"


def test_what_the_address_lacks_is_told_as_json(client: httpx.Client) -> None:
    refused(client.get("/nothing"), 404, "no_such_address")
    refused(client.get("/products/a/b/c"), 404, "no_such_address")
    answer = client.patch(f"/products/{uuid4()}")
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "PUT", "DELETE"}


@pytest.mark.parametrize("path", ["%00", "%ff", "..%2f..", "' OR 1=1", "x" * 4_000, "😀"])
def test_an_id_of_an_address_that_is_no_uuid_is_refused(client: httpx.Client, path: str) -> None:
    assert client.get(f"/products/{path}").status_code in {400, 404}
    assert "error" in client.delete(f"/products/{path}", headers=ADMIN).json()


def test_every_json_answer_reads_back_as_the_same_text(client: httpx.Client) -> None:
    product = new_product(client, name='"\\/\u2028<script>猫😀', description="\t\n")
    assert json.loads(client.get(f"/products/{product['id']}").content) == product
