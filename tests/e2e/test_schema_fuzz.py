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
from tests.support.shopping import ADMIN, guest, new_order, new_product

EXAMPLES = 25
"""Of each row: all of them take about 20 seconds on an idle machine."""


def test_no_request_that_the_document_leads_to_is_a_server_error(shop: RunningShop, client: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(f"{shop.url}/schema/openapi.json")
    who = guest()
    ids = {"product_id": new_product(client)["id"], "order_id": new_order(client, who)["id"]}
    ids["aggregate_id"] = ids["order_id"]
    statuses: Counter[int] = Counter()
    rows = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        rows += 1

        @hypothesis.seed(3)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=found.ok().as_strategy(), known=st.booleans(), admin=st.booleans())
        def ask(case: schemathesis.Case[Any], known: bool, admin: bool) -> None:  # noqa: FBT001
            headers = dict(case.headers or {})
            # Half of the requests get past the door and to something that exists; a long wait would only cost time.
            headers |= {"Prefer": "wait=0"} | (who if known else {}) | (ADMIN if admin else {})
            if known:
                case.path_parameters = {name: ids[name] for name in case.path_parameters or {}}
            answer = case.call(headers=headers, timeout=30)
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            assert answer.status_code < 400 or answer.json()["error"]

        ask()
    assert rows == 23
    assert sum(statuses.values()) > 200
    assert set(statuses) >= {200, 400, 401, 404}, statuses
    assert [line for line in shop.logged() if line["level"] == "error"] == []
