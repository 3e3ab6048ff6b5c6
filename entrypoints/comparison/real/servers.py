"""The servers of one real run, on free ports of this machine: PostgreSQL, what plays AWS, Apache Kafka, and what catches mails."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL

from config.settings import Settings, load_settings
from entrypoints.comparison.workload import SHOPPER
from entrypoints.stack import embedded_kafka
from entrypoints.stack.embedded_postgres import embedded_postgres
from entrypoints.stack.kafka_broker import Broker
from entrypoints.stack.plan import Plan, plan_of, servers
from entrypoints.stack.ports import free
from entrypoints.stack.process import Process

SENDER = "EC Shop <orders@shop.example>"

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)


class Database:
    """A PostgreSQL that is stopped and started again on the same `data`, where its socket is too."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        self.url = ""
        self.data = folder / "data"
        self._folder = folder
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.url = self._running.enter_context(embedded_postgres(self._folder))

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        self._running.close()


class KafkaCluster:
    """An Apache Kafka of one broker, which is killed and started again on the same data and ports."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        folder.mkdir()
        self._broker: Broker = embedded_kafka.started(folder)
        self.servers = self._broker.servers

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._broker.start()

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        self._broker.identity.signal(SIGKILL)
        self._broker.stop()

    def stop(self) -> None:
        """End it."""
        self._broker.stop()


@dataclass(slots=True)
class Servers:
    """What runs. `environment` is what a process of the shop finds it by; `aws` is empty where nothing plays AWS."""

    database: Database
    plan: Plan
    environment: dict[str, str]
    aws: str = ""
    kafka: KafkaCluster | None = None
    _mails: Path = field(default_factory=Path)

    def sent(self) -> list[str]:
        """Give the ids of the events that mails to the shopper were about, in the order in which these came.

        One to anybody else reaches nobody who waits for it.
        """
        to_the_shopper = "SELECT source FROM message WHERE recipients_envelope LIKE ? ORDER BY id"
        with closing(sqlite3.connect(self.plan.folder / "mails.sqlite")) as caught:
            sources = caught.execute(to_the_shopper, [f"%{SHOPPER}%"]).fetchall()
        found = [MESSAGE_ID.search(source.encode() if isinstance(source, str) else source) for (source,) in sources]
        return [each[1].decode() for each in found if each]


def started(
    ended: ExitStack, folder: Path, store: str, transport: str, delivery: str, tell: Callable[[str], object]
) -> Servers:
    """Start what this store and transport need; `ended` ends it by its id, also where the next one does not start.

    Raises:
        EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: one sentence that names what to do.
    """
    database = Database(folder / "postgres")
    ended.callback(database.stop)
    tell("postgres is ready")
    ports = free({"PORT": 0, "STACK_AWS_PORT": 0, "STACK_SMTP_PORT": 0, "STACK_MAILS_PORT": 0})
    settings = load_settings(environment="development", smtp_from=SENDER)
    plan = plan_of(settings, folder, ports, database.url, lambdas=False)
    aws, mails = servers(plan)
    parts = [aws, mails] if store == "dynamodb" else [mails]
    processes = []
    for part in parts:
        processes.append(Process(part, folder / f"{part.name}.log"))
        ended.callback(processes[-1].stop)
    for process in processes:
        process.wait_until_ready(lambda: True)
        tell(f"{process.name} is ready")
    # What somebody has set for a shop of their own is no part of the experiment.
    foreign = {name.upper() for name in Settings.model_fields} - plan.shop.keys()
    environment = {name: value for name, value in plan.environment().items() if name.upper() not in foreign} | {
        "STORE": store,
        "DELIVERY": delivery,
        "WORKERS": "inline",
        "SMTP_FROM": SENDER,
        "LOG_LEVEL": "warning",
    }
    kafka = None
    if transport == "kafka":
        kafka = KafkaCluster(folder / "kafka")
        ended.callback(kafka.stop)
        tell("kafka is ready")
        environment["KAFKA_BOOTSTRAP_SERVERS"] = kafka.servers
    if delivery == "cdc":
        environment.pop("TRANSPORT", None)
    else:
        environment["TRANSPORT"] = transport
    return Servers(database, plan, environment, plan.aws if store == "dynamodb" else "", kafka)
