"""What every row of the contract does alike: the good answer, and the refusals that do not depend on what it is about."""

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from uuid import uuid4

import httpx
import pytest

from core.ports.commit import Commit
from core.ports.event_store import Conflict, OutcomeUnknown, StoreUnavailable
from core.ports.queries import QueriesUnavailable
from entrypoints.http.app import ROWS
from entrypoints.http.identity import admins, anybody, owners_and_admins, shoppers
from tests.e2e.conftest import note
from tests.support.api_document import Row, rows
from tests.support.in_process import Faulty, client_of, faulty, new_shop
from tests.support.shopping import ADMIN, good, guest, refused, request_for

HISTORY, MAILS = "/api/admin/events/{aggregate_id}", "/api/admin/mails"
LISTS = {"/products", "/orders", "/api/admin/orders", "/api/admin/inventory", HISTORY}


def answering(status: int, wanted: Callable[[Row], bool] = lambda _row: True) -> pytest.MarkDecorator:
    """Run a test for each row of the contract that names this status."""
    return pytest.mark.parametrize(
        "row",
        [
            pytest.param(row, marks=pytest.mark.contract_row(row.method, row.path, status), id=str(row))
            for row in rows()
            if status in row.statuses and wanted(row)
        ],
    )


@answering(200)
def test_every_row_has_its_good_answer(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)()
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Request-ID"]
    assert ("X-Consistency-Token" in answer.headers) == row.writes


@answering(201)
def test_what_makes_something_answers_201(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)()
    assert good(answer, 201)["id"]
    assert answer.headers["X-Consistency-Token"]


@answering(400, lambda row: row.writes)
def test_an_idempotency_key_that_is_too_long_is_refused(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)(headers={"Idempotency-Key": "k" * 129})
    refused(answer, 400, "bad_idempotency_key")


@answering(400, lambda row: not row.writes and row.path not in {HISTORY, MAILS})
def test_a_consistency_token_of_another_shop_is_refused(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)(headers={"X-Consistency-Token": "bm90IG91cnM"})
    refused(answer, 400, "bad_token")


@answering(400, lambda row: row.writes)
def test_a_field_that_a_row_does_not_have_is_refused_by_name(client: httpx.Client, row: Row) -> None:
    answer = refused(request_for(client, row)(json={"bogus": 1}), 400, "invalid_request")
    assert answer["fields"]["bogus"] == "is not a field of this request"


@answering(400, lambda row: row.writes)
def test_a_body_that_breaks_off_is_refused(client: httpx.Client, row: Row) -> None:
    answer = request_for(client, row)(headers={"Content-Type": "application/json"}, content=b'{"bogus":1')
    refused(answer, 400, "malformed_json")


@answering(400, lambda row: row.path in LISTS and not row.writes)
def test_a_cursor_that_is_none_is_refused(client: httpx.Client, row: Row) -> None:
    for bad in ("", "bm90IG91cnM", "§"):
        refused(request_for(client, row)(params={"after": bad}), 400, "bad_cursor")


@answering(400, lambda row: row.path in LISTS and not row.writes)
@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ("0", "must be at least 1"),
        ("-1", "must be at least 1"),
        *((bad, "must be at most 1000") for bad in ("1001", "9" * 30)),
        *((bad, "must be a whole number") for bad in ("", "x", "1.0", "1e2", "+1", " 1", "１")),
    ],
)
def test_a_limit_is_1_to_1000_in_digits(client: httpx.Client, row: Row, bad: str, complaint: str) -> None:
    answer = refused(request_for(client, row)(params={"limit": bad}), 400, "invalid_request")
    assert answer["fields"] == {"limit": complaint}


@answering(400, lambda row: row.path in LISTS and not row.writes)
def test_a_parameter_stands_once(client: httpx.Client, row: Row) -> None:
    for name, value in (("limit", "1"), ("after", "x")):
        answer = request_for(client, row)(params=[(name, value), (name, value)])
        assert refused(answer, 400, "invalid_request")["fields"] == {name: "stands twice"}


@answering(200, lambda row: not row.writes)
def test_a_parameter_that_a_row_does_not_have_is_ignored(client: httpx.Client, row: Row) -> None:
    assert request_for(client, row)(params=[("utm_source", "x"), ("utm_source", "y")]).status_code == 200


@answering(400, lambda row: "{" in row.path and row.path != HISTORY)
def test_an_id_that_is_no_uuid_is_refused(client: httpx.Client, row: Row) -> None:
    url = row.path.replace("{id}", "42").replace("{product_id}", "42")
    refused(request_for(client, row)(url=url), 400, "bad_id")


@answering(400, lambda row: row.who in {"shopper", "owner"})
def test_a_guest_id_that_is_no_uuid_is_refused(client: httpx.Client, row: Row) -> None:
    for bad in ("me", "", str(uuid4()).replace("-", ""), f"guest-{uuid4()}"):
        refused(request_for(client, row)(headers={"X-User-ID": bad}), 400, "bad_user_id")


@answering(401)
def test_a_wrong_token_is_refused_even_beside_a_guest_id(client: httpx.Client, row: Row) -> None:
    ask = request_for(client, row)
    for wrong in ("Bearer wrong", "Bearer", "", f"Basic {ADMIN['Authorization'].partition(' ')[2]}", "Bearer um-laut"):
        answer = ask(headers={**guest(), "Authorization": wrong})
        refused(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_row_of_the_api_refuses_a_wrong_token_and_those_for_operators_do_not_look_at_it(
    client: httpx.Client,
) -> None:
    for_operators = {row.path for row in rows() if 401 not in row.statuses}
    assert for_operators == {"/healthz", "/readyz", "/metrics", "/schema", "/schema/openapi.json"}
    for path in for_operators:
        assert client.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 200


def test_rows_for_anybody_take_the_right_token_too(client: httpx.Client) -> None:
    assert client.get("/products", headers=ADMIN).status_code == 200


def test_who_is_asking_is_found_out_without_a_thread() -> None:
    asking = {row.before_request for of_a_tag in ROWS.values() for row in of_a_tag if row.before_request}
    assert asking == {anybody, shoppers, owners_and_admins, admins}
    assert all(iscoroutinefunction(each) for each in asking)


@answering(401, lambda row: row.who == "admin")
def test_admin_rows_refuse_who_has_no_token(client: httpx.Client, row: Row) -> None:
    ask = request_for(client, row)
    # Whatever the body is: who may not come in is told so first.
    content = b"no JSON" if row.writes else None
    refused(client.request(row.method, ask().request.url, headers=guest(), content=content), 401, "unauthorized")
    refused(ask(headers={"Authorization": ""}), 401, "unauthorized")


@answering(403, lambda row: row.who == "admin")
def test_admin_rows_are_closed_without_a_token_in_the_settings(closed: httpx.Client, row: Row) -> None:
    url = row.path.replace("{id}", str(uuid4())).replace("{aggregate_id}", "any")
    bodies = {"/products": {"name": "x", "price": 1}, "/products/{id}": {"name": "x", "price": 1}}
    bodies |= {"/products/{id}/image": {"image_url": "/x"}, "/products/{id}/stock": {"quantity": 1}}
    body = bodies.get(row.path, {}) if row.writes and row.method != "DELETE" else None
    refused(closed.request(row.method, url, headers=guest(), json=body), 403, "admin_closed")


@answering(403, lambda row: row.who == "shopper")
def test_the_admin_token_names_no_shopper(client: httpx.Client, row: Row) -> None:
    ask = request_for(client, row)
    done = ask()
    answer = client.request(row.method, done.request.url, headers=ADMIN, content=done.request.content or None)
    if done.request.content:
        answer = client.request(
            row.method,
            done.request.url,
            headers=ADMIN | {"Content-Type": "application/json"},
            content=done.request.content,
        )
    refused(answer, 403, "no_shopper")


@answering(403, lambda row: row.who == "owner")
def test_the_order_of_another_shopper_is_refused(client: httpx.Client, row: Row) -> None:
    refused(request_for(client, row)(headers=guest()), 403, "order_not_yours")


@answering(404)
def test_what_does_not_exist_is_not_found(client: httpx.Client, row: Row) -> None:
    ask, nobody = request_for(client, row), str(uuid4())
    if row.path == "/cart/items":
        answer = ask(json={"product_id": nobody, "quantity": 1})
    else:
        answer = ask(
            url=row.path.replace("{id}", nobody).replace("{product_id}", nobody).replace("{aggregate_id}", nobody)
        )
    kind = (
        "line"
        if row.path.startswith("/cart/items/")
        else "stream"
        if row.path == HISTORY
        else row.path.split("/")[1][:-1]
    )
    kind = "product" if row.path == "/cart/items" else kind
    assert nobody in refused(answer, 404, f"{kind}_not_found")["error"]


@answering(413)
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_2_mib_is_refused(client: httpx.Client, row: Row, announced: bool) -> None:  # noqa: FBT001
    big = b'{"name": "' + b"x" * 2 * 1024 * 1024 + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = request_for(client, row)(headers=headers, content=big if announced else iter([big]))
    refused(answer, 413, "body_too_large")


@answering(415)
def test_a_body_that_is_not_json_by_its_type_is_refused(client: httpx.Client, row: Row) -> None:
    ask = request_for(client, row)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=shift_jis", "json"):
        refused(ask(headers={"Content-Type": kind}, content=b"{}"), 415, "not_json")


@answering(422)
def test_an_idempotency_key_with_another_body_is_refused(client: httpx.Client, row: Row) -> None:
    ask, key = request_for(client, row), {"Idempotency-Key": str(uuid4())}
    first = ask(headers=key)
    assert first.status_code == row.good, first.text
    body = first.request.content or b"{}"
    again = ask(headers=key | {"Content-Type": "application/json"}, content=b" " + body)
    refused(again, 422, "idempotency_key_reused")


@pytest.fixture(scope="module")
def parts() -> Iterator[tuple[httpx.Client, Faulty, Faulty]]:
    """Give a shop in this process whose store and read model can be made to fail."""
    shop = new_shop()
    store = faulty(shop.event_store, "commit", "read")
    queries = faulty(shop.queries, "products", "product", "cart", "order", "orders", "inventory")
    with client_of(shop) as client:
        client.event_hooks = {"response": [note]}
        yield client, store, queries


@pytest.fixture
def in_process(parts: tuple[httpx.Client, Faulty, Faulty]) -> Iterator[tuple[httpx.Client, Faulty, Faulty]]:
    """Give them, and mend them afterwards."""
    yield parts
    parts[1].failure = parts[2].failure = None
    parts[0].cookies.clear()


Parts = tuple[httpx.Client, Faulty, Faulty]


@answering(409)
def test_a_write_that_keeps_losing_races_says_so(in_process: Parts, row: Row) -> None:
    client, store, _ = in_process
    ask = request_for(client, row)
    store.failure = Conflict("always")
    refused(ask(), 409, "conflict")


@answering(503, lambda row: row.writes or row.path == HISTORY)
def test_a_store_that_is_away_is_told(in_process: Parts, row: Row) -> None:
    client, store, _ = in_process
    ask = request_for(client, row)
    store.failure = StoreUnavailable("gone")
    answer = ask()
    refused(answer, 503, "store_unavailable")
    assert answer.headers["Retry-After"]


@answering(503, lambda row: not row.writes and row.path not in {HISTORY, MAILS, "/readyz"})
def test_a_read_model_that_is_away_is_told(in_process: Parts, row: Row) -> None:
    client, _, queries = in_process
    ask = request_for(client, row)
    queries.failure = QueriesUnavailable("gone")
    answer = ask()
    refused(answer, 503, "read_model_unavailable")
    assert answer.headers["Retry-After"]


@answering(503, lambda row: row.writes)
def test_an_unknown_outcome_carries_the_token_that_it_would_have(
    in_process: Parts, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, store, _ = in_process
    ask = request_for(client, row)

    def lost(commit: Commit) -> None:
        raise OutcomeUnknown(commit)

    monkeypatch.setattr(store, "commit", lost, raising=False)
    answer = ask()
    refused(answer, 503, "outcome_unknown")
    assert answer.headers["Retry-After"]
    good(
        client.get(
            "/products", headers={"X-Consistency-Token": answer.headers["X-Consistency-Token"], "Prefer": "wait=0"}
        )
    )
