"""`make run` and `ecshop demo`: what they print is all that a newcomer needs."""

import shlex
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.command import free_port
from tests.support.project_copy import project_copy
from tests.support.running_shop import ECSHOP, running_shop
from tests.support.shopping import Json, good
from tests.support.waiting import wait_until


def curl(line: str) -> httpx.Response:
    """Run a curl line; where no curl is, ask what it would ask."""
    program, *arguments = shlex.split(line)
    assert program == "curl"
    if not shutil.which(program):
        (url,) = arguments
        return httpx.get(url)
    ended = subprocess.run(
        [program, "--silent", "--show-error", "--fail-with-body", *arguments],
        capture_output=True,
        timeout=60,
        check=True,
    )
    return httpx.Response(200, content=ended.stdout)


def sent(url: str, admin: dict[str, str]) -> list[Json]:
    """Give the mails that went out, to the catcher."""
    mails: list[Json] = good(httpx.get(f"{url}/api/admin/mails", params={"status": "sent"}, headers=admin))
    return mails


@pytest.mark.parametrize("how", ["ecshop demo", "make run"])
def test_the_demo_prints_its_address_its_token_and_a_curl_line_that_works(how: str, tmp_path: Path) -> None:
    command = [ECSHOP, "demo", "--port", "0"]
    if how == "make run":
        command = ["make", "--no-print-directory", "-C", str(project_copy(tmp_path)), "run", f"PORT={free_port()}"]
    with running_shop(*command) as shop:
        wait_until(lambda: shop.output.read_text().count("\n") >= 5)
        _, address, token, mails, line, *more = shop.output.read_text().splitlines()
        assert more == []
        where = address.split()[4]
        assert httpx.URL(where).port == httpx.URL(shop.url).port
        word, _, secret = token.rpartition(" ")
        assert word == "Admin token:"
        admin = {"Authorization": f"Bearer {secret}"}
        orders = httpx.get(f"{shop.url}/api/admin/orders", headers=admin)
        assert {order["status"] for order in good(orders)} == {"pending", "paid", "shipped", "cancelled"}
        assert f"{where}/api/admin/mails" in mails
        wait_until(lambda: len(sent(shop.url, admin)) == 6)
        subjects = {mail["subject"][:6] for mail in sent(shop.url, admin)}
        assert subjects == {"【注文確認】", "【入金確認】", "[Order", "[Payme"}
        word, _, asked = line.partition(" ")
        assert word == "Try:"
        product = good(curl(asked))
    assert asked.startswith(f"curl {where}/products/{product['id']}")
    assert product["stock"] > 0
