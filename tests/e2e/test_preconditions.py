"""ETag, If-None-Match and If-Match: copies that are still good, and writes that are meant for what was read."""

from uuid import uuid4

import httpx
import pytest

from tests.e2e.test_rows_in_general import answering
from tests.support.api_document import Row
from tests.support.consistency import asking, forged
from tests.support.shopping import ADMIN, Json, good, guest, new_product, put_in_cart, refused, request_for, seen


def path_of(product: Json) -> str:
    """Give the address of a product."""
    return f"/products/{product['id']}"


def changed(client: httpx.Client, product: Json, price: int) -> httpx.Response:
    """Give a product another price."""
    answer = client.put(path_of(product), json={"name": product["name"], "price": price}, headers=ADMIN)
    good(answer)
    return answer


def test_the_tag_names_the_versions_of_the_product_and_of_its_inventory(client: httpx.Client) -> None:
    product, sold_out = new_product(client, stock=10), new_product(client, stock=0)
    tags = [client.get(path_of(each)).headers["ETag"] for each in (product, sold_out)]
    answer = changed(client, product, 900)
    tags.append(client.get(path_of(product), headers=seen(answer)).headers["ETag"])
    who = guest()
    put_in_cart(client, who, good(client.get(path_of(product))))
    ordered = client.post("/orders", headers=who)
    tags.append(client.get(path_of(product), headers=seen(ordered)).headers["ETag"])
    assert tags == ['"1.1"', '"1.0"', '"2.1"', '"2.2"']


@answering(304)
@pytest.mark.parametrize(
    "header", ['"1.1"', 'W/"1.1"', "*", '"9.9", "1.1"', 'W/"9.9",W/"1.1"', '"with,comma" , "1.1",']
)
def test_who_has_it_is_told_so_without_a_body(client: httpx.Client, row: Row, header: str) -> None:
    fresh = request_for(client, row)()
    for method in ("GET", "HEAD"):
        answer = client.request(method, fresh.request.url, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert answer.headers[name] == fresh.headers[name]
        assert "Content-Type" not in answer.headers
    assert good(client.get(fresh.request.url)) == fresh.json()  # the connection is still in step


@pytest.mark.contract_row("GET", "/products/{id}", 304)
def test_tags_in_several_lines_are_one_list(client: httpx.Client) -> None:
    lines = [("If-None-Match", '"9.9"'), ("If-None-Match", '"1.1"')]
    assert client.get(path_of(new_product(client)), headers=lines).status_code == 304


@pytest.mark.parametrize("header", ['"1.2"', '"2.1"', '"1"', "1.1", '"1.1', "", 'w/"1.1"', '"*"', '"1.1"x', '"01.1"'])
def test_who_has_something_else_is_given_it(client: httpx.Client, header: str) -> None:
    product = new_product(client)
    assert good(client.get(path_of(product), headers={"If-None-Match": header})) == product


def test_stock_that_moved_makes_a_copy_old(client: httpx.Client) -> None:
    product = new_product(client, stock=1)
    tag = client.get(path_of(product)).headers["ETag"]
    added = client.post(f"{path_of(product)}/stock", json={"quantity": 4}, headers=ADMIN)
    answer = client.get(path_of(product), headers=seen(added) | {"If-None-Match": tag})
    assert good(answer)["stock"] == 5


def test_a_product_that_is_gone_is_not_found_whatever_the_client_has(client: httpx.Client) -> None:
    product = new_product(client)
    deleted = client.delete(path_of(product), headers=ADMIN)
    for header in ('"1.1"', "*"):
        answer = client.get(path_of(product), headers=seen(deleted) | {"If-None-Match": header})
        refused(answer, 404, "product_not_found")
        assert "ETag" not in answer.headers


@pytest.mark.contract_row("GET", "/products/{id}", 304)
def test_a_copy_that_a_write_may_have_made_old_is_said_to_be_stale(client: httpx.Client) -> None:
    product = new_product(client)
    headers = {"If-None-Match": '"1.1"'} | asking(forged((product["id"], 2)), "wait=0")
    answer = client.get(path_of(product), headers=headers)
    assert (answer.status_code, answer.headers["X-Consistency"]) == (304, "stale")


def test_a_cache_may_keep_a_product_and_asks_each_time(client: httpx.Client) -> None:
    assert client.get(path_of(new_product(client))).headers["Cache-Control"] == "no-cache"


@answering(412)
@pytest.mark.parametrize("header", ['"2.1"', '"2.1", "3.1"', 'W/"1.1"', "", "1.1", '"1"', f'"{"9" * 400}.1"'])
def test_a_write_that_is_meant_for_another_version_is_refused(client: httpx.Client, row: Row, header: str) -> None:
    answer = refused(request_for(client, row)(headers={"If-Match": header}), 412, "precondition_failed")
    assert answer["details"] == {"version": 1}


@answering(200, lambda row: 412 in row.statuses)
@pytest.mark.parametrize("header", ['"1.1"', '"1.999"', '"7.1", "1.1"', "*"])
def test_a_write_that_is_meant_for_this_version_is_done(client: httpx.Client, row: Row, header: str) -> None:
    good(request_for(client, row)(headers={"If-Match": header}))


@pytest.mark.contract_row("PUT", "/products/{id}", 412)
def test_of_two_who_read_the_same_the_second_is_refused_and_reads_again(client: httpx.Client) -> None:
    product = new_product(client)
    tag = client.get(path_of(product)).headers["ETag"]
    body = {"name": product["name"], "description": "", "price": 1}
    first = client.put(path_of(product), json=body, headers=ADMIN | {"If-Match": tag})
    good(first)
    second = {"json": body | {"price": 2}, "headers": ADMIN | {"If-Match": tag}}
    refused(client.put(path_of(product), **second), 412, "precondition_failed")  # type: ignore[arg-type]
    read = client.get(path_of(product), headers=seen(first))
    assert good(read)["price"] == 1
    good(client.put(path_of(product), json=body | {"price": 2}, headers=ADMIN | {"If-Match": read.headers["ETag"]}))


@answering(200, lambda row: 412 in row.statuses)
def test_a_repeat_has_its_first_answer_though_the_version_has_moved_by_it(client: httpx.Client, row: Row) -> None:
    ask, headers = request_for(client, row), {"If-Match": '"1.1"', "Idempotency-Key": str(uuid4())}
    first, again = ask(headers=headers), ask(headers=headers)
    assert good(again) == good(first)
    assert again.headers["X-Consistency-Token"] == first.headers["X-Consistency-Token"]
    refused(
        ask(headers={"If-Match": '"1.1"'}),
        *((404, "product_not_found") if row.method == "DELETE" else (412, "precondition_failed")),
    )
