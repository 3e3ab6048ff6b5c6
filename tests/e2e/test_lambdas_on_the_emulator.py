"""The zips as Lambda functions on the emulator: an order through HTTP, its row, its mail, and one correlation id through all of it."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest

from config.functions import CONSUMERS, cut_off_consumers, deploy_consumers, zip_name
from config.settings import Settings
from tests.support.aws_shop import aws_settings
from tests.support.command import CREDENTIALS, ecshop
from tests.support.durable_shop import Variables
from tests.support.lambda_zips import build_zips
from tests.support.mail_server import Inbox, mail_server
from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, SECRET_KEY, running_shop
from tests.support.shopping import ADMIN, good, guest, new_product, put_in_cart, seen
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.ministack, pytest.mark.postgres, pytest.mark.smtp]

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def settings_of(variables: Variables) -> Settings:
    """Give the settings that these variables are."""
    return Settings(**{name.lower(): value for name, value in variables.items()})  # type: ignore[arg-type]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Give a mail server."""
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def settings(
    ministack_endpoint: str, postgres_url: str, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Variables]:
    """Give the settings of a shop whose consumers are functions on the emulator."""
    build_zips(tmp_path, *(zip_name(name) for name in (*CONSUMERS, "api")))
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(inbox.port), "SMTP_TLS": "none", "SMTP_FROM": "o@shop.example"}
    names = {"LAMBDA_ENDPOINT": ministack_endpoint, "LAMBDA_NAME_PREFIX": f"shop-{uuid4().hex[:8]}-"}
    with aws_settings(ministack_endpoint, postgres_url) as made:
        settings = made | mail | names
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        deploy_consumers(settings_of(settings), tmp_path)
        yield settings


def asked_of_function(zips: Path, settings: Variables, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Have the API's zip, as a function of its own, answer a request that its URL hands it."""
    client = boto3.client("lambda", region_name="ap-northeast-1", endpoint_url=settings["LAMBDA_ENDPOINT"])
    name = settings["LAMBDA_NAME_PREFIX"] + "api"
    client.create_function(
        FunctionName=name,
        Runtime=f"python{HERE}",  # type: ignore[arg-type]
        Role="arn:aws:iam::000000000000:role/api",
        Handler="entrypoints.lambdas.api.handler",
        Code={"ZipFile": (zips / f"{zip_name('api')}.zip").read_bytes()},
        Timeout=60,
        Environment={"Variables": settings | {"LOG_LEVEL": "info"}},  # else it would have the emulator's own
    )
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "a test"}
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "shop.example"} | {header.lower(): value for header, value in headers.items()},
        "requestContext": {"http": http, "domainName": "shop.example", "stage": "$default"},
        "isBase64Encoded": False,
    }
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told


def logged_by(settings: Variables, function: str) -> list[dict[str, Any]]:
    """Give what a function wrote, as CloudWatch has it."""
    group = f"/aws/lambda/{settings['LAMBDA_NAME_PREFIX']}{function}"
    client = boto3.client(
        "logs",
        region_name="ap-northeast-1",
        endpoint_url=settings["LAMBDA_ENDPOINT"],
        aws_access_key_id="a-key",
        aws_secret_access_key="its-secret",
    )
    events = client.filter_log_events(logGroupName=group)["events"]
    return [json.loads(each["message"]) for each in events if each["message"].startswith("{")]


def has_logged(settings: Variables, function: str, request_id: str) -> bool:
    """Tell whether the function has named the request in its log."""
    return any(request_id in line.get("correlation_ids", []) for line in logged_by(settings, function))


def test_an_order_goes_all_the_way_under_one_correlation_id(settings: Variables, inbox: Inbox, tmp_path: Path) -> None:
    me, request_id = guest(), f"request-{uuid4()}"
    served = settings | {"WORKERS": "lambda", "ADMIN_TOKEN": ADMIN_TOKEN, "SECRET_KEY": SECRET_KEY}
    with (
        running_shop(ECSHOP, "serve", "--port", "0", **served) as shop,
        httpx.Client(base_url=shop.url, timeout=60) as client,
    ):
        product = new_product(client)
        put_in_cart(client, me, product, 2)
        said = {"X-Request-ID": request_id}
        placed = client.post("/orders", json={"email": "ann@x.example", "locale": "en"}, headers=me | said)
        order = good(placed, 201)
        wait_until(lambda: client.get(f"/orders/{order['id']}", headers=me | seen(placed)).status_code == 200)
        row = good(client.get(f"/orders/{order['id']}", headers=me))
        (event,) = good(client.get(f"/api/admin/events/{order['id']}", headers=ADMIN))
        wait_until(lambda: bool(inbox.mails))

    answer = asked_of_function(tmp_path, served, f"/orders/{order['id']}", me)
    assert answer.get("statusCode") == 200, answer
    assert json.loads(answer["body"]) == row
    assert row["items"] == order["items"]
    (mail,) = inbox.mails
    assert (mail["To"], order["id"][:8] in mail["Subject"]) == ("ann@x.example", True)
    assert placed.headers["X-Request-ID"] == request_id
    assert event["metadata"]["correlation_id"] == request_id
    assert mail["X-Correlation-ID"] == request_id
    for function in CONSUMERS:
        wait_until(partial(has_logged, settings, function, request_id))
    status = json.loads(ecshop("status", "--json", **settings, WORKERS="lambda").stdout)
    functions, mappings = status["parts"]["functions"], status["parts"]["mappings"]
    assert (functions["status"], len(functions["rows"])) == ("ok", 3)
    assert {(each["source"], each["state"]) for each in mappings["rows"]} == {
        (settings["KINESIS_STREAM_NAME"], "Enabled")
    }
    assert status["works"] is True

    cut_off_consumers(settings_of(settings))
    parts = json.loads(ecshop("status", "--json", **settings, WORKERS="none").stdout)["parts"]
    assert (len(parts["functions"]["rows"]), "mappings" in parts) == (3, False)
