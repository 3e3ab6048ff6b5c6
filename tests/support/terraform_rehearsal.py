"""The stack on an emulator, by the real terraform and provider: apply, an order, a second plan, destroy.

`python -m tests.support.terraform_rehearsal docs/terraform.log` runs it on servers of its own and writes down what was printed.
"""

import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import click
import httpx
from psycopg.conninfo import conninfo_to_dict

from tests.support.command import ecshop
from tests.support.lambda_zips import build_zips
from tests.support.mail_server import Inbox, mail_server
from tests.support.ministack import ministack
from tests.support.postgres_databases import empty_database
from tests.support.running_shop import ADMIN_TOKEN, SECRET_KEY
from tests.support.shopping import ADMIN, good, guest, put_in_cart, seen
from tests.support.terraform import copy_of_the_stack, terraform
from tests.support.terraform_drifts import DRIFTS, drifts
from tests.support.terraform_source import EXAMPLES
from tests.support.waiting import wait_until

OTHERWISE = {
    "development": ("smtp_host=127.0.0.1",),
    # The emulator has none of its networks, the mail server asks for no log-in, and the stack is to go again.
    "production": (
        *("smtp_host=127.0.0.1", "smtp_user=", "subnet_ids=[]", "security_group_ids=[]"),
        "deletion_protection=false",
    ),
}
"""What is set otherwise than the examples have it, by example."""

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the stack is rehearsed: an emulator, an empty database, a mail server, and a copy of the sources beside zips."""

    endpoint: str
    database_url: str
    inbox: Inbox
    stack: Path

    def variables(self) -> dict[str, str]:
        """Give what terraform is told by the environment, secrets included."""
        given = {
            "endpoint": self.endpoint,
            "database_url": f"postgresql:///?{urlencode(conninfo_to_dict(self.database_url))}",
            "secret_key": SECRET_KEY,
            "admin_token": ADMIN_TOKEN,
            "smtp_port": str(self.inbox.port),
            "smtp_tls": "none",
            "architecture": "x86_64",  # what the emulator runs on
        }
        return {f"TF_VAR_{name}": value for name, value in given.items()}


class Rehearsal:
    """One example, from nothing to nothing."""

    def __init__(self, ground: Ground, example: str, tell: Tell) -> None:
        """Take where, which example, and who is told each line."""
        self._ground = ground
        self._inputs = (f"-var-file=examples/{example}.tfvars", *(f"-var={each}" for each in OTHERWISE[example]))
        self._tell = tell
        self._shown = False

    def run(self) -> None:
        """Do all of it.

        Raises:
            AssertionError: a step did something else than it should; the stack is destroyed then too, as far as it can be.
        """
        self._tell("# the tables in PostgreSQL")
        migrated = ecshop("migrate", DATABASE_URL=self._ground.database_url)
        assert migrated.exit_code == 0, migrated.stderr
        self._tell(migrated.stdout.strip())
        try:
            self._terraform("apply", "-auto-approve", *self._inputs)
            self._order(self._output("api_url"))
            self._sweep(self._output("functions")["sweeper"])
            self._second_plan()
        finally:
            self._terraform("destroy", "-auto-approve", *self._inputs)
        assert self._what_is_left() == []

    def _terraform(self, command: str, *arguments: str) -> str:
        self._shown = False
        self._tell(f"\n$ terraform {command} {' '.join(arguments)}")
        return terraform(
            self._ground.stack,
            command,
            "-input=false",
            "-no-color",
            *arguments,
            tell=self._tell_what_matters,
            variables=self._ground.variables(),
        )

    def _tell_what_matters(self, line: str) -> None:
        """Leave out what is planned, which the sources say, and what is still under way; outputs come last."""
        self._shown = self._shown or line == "Outputs:"
        if self._shown or not re.search(r"^ |^$|Still |Refreshing state|Reading\.\.\.|Read complete", line):
            self._tell(line)

    def _output(self, name: str) -> Any:  # noqa: ANN401 - whatever the output is
        return json.loads(terraform(self._ground.stack, "output", "-json", name))

    def _order(self, url: str) -> None:
        """Place an order through the function's URL: its row is there, and its mail."""
        host, me = httpx.URL(url).host, guest()
        self._tell(f"\n# an order through {url}, which the emulator serves at its own address")
        with httpx.Client(base_url=self._ground.endpoint, headers={"Host": host}, timeout=60) as client:
            product = good(
                client.post("/products", json={"name": "煎茶", "price": 1_080, "stock": 10}, headers=ADMIN), 201
            )
            wait_until(
                lambda: client.get(f"/products/{product['id']}").status_code == 200, 120
            )  # the first run of a function
            put_in_cart(client, me, product, 2)
            placed = client.post("/orders", json={"email": "ann@x.example", "locale": "en"}, headers=me)
            order = good(placed, 201)
            self._tell(f"POST /orders: {placed.status_code}, order {order['id']}, total {order['total']}")
            path = f"/orders/{order['id']}"
            wait_until(lambda: client.get(path, headers=me | seen(placed)).status_code == 200, 120)
            row = good(client.get(path, headers=me))
            assert row["items"] == order["items"]
            self._tell(f"GET {path}: 200, from its row: {row['items'][0]['quantity']} units, {row['status']}")
        wait_until(lambda: bool(self._ground.inbox.mails), 120)
        (mail,) = self._ground.inbox.mails
        assert order["id"][:8] in mail["Subject"]
        self._tell(f"the mail to {mail['To']}: {mail['Subject']}")

    def _sweep(self, function: str) -> None:
        """Have the sweeper do what schedules have it do, which the emulator does not run."""
        for task in ("reconcile-recent", "reconcile-all", "mails"):
            answer = self._client("lambda").invoke(FunctionName=function, Payload=json.dumps({"task": task, "days": 1}))
            said = answer["Payload"].read().decode()
            self._tell(f"{function}, {task}: {said}")
            assert "FunctionError" not in answer, said

    def _second_plan(self) -> None:
        self._terraform("plan", "-out=second.plan", *self._inputs)
        plan = json.loads(terraform(self._ground.stack, "show", "-json", "second.plan"))
        changed = drifts(plan)
        self._tell(
            "\n# what it would change: nothing but what the emulator forgets (tests/support/terraform_drifts.py)"
        )
        for (kind, argument), places in sorted(changed.items()):
            self._tell(f"{kind}: {argument} ({places} of them)")
        assert set(changed) <= DRIFTS

    def _what_is_left(self) -> list[str]:
        left = [
            *terraform(self._ground.stack, "state", "list").split(),
            *self._client("dynamodb").list_tables()["TableNames"],
            *self._client("kinesis").list_streams()["StreamNames"],
            *(each["FunctionName"] for each in self._client("lambda").list_functions()["Functions"]),
            *(each["AlarmName"] for each in self._client("cloudwatch").describe_alarms()["MetricAlarms"]),
            *(each["RoleName"] for each in self._client("iam").list_roles()["Roles"]),
            *(each["Name"] for each in self._client("s3").list_buckets()["Buckets"]),
        ]
        self._tell(
            f"\n# tables, streams, functions, alarms, roles and buckets that are left on the emulator: {len(left)}"
        )
        return left

    def _client(self, service: str) -> Any:  # noqa: ANN401 - a client of boto3
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self._ground.endpoint,
            region_name="ap-northeast-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def rehearse(example: str, server_url: str, root: Path, tell: Tell) -> None:
    """Rehearse one example on an emulator of its own and a database on this server, with a copy of the stack in this folder."""
    build_zips(root / "build" / "lambdas", *(f"{name}-x86_64" for name in ("projector", "notifier", "sweeper", "api")))
    with ministack() as endpoint, empty_database(server_url) as database, mail_server() as inbox:
        stack = copy_of_the_stack(root)
        for line in terraform(stack, "version").splitlines():
            tell(line)
        Rehearsal(Ground(endpoint, database, inbox, stack), example, tell).run()


def main(log: Path) -> None:
    """Rehearse all examples, and write down what was printed."""
    from entrypoints.stack.embedded_postgres import embedded_postgres  # noqa: PLC0415 - tests have a server of theirs

    lines: list[str] = []

    def tell(line: str) -> None:
        click.echo(line)
        lines.append(line)

    with tempfile.TemporaryDirectory(prefix="embedded-") as data, embedded_postgres(Path(data)) as server:
        for example in EXAMPLES:
            tell(f"# ----- the example {example}")
            with tempfile.TemporaryDirectory() as root:
                rehearse(example, server, Path(root), tell)
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
