"""Requests made up from the OpenAPI document: whatever comes, the shop has an answer that is no fault of its own."""

from collections import Counter
from typing import Any

import httpx
import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from tests.support.running_shop import RunningShop
from tests.support.shopping import ADMIN, guest, new_order, new_product, paid_order, put_in_cart

EXAMPLES = 15
"""Of each row: all of them take half a minute on an idle machine."""


def things_for(client: httpx.Client, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """Prepare what a good request to this row needs; give its shopper's header, and ids by the names of the document."""
    who, product = guest(), new_product(client)
    ids = {"product_id": product["id"], "aggregate_id": product["id"]}
    if path.startswith("/orders/"):
        ids["order_id"] = (paid_order if path.endswith("/ship") else new_order)(client, who)["id"]
    else:
        put_in_cart(client, who, product)
    return who, ids


def test_no_request_that_the_document_leads_to_is_a_server_error(shop: RunningShop, client: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(f"{shop.url}/schema/openapi.json")
    statuses: Counter[tuple[str, int]] = Counter()
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    for operation in operations:

        @hypothesis.seed(3)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(), known=st.booleans(), admin=st.booleans())
        def ask(case: schemathesis.Case[Any], known: bool, admin: bool) -> None:  # noqa: FBT001
            # Half of the requests get past the door and to something that exists; a long wait would only cost time.
            headers = {"Prefer": "wait=0"} | (ADMIN if admin else {})
            if known:
                who, ids = things_for(client, case.path)
                headers |= who | ADMIN
                case.path_parameters = {name: ids[name] for name in case.path_parameters or {}}
                # No text that is made up is a token or a cursor of ours, and to JSON Schema 2.0 is an integer.
                for name in {"X-Consistency-Token", "Prefer"} & set(case.headers or {}):
                    del case.headers[name]
                case.query = {name: value for name, value in (case.query or {}).items() if name != "after"}
                if isinstance(case.body, dict):
                    case.body = {
                        name: int(value) if type(value) is float else value for name, value in case.body.items()
                    }
                    case.body |= {"product_id": ids["product_id"]} if "product_id" in case.body else {}
            answer = case.call(headers=headers, timeout=30)
            statuses[f"{case.method} {case.path}", answer.status_code] += 1
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            assert answer.status_code < 400 or answer.json()["error"]

        ask()
    assert len(operations) == 24
    assert {row for row, status in statuses if status < 400} == {
        f"{each.method.upper()} {each.path}" for each in operations
    }
    assert {status for _, status in statuses} >= {200, 201, 400, 401, 404}
    assert [line for line in shop.logged() if line["level"] == "error"] == []
