"""README's sessions, as they stand, against a shop with demo data."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.running_shop import ADMIN_TOKEN, ECSHOP, environment, running_shop

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TEA = "a3244e6a-a696-59df-b5f0-620a96ed1655"

# A refused request ends the session, and what each command says is told apart by a line.
PREAMBLE = """set -eu
curl() { command curl --silent --show-error --fail-with-body "$@"; echo; echo "--"; }
"""


def session(title: str) -> str:
    """Give the shell's part of the section."""
    section = README.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


BASH, CURL = shutil.which("bash"), shutil.which("curl")


@pytest.mark.skipif(not (BASH and CURL), reason="README's session needs curl and bash")
def test_the_session_works_as_it_stands() -> None:
    with running_shop(ECSHOP, "demo", "--port", "0", ADMIN_TOKEN=ADMIN_TOKEN) as shop:
        script = PREAMBLE + session("A session")
        for in_the_readme, here in (
            ("http://localhost:8080", shop.url),
            ("ADMIN_TOKEN=...", f"ADMIN_TOKEN={ADMIN_TOKEN}"),
            (".venv/bin/ecshop", f'"{ECSHOP}"'),
        ):
            assert script.count(in_the_readme) == 1
            script = script.replace(in_the_readme, here)
        ended = subprocess.run(
            [str(BASH), "-c", script], env=environment(), capture_output=True, text=True, timeout=120, check=False
        )

    assert ended.returncode == 0, ended.stderr
    products, cart, order, again, orders, fresh_cart, history, mails, _ = ended.stdout.split("\n--\n")
    assert len(json.loads(products)) == 3
    assert json.loads(cart)["items"][0]["product_id"] == TEA
    placed, repeated = (
        json.loads(answer.partition("\n\n")[2]) for answer in (order.replace("\r", ""), again.replace("\r", ""))
    )
    assert placed == repeated
    assert [each["id"] for each in json.loads(orders)] == [placed["id"]]
    assert json.loads(fresh_cart)["items"][0]["quantity"] == 1
    events, _, state = history.partition('\n{"aggregate_id"')
    assert [line.split()[2] for line in events.splitlines()][-1] == "StockReserved"
    assert '"version":1' in state
    (mail,) = json.loads(mails)
    assert mail["status"] in {"sent", "no_recipient", "pending", "sending"}


@pytest.mark.postgres
@pytest.mark.skipif(not BASH, reason="README's session needs bash")
def test_the_session_of_a_durable_shop_works_as_it_stands(tmp_path: Path) -> None:
    here = {"DATA_DIR": str(tmp_path), "PORT": "0"}
    with running_shop(ECSHOP, "demo", "--port", "0", STORE="postgres", **here):
        script = session("A durable shop").replace(".venv/bin/ecshop", f'"{ECSHOP}"')
        ended = subprocess.run(
            [str(BASH), "-euc", script],
            env=environment(**here),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    assert ended.returncode == 0, ended.stderr
    for words in (
        "The shop works as it is set.",
        "OrderShipped",
        "streams, 0 differ.",
        "Generation 2 is live.",
        "Generation 1 is dropped.",
    ):
        assert words in ended.stdout
