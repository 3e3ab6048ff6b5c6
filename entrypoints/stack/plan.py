"""What the stack is made of: its settings, and its parts in the order in which they start."""

import json
import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.functions import CONSUMERS, zip_name
from config.settings import Settings
from entrypoints.stack.ports import HOST
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import Part, answers, says

PORTS = ("PORT", "STACK_AWS_PORT", "STACK_SMTP_PORT", "STACK_MAILS_PORT")

ROOT = Path(__file__).parents[2]
ECSHOP = (sys.executable, "-m", "entrypoints.cli")

# What a person has set for their own AWS; the emulator takes any credentials, and must see none of theirs.
FOREIGN = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"),
    *("SMTP_USER", "SMTP_PASSWORD", "SMTP_FROM"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A stack on `folder` with these ports by their settings; `shop` is what the shop's own processes are set to.

    With `lambdas`, functions project and mail; without, processes do.
    """

    folder: Path
    ports: Mapping[str, int]
    shop: Mapping[str, str]
    lambdas: bool

    @property
    def api(self) -> str:
        """Where the shop is."""
        return f"http://{HOST}:{self.ports['PORT']}"

    @property
    def aws(self) -> str:
        """Where AWS is played."""
        return f"http://{HOST}:{self.ports['STACK_AWS_PORT']}"

    @property
    def mails(self) -> str:
        """Where mails can be read."""
        return f"http://{HOST}:{self.ports['STACK_MAILS_PORT']}"

    def environment(self) -> dict[str, str]:
        """Give the variables of a process of the shop."""
        return {name: value for name, value in os.environ.items() if name not in FOREIGN} | dict(self.shop)

    def exports(self) -> str:
        """Give what a shell reads, for commands on this stack: all that its processes are set to, and what they are not is unset."""
        given = self.environment() | {"DATA_DIR": str(self.folder.parent)}
        names = {name.upper() for name in Settings.model_fields} | set(self.shop) | set(FOREIGN)
        lines = [
            f"export {name}={shlex.quote(given[name])}" if name in given else f"unset {name}" for name in sorted(names)
        ]
        return "\n".join(lines) + "\n"


def plan_of(settings: Settings, folder: Path, ports: Mapping[str, int], database_url: str, *, lambdas: bool) -> Plan:
    """Plan a stack; an admin token is made up where none is set."""
    token = settings.admin_token.get_secret_value() if settings.admin_token else secrets.token_urlsafe(24)
    aws = f"http://{HOST}:{ports['STACK_AWS_PORT']}"
    shop = {
        "ENVIRONMENT": "development",
        "STORE": "dynamodb",
        "WORKERS": "lambda" if lambdas else "none",
        # What the stack is made of is the store's own change feed.
        "DELIVERY": "cdc",
        "TRANSPORT": "",
        "HOST": HOST,
        "PORT": str(ports["PORT"]),
        "ADMIN_TOKEN": token,
        "DATABASE_URL": database_url,
        "DYNAMODB_ENDPOINT": aws,
        "KINESIS_ENDPOINT": aws,
        "LAMBDA_ENDPOINT": aws,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        # No proxy reaches what listens on this machine alone.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _without_proxy()),
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(ports["STACK_SMTP_PORT"]),
        "SMTP_FROM": settings.smtp_from,
        "SMTP_TLS": "none",
    }
    return Plan(folder, ports, shop, lambdas)


def _without_proxy() -> str:
    return ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), HOST)))


def servers(plan: Plan) -> list[Part]:
    """Give what plays AWS, and what catches mails.

    Raises:
        StackProblem: what AWS' player kept cannot be read; it would begin with nothing, and the rows be made to agree.
    """
    _check_kept(plan.folder / "aws")
    return [_aws(plan), _mails(plan)]


def preparations(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Give the commands that make what is missing, by what they are about, in their order."""
    prepare = (sys.executable, "-m", "entrypoints.stack.prepare")
    if not plan.lambdas:
        return {"prepare": prepare}
    zips, build = str(plan.folder / "lambdas"), str(ROOT / "infra" / "lambdas" / "build.py")
    # Functions run here with the Python that runs this.
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = (sys.executable, build, "--python", python, "--into", zips, "--only", *map(zip_name, CONSUMERS))
    return {"zips": command, "prepare": (*prepare, zips)}


def workers(plan: Plan) -> list[Part]:
    """Give who keeps the rows up and who mails, where no functions do; and who finds what the feed lost, at first in all streams."""
    consumers = {} if plan.lambdas else {"projector": "project", "notifier": "notify"}
    roles = consumers | {"reconcile": "reconcile"}
    return [Part(name, (*ECSHOP, "worker", role), plan.environment(), says("Working:")) for name, role in roles.items()]


def shop(plan: Plan) -> Part:
    """Give the shop, with demo data."""
    return Part("api", (*ECSHOP, "demo"), plan.environment(), answers(f"{plan.api}/readyz"))


def _check_kept(data: Path) -> None:
    for path in sorted(data.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            raise StackProblem(
                f"{path} is damaged ({error}): put a copy of it back, or remove the folder to begin with no events."
            ) from None


def _aws(plan: Plan) -> Part:
    data = plan.folder / "aws"
    settings = {
        "GATEWAY_PORT": str(plan.ports["STACK_AWS_PORT"]),
        "BIND_HOST": HOST,
        # Other services that would listen on fixed ports.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO" if plan.lambdas else "WARNING",  # what functions say is told there too
        # Kept when it is stopped, not before: what it has is in its memory.
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data),
        "S3_DATA_DIR": str(data / "s3"),
    }
    command = (sys.executable, "-W", "ignore", "-m", "ministack")
    return Part("aws", command, plan.environment() | settings, answers(f"{plan.aws}/_ministack/ready"))


def _mails(plan: Plan) -> Part:
    command = (
        *(sys.executable, "-W", "ignore", "-m", "sendria", "--foreground", "--no-quit"),
        *("--db", str(plan.folder / "mails.sqlite")),
        *("--smtp-ip", HOST, "--smtp-port", str(plan.ports["STACK_SMTP_PORT"])),
        *("--http-ip", HOST, "--http-port", str(plan.ports["STACK_MAILS_PORT"])),
    )
    # It would keep settings in the home folder.
    settings = {"SENDRIA_CONFIG_DIR": str(plan.folder / "mails")}
    return Part("mails", command, plan.environment() | settings, answers(f"{plan.mails}/api/messages/"))
