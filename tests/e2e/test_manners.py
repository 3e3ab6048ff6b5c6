"""What HTTP wants of every answer: HEAD beside GET, whole lists of methods, refusals in one form, and what caches may keep."""

import httpx
import pytest

from tests.support.api_document import Row, rows
from tests.support.shopping import ADMIN, good, guest, new_order, refused, request_for

READS = [row for row in rows() if not row.writes]
ASSET = "/schema/assets/swagger-ui.css"


def each(wanted: list[Row]) -> pytest.MarkDecorator:
    """Run a test for each of these rows."""
    return pytest.mark.parametrize("row", wanted, ids=str)


def lasting(answer: httpx.Response) -> dict[str, str]:
    """Give the headers that do not differ from one request to the next."""
    return {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id", "set-cookie"}}


@each(READS)
def test_head_is_answered_as_get_is_without_the_body(client: httpx.Client, row: Row) -> None:
    got = request_for(client, row)()
    asked = got.request
    for name in ("Content-Length", "Content-Type"):
        assert got.headers[name]
    head = client.head(asked.url, headers=asked.headers)
    assert (head.status_code, head.content) == (row.good, b"")
    if row.path in {"/readyz", "/metrics"}:  # they tell of the moment, a figure may be longer in the next
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        assert int(head.headers["Content-Length"]) > 0
    else:
        assert lasting(head) == lasting(got)
    good(client.get("/healthz"))  # the connection is still in step


def test_head_of_an_asset_and_of_what_is_not_there(client: httpx.Client) -> None:
    asset = client.head(ASSET)
    assert (asset.status_code, asset.content) == (200, b"")
    assert int(asset.headers["Content-Length"]) > 1_000
    assert client.head("/nothing").status_code == 404
    answer = client.head("/cart/items")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize("path", sorted({row.path for row in rows()}))
def test_options_names_the_methods_of_the_contract_and_so_does_a_refusal(client: httpx.Client, path: str) -> None:
    methods = {row.method for row in rows() if row.path == path} | {"OPTIONS"}
    wanted = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    asked = client.options(path)
    assert (asked.status_code, asked.headers["Allow"]) == (204, wanted)
    answer = client.patch(path)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == wanted


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/schema/nothing",
        "/schema/swagger",
        "/schema/redoc",
        "/schema/nothing.json",
        "/schema/assets",
        "/schema/assets/nothing.js",
        "/schema/assets/%00",
        "/schema/assets/%ff",
        "/schema/assets/..%2f__init__.py",
        "/schema/assets/" + "x" * 5_000,
        "/schema/assets/a/b",
    ],
)
def test_what_is_at_no_address_is_refused_like_everything_else(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    refused(answer, 404, "no_such_address")
    assert answer.headers["Content-Type"] == "application/json"


def test_an_asset_is_served_as_what_it_is(client: httpx.Client) -> None:
    assert client.get(ASSET).headers["Content-Type"].startswith("text/css")
    assert "javascript" in client.get("/schema/assets/swagger-ui-bundle.js").headers["Content-Type"]


@each([row for row in rows() if row.who != "any"])
def test_no_cache_keeps_what_is_for_a_shopper_or_an_admin(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)()
    assert answer.status_code == row.good
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_no_cache_keeps_a_refusal_of_them_or_a_guest_s_cookie(client: httpx.Client) -> None:
    order = new_order(client, guest())
    for answer in (client.get(f"/orders/{order['id']}", headers=guest()), client.get("/api/admin/orders")):
        assert answer.status_code in {401, 403}
        assert answer.headers["Cache-Control"] == "private, no-store"
    first = client.get("/cart")
    assert "guest_id" in first.headers["Set-Cookie"]
    assert first.headers["Cache-Control"] == "private, no-store"


@each([row for row in READS if row.who == "any"])
def test_what_is_for_everybody_may_be_kept(client: httpx.Client, row: Row) -> None:
    asks_each_time = "no-cache" if row.path == "/products/{id}" else None
    assert request_for(client, row)(headers=ADMIN).headers.get("Cache-Control") == asks_each_time
