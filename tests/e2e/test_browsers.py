"""What browsers ask and tell: CORS, and writes that pages elsewhere have them send."""

import httpx
import pytest

from tests.support.shopping import ADMIN, good, guest, refused

STOREFRONT = "http://localhost:3000"
FOREIGN = "https://evil.example"
CROSSING = {
    "x-consistency-token",
    "x-consistency",
    "idempotency-key",
    "prefer",
    "x-user-id",
    "x-request-id",
    "retry-after",
    "link",
    "etag",
}

ONLY_ASKED = {"authorization", "content-type", "if-match", "if-none-match"}

Pairs = tuple[tuple[str, str], ...]


def names(header: str) -> set[str]:
    """Read a header that lists names."""
    return {each.strip().lower() for each in header.split(",")}


def preflight(client: httpx.Client, origin: str, method: str = "POST") -> httpx.Response:
    """Ask as a browser does before it sends what is not simple."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "idempotency-key,content-type"}
    return client.options("/orders", headers={"Origin": origin} | asked)


@pytest.mark.parametrize("origin", [STOREFRONT, "http://localhost:8080"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_preflight_of_a_storefront_is_allowed(client: httpx.Client, origin: str, method: str) -> None:
    answer = preflight(client, origin, method)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert names(answer.headers["Access-Control-Allow-Headers"]) >= CROSSING | ONLY_ASKED


def test_a_preflight_of_another_page_is_not(client: httpx.Client) -> None:
    answer = preflight(client, FOREIGN)
    refused(answer, 400, "preflight_refused")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_preflight_of_a_storefront_for_another_method_is_not(client: httpx.Client) -> None:
    refused(preflight(client, STOREFRONT, "PATCH"), 400, "preflight_refused")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/products", 200),
        ("GET", "/products/42", 400),
        ("POST", "/orders", 400),
        ("GET", "/nothing", 404),
        ("PUT", "/cart", 405),
    ],
)
def test_answers_and_refusals_can_be_read_by_a_storefront(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, headers=guest() | {"Origin": STOREFRONT})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == STOREFRONT
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert names(answer.headers["Access-Control-Expose-Headers"]) >= CROSSING
    assert "origin" in names(answer.headers["Vary"])


def test_another_page_cannot_read_answers(client: httpx.Client) -> None:
    answer = client.get("/products", headers={"Origin": FOREIGN})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("told", [{}, {"Origin": FOREIGN}, {"Origin": STOREFRONT}])
@pytest.mark.parametrize("path", ["/products", "/nothing", "/schema"])
def test_caches_are_told_that_answers_differ_by_origin(client: httpx.Client, told: dict[str, str], path: str) -> None:
    assert client.get(path, headers=told).headers.get_list("Vary") == ["Origin"]


@pytest.mark.parametrize(
    "told",
    [
        (("Origin", FOREIGN),),
        (("Origin", "null"),),
        (("Origin", "http://["),),
        (("Origin", "http://localhost:3000.evil.example"),),
        (("Sec-Fetch-Site", "cross-site"),),
        (("Sec-Fetch-Site", "same-site"),),
        (("Sec-Fetch-Site", "cross-site"), ("Origin", FOREIGN)),
    ],
)
@pytest.mark.parametrize("cookie", [(), (("Cookie", "guest_id=0190a5b2-6c1e-7d2f-8a3b-4c5d6e7f8091"),)])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param(method, path, marks=pytest.mark.contract_row(method, path, 403))
        for method, path in [("DELETE", "/cart"), ("POST", "/orders")]
    ],
)
def test_a_write_that_another_page_sends_by_cookie_is_refused(
    client: httpx.Client, told: Pairs, cookie: Pairs, method: str, path: str
) -> None:
    answer = client.request(method, path, headers=[*told, *cookie])
    refused(answer, 403, "foreign_origin")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "told",
    [
        (),
        (("Origin", STOREFRONT),),
        (("Origin", STOREFRONT), ("Sec-Fetch-Site", "same-site")),
        (("Sec-Fetch-Site", "same-origin"),),
        (("Sec-Fetch-Site", "none"),),
    ],
)
def test_a_write_of_a_storefront_or_of_no_page_is_taken(client: httpx.Client, told: Pairs) -> None:
    good(client.delete("/cart", headers=list(told)))


def test_a_write_of_the_shop_s_own_pages_is_taken(client: httpx.Client) -> None:
    own = f"http://{client.base_url.netloc.decode()}"
    good(client.delete("/cart", headers={"Origin": own}))


def test_a_header_that_no_foreign_page_can_send_identifies_by_itself(client: httpx.Client) -> None:
    good(client.delete("/cart", headers=guest() | {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site"}))
    body = {"name": "x", "price": 1}
    assert client.post("/products", json=body, headers=ADMIN | {"Origin": FOREIGN}).status_code == 201


def test_reads_are_not_judged(client: httpx.Client) -> None:
    good(client.get("/cart", headers={"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site"}))
