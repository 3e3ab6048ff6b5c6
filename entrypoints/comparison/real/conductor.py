"""Who conducts a real run: starts the shop's processes and the clients, kills and stops by the schedule, and cleans up."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from entrypoints.comparison.real.aws_proxy import AwsProxy, aws_proxy
from entrypoints.comparison.real.children import Child
from entrypoints.comparison.real.client import Client
from entrypoints.comparison.real.gather import CONDUCTOR
from entrypoints.comparison.real.job import CLEAN_UP, EXPIRE, ONLOOKER, PREPARE, PROJECTORS, READY, Job, workers_of
from entrypoints.comparison.real.journal import Journal, noted
from entrypoints.comparison.real.postgres_proxy import postgres_proxy
from entrypoints.comparison.real.schedule import Trouble, schedule
from entrypoints.comparison.real.servers import Servers
from entrypoints.comparison.workload import Step

LOOK = 0.1
"""Seconds between two looks at who has died."""

TOLD_EVERY = 5.0
"""Seconds between two words about how far the run is."""

ANSWERS = 4
"""Of PostgreSQL that a command waits for, about."""

STREAMS = {"cdc": "ec-events", "outbox": "ec-published"}
"""The streams of Kinesis that records come from, by design."""

PAST_RETENTION = "consumer.past_retention"

Tell = Callable[[str], object]


class ProcessFailed(Exception):
    """A process that nothing befalls did not do its work; the text is a sentence."""


class Conductor:
    """Conducts one run on servers that are running. `crashes` tells of processes that ended without a fault; times are since 1970."""

    def __init__(self, job: Job, servers: Servers, clients: int, tell: Tell) -> None:
        """Start nothing yet."""
        self.began = self.faults_ended = time.time()
        self._job = job
        self._servers = servers
        self._tell = tell
        self._journal = Journal(_folder(job), CONDUCTOR)
        self._ended = ExitStack()
        self._proxy: AwsProxy | None = None
        self._database = ""
        self._faults = job.faults()
        self._children: dict[str, Child] = {}
        self._apis = [f"api-{number}" for number in range(clients)]
        self._workers = workers_of(job.design, job.consumer)
        self._stopping, self._over = threading.Event(), threading.Event()
        self._one_at_a_time = threading.Lock()
        self._troubles: list[threading.Thread] = []

    def __enter__(self) -> Self:
        """Put a proxy before what plays AWS, or else before PostgreSQL."""
        if self._servers.aws:
            faults = self._job.named("proxy").faults()
            stream = STREAMS.get(self._job.design, "") if self._job.transport == "kinesis" else ""
            self._proxy = self._ended.enter_context(aws_proxy(self._servers.aws, stream, faults, self._journal))
        elif self._job.rates.get("ack.late"):
            # A command waits for several answers, of which one says that its commit was done.
            self._faults = (
                replace(self._job, rates={"ack.late": self._job.rates["ack.late"] / ANSWERS}).named("proxy").faults()
            )
            self._database = self._ended.enter_context(
                postgres_proxy(self._servers.database.data, self._faults, self._journal)
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End whatever still runs."""
        for child in self._children.values():
            child.kill()
            child.end()
        self._ended.close()
        self._journal.close()

    @property
    def crashes(self) -> list[str]:
        """What ended though nobody killed it."""
        return [crash for child in self._children.values() for crash in child.crashes]

    def prepare(self) -> None:
        """Make tables, stream or topic.

        Raises:
            ProcessFailed: they cannot be made.
        """
        self._have_done(PREPARE)
        self._tell("tables are ready")

    def _child(self, name: str) -> Child:
        environment = dict(self._servers.environment)
        if self._proxy and name in {*self._apis, "relay"}:
            environment["DYNAMODB_ENDPOINT"] = self._proxy.endpoint
        if self._database and name in {*self._apis, "relay"}:
            environment["DATABASE_URL"] = self._database
        if self._proxy and name in PROJECTORS:
            environment["KINESIS_ENDPOINT"] = self._proxy.endpoint
        harmless = name in {PREPARE, ONLOOKER, CLEAN_UP}
        job = replace(self._job, name=name, rates={} if harmless else self._job.rates, bug_fixed=harmless)
        return self._children.setdefault(name, Child(job, environment))

    def _have_done(self, name: str) -> None:
        child = self._child(name)
        child.start()
        while (told := child.hear()) is not None and told != READY:
            self._tell(told)
        child.end()
        if told != READY:
            raise ProcessFailed(f"{(child.crashes or [f'{name} could not begin: {child.last_words()}'])[0]}.")

    def run(self, shares: Sequence[Iterator[Step]], seconds: float, thinking: float) -> bool:
        """Have clients go through their shares for so long, while things go wrong; tell whether Ctrl-C ended it early."""
        lasting = [*self._workers, ONLOOKER]
        for name in lasting:
            self._child(name).start()
        for name in lasting:
            self._children[name].hear()
        self._tell(f"{len(lasting) + len(self._apis)} processes are at work")
        keys = not self._job.by_the_application
        clients = [
            Client(self._child(name), share, thinking, self._journal, keys=keys)
            for name, share in zip(self._apis, shares, strict=True)
        ]
        self.began = time.time()
        interrupted = False
        watching = threading.Thread(target=self._watch, args=(clients,), daemon=True)
        watching.start()
        for client in clients:
            client.start()
        try:
            self._go_through(clients, seconds)
        except KeyboardInterrupt:
            interrupted = True
            self._tell("interrupted: what was done until now is cleaned up and judged")
        self._finish(clients, watching)
        return interrupted

    def _watch(self, clients: Sequence[Client]) -> None:
        """Start workers again that have died, and give up on answers that take too long."""
        back: dict[str, float] = {}
        while not self._over.wait(LOOK):
            for client in clients:
                client.hurry()
            for child in [self._children[name] for name in self._workers]:
                if not child.has_ended():
                    back.pop(child.name, None)
                elif time.monotonic() >= back.setdefault(child.name, time.monotonic() + child.rest()):
                    child.start()

    def _go_through(self, clients: Sequence[Client], seconds: float) -> None:
        away = {"kinesis": "shard.throttled", "kafka": "broker.down"}.get(self._job.transport, "")
        troubles = schedule(self._job.seed, seconds, [*self._apis, *self._workers], away)
        told = 0.0
        while (at := time.time() - self.began) < seconds and any(client.lives for client in clients):
            while troubles and troubles[0].at <= at:
                self._troubles.append(threading.Thread(target=self._befall, args=(troubles.pop(0),), daemon=True))
                self._troubles[-1].start()
            if at - told >= TOLD_EVERY:
                told = at
                self._tell(f"{at:.0f} of {seconds:.0f} s: {sum(client.sent for client in clients)} commands")
            time.sleep(LOOK)

    def _befall(self, trouble: Trouble) -> None:
        """Do it, wait, undo it."""
        if trouble.what == "kill":
            self._children[trouble.whom].kill()
            self._journal.note("fired", f"kill {'api' if trouble.whom in self._apis else trouble.whom}")
        elif not self._job.rates.get(trouble.what):
            return
        elif trouble.what == PAST_RETENTION:
            self._expire(trouble.whom)
        else:
            with self._one_at_a_time:
                self._journal.note("fired", trouble.what)
                self._away(trouble.what, trouble.seconds)

    def _expire(self, projector: str) -> None:
        """Have it miss something, which it notes; it may be killed before."""

        def missed() -> int:
            return sum(name == PAST_RETENTION for (name,) in noted(_folder(self._job), projector, "fired"))

        before = missed()
        while missed() == before:
            self._children[projector].tell(EXPIRE)
            if self._stopping.wait(1.0):
                return

    def _away(self, what: str, seconds: float) -> None:
        if what == "database.down":
            self._servers.database.stop()
            self._stopping.wait(seconds)
            self._servers.database.start()
        elif what == "broker.down" and self._servers.kafka:
            self._servers.kafka.kill()
            self._stopping.wait(seconds)
            self._servers.kafka.start()
        elif self._proxy:
            self._proxy.throttled = True
            self._stopping.wait(seconds)
            self._proxy.throttled = False

    def _finish(self, clients: Sequence[Client], watching: threading.Thread) -> None:
        """End clients, bring servers back, and have the processes end what they are at."""
        for client in clients:
            client.stopping.set()
        self._stopping.set()
        for trouble in self._troubles:
            trouble.join()
        for client in clients:
            client.join()
        self._faults.on = False
        if self._proxy:
            self._proxy.quiet()
        self.faults_ended = time.time()
        self._over.set()
        watching.join()
        lasting = [self._children[name] for name in [*self._apis, *self._workers]]
        for child in lasting:
            child.ask_to_end()
        for child in lasting:
            child.end()
        self._tell("everybody has ended; cleaning up")

    def clean_up(self) -> None:
        """Bring what can still come, and have read what the stores then have.

        Raises:
            ProcessFailed: it cannot be done.
        """
        self._have_done(CLEAN_UP)
        self._children[ONLOOKER].end()


def _folder(job: Job) -> Path:
    return Path(job.folder)
