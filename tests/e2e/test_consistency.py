"""Consistency tokens: reading one's own writes."""

from uuid import uuid4

import httpx
import pytest

from core.ports.commit import Position
from entrypoints.http.consistency import seconds_of
from entrypoints.http.tokens import LONGEST, Signer, consistency_token
from tests.support.consistency import asking, forged
from tests.support.running_shop import SECRET_KEY
from tests.support.shopping import ADMIN, good, guest, new_order, new_product, put_in_cart, refused, seen


def test_a_read_with_the_token_of_a_write_sees_it_at_once(client: httpx.Client) -> None:
    who, product = guest(), new_product(client)
    for quantity in range(1, 31):
        answer = put_in_cart(client, who, product)
        shown = client.get("/cart", headers=who | seen(answer))
        assert good(shown)["items"][0]["quantity"] == quantity
        assert "X-Consistency" not in shown.headers


def test_the_token_of_an_order_shows_it_everywhere(client: httpx.Client) -> None:
    who, product = guest(), new_product(client, stock=9)
    put_in_cart(client, who, product)
    answer = client.post("/orders", headers=who)
    order = good(answer, 201)
    fresh = seen(answer)
    assert good(client.get("/orders", headers=who | fresh)) == [order]
    assert good(client.get(f"/orders/{order['id']}", headers=who | fresh)) == order
    assert good(client.get("/api/admin/orders?limit=1", headers=ADMIN | fresh))[0] == order
    assert good(client.get(f"/products/{product['id']}", headers=fresh))["stock"] == 8


@pytest.mark.parametrize("wait", ["wait=0", "wait=0.05", 'respond-async, wait="0"', "wait=0;x"])
def test_a_read_that_cannot_catch_up_in_time_answers_what_it_has_and_says_so(client: httpx.Client, wait: str) -> None:
    product = new_product(client)
    answer = client.get(f"/products/{product['id']}", headers=asking(forged((product["id"], 7)), wait))
    assert good(answer) == product
    assert answer.headers["X-Consistency"] == "stale"


def test_a_refusal_says_so_too_because_what_is_late_looks_like_what_is_lost(client: httpx.Client) -> None:
    who, late, other = guest(), str(uuid4()), new_order(client, guest())
    product = client.get(f"/products/{late}", headers=asking(forged((late, 1))))
    order = client.get(f"/orders/{late}", headers=who | asking(forged((late, 1))))
    strange = client.get(f"/orders/{other['id']}", headers=who | asking(forged((other["id"], 9))))
    refused(product, 404, "product_not_found")
    refused(order, 404, "order_not_found")
    refused(strange, 403, "order_not_yours")
    assert [answer.headers["X-Consistency"] for answer in (product, order, strange)] == ["stale"] * 3


def test_a_refusal_of_a_read_that_has_caught_up_says_nothing_of_it(client: httpx.Client) -> None:
    product = new_product(client)
    deleted = client.delete(f"/products/{product['id']}", headers=ADMIN)
    answer = client.get(f"/products/{product['id']}", headers=seen(deleted))
    refused(answer, 404, "product_not_found")
    assert "X-Consistency" not in answer.headers


def test_tokens_in_several_lines_are_all_waited_for(client: httpx.Client) -> None:
    here, ahead = new_product(client), new_product(client)
    now, later = forged((here["id"], 1)), forged((ahead["id"], 2))
    for tokens in ([now, later], [later, now]):
        lines = [("X-Consistency-Token", token) for token in tokens]
        answer = client.get("/products", headers=[*lines, ("Prefer", "respond-async"), ("Prefer", "wait=0")])
        assert answer.headers["X-Consistency"] == "stale"


@pytest.mark.contract_row("GET", "/products", 400)
def test_a_bad_token_in_a_line_of_its_own_is_refused(client: httpx.Client) -> None:
    good_one = forged((new_product(client)["id"], 1))
    for tokens in ([good_one, "bm90IG91cnM"], ["bm90IG91cnM", good_one]):
        lines = [("X-Consistency-Token", token) for token in tokens]
        refused(client.get("/products", headers=lines), 400, "bad_token")


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 2),
        ("", 2),
        ("wait=0", 0),
        ("WAIT=0", 0),
        ("Wait=3.5", 3.5),
        ("respond-async, wait=4", 4),
        ("wait=1, wait=5", 1),
        ("wait=600", 10),
        ("await=5", 2),
        ("wait=soon", 2),
    ],
)
def test_the_preference_is_read_as_http_writes_preferences(prefer: str | None, seconds: float) -> None:
    assert seconds_of(prefer) == seconds


def test_rows_that_read_no_read_model_do_not_look_at_a_token(client: httpx.Client) -> None:
    product = new_product(client)
    good(client.get(f"/api/admin/events/{product['id']}", headers=ADMIN | asking("garbage")))
    good(client.delete(f"/products/{product['id']}", headers=ADMIN | asking("garbage")))


def test_several_tokens_are_all_waited_for(client: httpx.Client) -> None:
    here, ahead = new_product(client), new_product(client)
    now, later = forged((here["id"], 1)), forged((ahead["id"], 2))
    assert "X-Consistency" not in client.get("/products", headers=asking(f"{now}, {now}")).headers
    assert client.get("/products", headers=asking(f"{now},{later}")).headers["X-Consistency"] == "stale"
    assert client.get("/products", headers=asking(f"{later} ,{now}")).headers["X-Consistency"] == "stale"


def test_without_a_token_a_read_says_nothing_of_it(client: httpx.Client) -> None:
    assert "X-Consistency" not in client.get("/products", headers={"Prefer": "wait=10"}).headers


def test_a_write_that_changes_nothing_carries_the_versions_it_saw(client: httpx.Client) -> None:
    product = new_product(client, name="煎茶", price=100)
    same = {"name": "煎茶", "description": "", "price": 100}
    answer = client.put(f"/products/{product['id']}", json=same, headers=ADMIN)
    assert answer.headers["X-Consistency-Token"] == forged((product["id"], 1))


def changed(token: str) -> str:
    """Change one character."""
    return ("A" if token[50] != "A" else "B").join((token[:50], token[51:]))


@pytest.mark.contract_row("GET", "/products", 400)
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "§§",
        ",",
        f"{forged(('a', 1))},",
        changed(forged(("a-stream-with-a-long-name", 1))),
        consistency_token(Signer(b"another key"), [Position("a", 1)]),
        Signer(SECRET_KEY.encode()).sign("after", [("a", 1)]),
        Signer(SECRET_KEY.encode()).sign("positions", {"a": 1}),
        Signer(SECRET_KEY.encode()).sign("positions", [("a", "1")]),
    ],
)
def test_a_token_that_is_none_of_the_shop_s_is_refused(client: httpx.Client, bad: str) -> None:
    refused(client.get("/products", headers={b"X-Consistency-Token": bad.encode()}), 400, "bad_token")


@pytest.mark.contract_row("GET", "/products", 400)
def test_a_token_over_4_kb_is_refused_though_its_signature_is_right(client: httpx.Client) -> None:
    long = forged(*((f"stream-{number:0100}", 1) for number in range(40)))
    assert len(long) > LONGEST
    refused(client.get("/products", headers=asking(long)), 400, "bad_token")


def test_the_largest_order_has_a_token_that_fits(client: httpx.Client) -> None:
    who = guest()
    for _ in range(30):
        put_in_cart(client, who, new_product(client))
    answer = client.post("/orders", headers=who)
    assert len(answer.headers["X-Consistency-Token"]) <= LONGEST
    assert len(good(client.get("/orders", headers=who | seen(answer)))) == 1
