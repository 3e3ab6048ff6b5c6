"""The durable shop in processes of its own: the API, the projector, the notifier, PostgreSQL; and a mail server that takes its time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from tests.support.command import ecshop, free_port
from tests.support.ecshop_processes import EcshopProcess
from tests.support.mail_server import Inbox, mail_server
from tests.support.mortal_postgres import MortalPostgres, mortal_postgres
from tests.support.running_shop import ADMIN_TOKEN, SECRET_KEY
from tests.support.waiting import wait_until

ROLES = ("api", "projector", "notifier")
"""Each process logs in as itself, so that PostgreSQL can be asked what it is at."""

ON_POSTGRES = {"STORE": "postgres"}

TAKES = 0.03
"""Seconds that the mail server takes for a mail: so the notifier is mostly amid one."""


class Scene:
    """The servers and processes, all of them running."""

    def __init__(
        self, folder: Path, postgres: MortalPostgres, inbox: Inbox, after_crash: str, store: dict[str, str]
    ) -> None:
        """Make the tables and start everything; `store` says where the events are."""
        self.postgres = postgres
        self.inbox = inbox
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self._execute(*(f"CREATE ROLE {role} LOGIN SUPERUSER" for role in ROLES))
        assert ecshop("migrate", DATABASE_URL=postgres.url).exit_code == 0
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(inbox.port), "SMTP_TLS": "none", "SMTP_FROM": "s@x.example"}
        self.store = store
        settings = {
            "WORKERS": "none",
            "ADMIN_TOKEN": ADMIN_TOKEN,
            "SECRET_KEY": SECRET_KEY,
            "NOTIFY_AFTER_CRASH": after_crash,
            **mail,
            **store,
        }
        commands = {
            "api": ("serve", "--port", str(port)),
            "projector": ("worker", "project"),
            "notifier": ("worker", "notify"),
        }
        self.processes = {
            role: EcshopProcess(folder, *command, **settings, DATABASE_URL=postgres.url_as(role))
            for role, command in commands.items()
        }
        with ThreadPoolExecutor() as threads:
            list(threads.map(EcshopProcess.start, self.processes.values()))

    def close(self) -> None:
        """Stop what runs."""
        for process in self.processes.values():
            process.stop()

    def asked(self, statement: str) -> list[tuple[object, ...]]:
        """Ask PostgreSQL, as nobody of the shop."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def catch_up(self) -> None:
        """Wait until the projectors have dealt with everything, and no mail is to be sent but those whose sender was killed."""

        def quiet() -> bool:
            told = httpx.get(f"{self.address}/readyz", timeout=60).json()
            pending = self.asked("SELECT FROM shop_state.mail_queue WHERE status = 'pending' AND " + FREE)
            return not pending and all(each["lag_seconds"] == 0 for each in told["projectors"].values())

        wait_until(quiet, 120)

    def outlive_leases(self) -> None:
        """Have the time pass that a mail is left to its sender, while none is at work."""
        self.processes["notifier"].stop()
        self._execute("UPDATE shop_state.mail_queue SET due_at = now() WHERE status = 'sending'")
        self.processes["notifier"].start()
        wait_until(lambda: not self.asked("SELECT FROM shop_state.mail_queue WHERE settled_at IS NULL"), 120)


FREE = """NOT EXISTS (
    SELECT FROM shop_state.mail_queue AS earlier
    WHERE earlier.stream = mail_queue.stream AND earlier.version < mail_queue.version AND earlier.status = 'sending'
)"""
"""A mail waits for an earlier one of its order."""


@contextmanager
def running_scene(folder: Path, after_crash: str, store: dict[str, str] = ON_POSTGRES) -> Iterator[Scene]:
    """Run everything while inside."""
    with mortal_postgres(folder / "postgres", MortalPostgres) as postgres, mail_server() as inbox:
        inbox.seconds = TAKES
        scene = Scene(folder, postgres, inbox, after_crash, store)
        try:
            yield scene
        finally:
            scene.close()
