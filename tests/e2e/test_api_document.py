"""`docs/api.md` against the OpenAPI document, against the tests, and the page that shows the document."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.support.api_document import rows
from tests.support.shopping import good

OF_THE_DOCUMENT_ITSELF = {"/schema", "/schema/openapi.json"}
Mark = tuple[str, str, int]


@pytest.fixture
def document(client: httpx.Client) -> dict[str, Any]:
    """Give the OpenAPI document."""
    found: dict[str, Any] = good(client.get("/schema/openapi.json"))
    return found


def described(document: dict[str, Any]) -> set[tuple[str, str, int]]:
    """Give method, path and status of all that the OpenAPI document describes, with paths as `docs/api.md` writes them."""
    return {
        (method.upper(), as_in_the_contract(path), int(status))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status in operation["responses"]
    }


def as_in_the_contract(path: str) -> str:
    """Write the id of a row's own thing as `docs/api.md` does."""
    own = "{product_id}" if path.startswith("/products") else "{order_id}"
    return path.replace(own, "{id}")


def of_the_contract() -> set[Mark]:
    """Give method, path and status of all that `docs/api.md` names."""
    return {(row.method, row.path, status) for row in rows() for status in row.statuses}


def marks_of(module: ModuleType) -> Iterator[Mark]:
    """Give the rows and statuses that a module's tests are marked with, those of a parameter too."""
    for name, test in vars(module).items():
        if not name.startswith("test_"):
            continue
        for mark in getattr(test, "pytestmark", []):
            if mark.name == "contract_row":
                yield mark.args
            if mark.name == "parametrize":
                given = [each for each in mark.args[1] if hasattr(each, "marks")]
                yield from (each.args for one in given for each in one.marks if each.name == "contract_row")


def marked() -> set[Mark]:
    """Give the rows and statuses that the tests of this folder are marked with, whichever of them this run has selected."""
    modules = [import_module(f"{__package__}.{path.stem}") for path in sorted(Path(__file__).parent.glob("test_*.py"))]
    return {mark for module in modules for mark in marks_of(module)}


def test_the_contract_names_rows() -> None:
    assert len(rows()) == 26
    assert len(of_the_contract()) > 150


def test_every_row_and_status_of_the_contract_is_in_the_openapi_document(document: dict[str, Any]) -> None:
    wanted = {mark for mark in of_the_contract() if mark[1] not in OF_THE_DOCUMENT_ITSELF}
    assert wanted - described(document) == set()


def test_the_openapi_document_says_nothing_that_the_contract_does_not(document: dict[str, Any]) -> None:
    assert described(document) - of_the_contract() == set()


def test_every_row_and_status_of_the_contract_has_its_test() -> None:
    assert of_the_contract() - marked() == set()


def test_no_test_is_marked_with_a_row_or_status_that_the_contract_lacks() -> None:
    assert marked() - of_the_contract() == set()


def test_every_operation_of_the_openapi_document_is_described_in_words(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation.get("description"), operation["operationId"]


def test_writes_take_an_idempotency_key_and_reads_a_consistency_token(document: dict[str, Any]) -> None:
    readers = {"/healthz", "/readyz", "/metrics", "/api/admin/events/{aggregate_id}", "/api/admin/mails"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method != "get"), path
            assert ("X-Consistency-Token" in names) == (method == "get" and path not in readers), path


@pytest.mark.contract_row("GET", "/schema", 200)
def test_the_page_needs_no_other_host(client: httpx.Client) -> None:
    page = client.get("/schema")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/"), address
        asset = client.get(address)
        assert asset.status_code == 200, address
        assert len(asset.content) > 100
    assert re.findall(r"https?://(?!localhost|127\.0\.0\.1)[^\s\"'<]+", page.text) == []


@pytest.mark.contract_row("GET", "/schema/openapi.json", 200)
def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "EC Shop"


def numbers_of(bounds: str) -> list[tuple[int, int]]:
    """Read each `1 to 200` and `up to 500` of a cell."""
    found = re.findall(r"(?:([\d,]+) |up )to ([\d,]+)", bounds)
    return [(int(low.replace(",", "") or 0), int(high.replace(",", ""))) for low, high in found]


def described_bounds(field: dict[str, Any]) -> tuple[int, int]:
    """Give what the document says of a field."""
    numbers = {
        "minimum": field.get("minimum", field.get("minLength", 0)),
        "maximum": field.get("maximum", field.get("maxLength")),
    }
    return numbers["minimum"], numbers["maximum"]


def test_the_bounds_of_bodies_are_those_of_the_contract(document: dict[str, Any]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(\w+)`[^|]* \| (.*?) \|$", text.partition("| field | bounds |")[2], re.MULTILINE))
    bodies = document["components"]["schemas"]
    stock, added = numbers_of(table["stock"])
    wanted = {
        ("NewProduct", "name"): numbers_of(table["name"])[0],
        ("NewProduct", "description"): numbers_of(table["description"])[0],
        ("NewProduct", "price"): numbers_of(table["price"])[0],
        ("NewProduct", "stock"): stock,
        ("ProductChange", "name"): numbers_of(table["name"])[0],
        ("ProductChange", "description"): numbers_of(table["description"])[0],
        ("ProductChange", "price"): numbers_of(table["price"])[0],
        ("NewImage", "image_url"): numbers_of(table["image_url"])[0],
        ("MoreStock", "quantity"): added,
        ("CartItem", "quantity"): numbers_of(table["quantity"])[0],
        ("Cancellation", "reason"): numbers_of(table["reason"])[0],
        ("Placement", "email"): numbers_of(table["email"])[0],
    }
    assert {(body, field): described_bounds(bodies[body]["properties"][field]) for body, field in wanted} == wanted
    assert all(bodies[body]["additionalProperties"] is False for body, _ in wanted)


def test_a_body_may_be_left_out_where_the_contract_says_so(document: dict[str, Any]) -> None:
    optional = {(row.method, row.path) for row in rows() if row.body.startswith("[")}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            contract = (method.upper(), as_in_the_contract(path))
            if "requestBody" in operation:
                assert operation["requestBody"]["required"] is (contract not in optional), contract
            else:
                assert contract not in optional


def test_the_headers_of_preconditions_are_described_where_they_are_looked_at(document: dict[str, Any]) -> None:
    found = {
        (method, path, parameter["name"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for parameter in operation.get("parameters", [])
        if parameter["name"].startswith("If-")
    }
    assert found == {
        ("get", "/products/{product_id}", "If-None-Match"),
        ("put", "/products/{product_id}", "If-Match"),
        ("delete", "/products/{product_id}", "If-Match"),
        ("put", "/products/{product_id}/image", "If-Match"),
    }


def test_the_headers_of_answers_are_described(document: dict[str, Any]) -> None:
    def headers(method: str, path: str, status: str) -> set[str]:
        return set(document["paths"][path][method]["responses"][status].get("headers", {}))

    assert headers("post", "/orders", "201") == {"X-Consistency-Token"}
    assert headers("get", "/orders", "200") == {"X-Consistency", "Link"}
    assert headers("get", "/orders/{order_id}", "200") == {"X-Consistency"}
    assert headers("get", "/orders", "503") == {"Retry-After"}
    assert headers("get", "/products/{product_id}", "200") == {"X-Consistency", "ETag", "Cache-Control"}
    assert headers("get", "/products/{product_id}", "304") == {"X-Consistency", "ETag", "Cache-Control"}


def test_readiness_is_described_as_it_is(document: dict[str, Any]) -> None:
    shapes, answers = document["components"]["schemas"], document["paths"]["/readyz"]["get"]["responses"]

    def fields(status: str) -> set[str]:
        reference: str = answers[status]["content"]["application/json"]["schema"]["$ref"]
        return set(shapes[reference.rpartition("/")[2]]["properties"])

    assert fields("200") == {"status", "backends", "projectors"}
    assert fields("503") == fields("200") | {"error", "code", "request_id"}
