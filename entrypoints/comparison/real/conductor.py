"""Who conducts a real run: starts the shop's processes and the clients, has things go wrong by the schedule, and has it cleaned up."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from entrypoints.comparison.real.children import Child
from entrypoints.comparison.real.client import Client
from entrypoints.comparison.real.gather import CONDUCTOR
from entrypoints.comparison.real.harm import Harm
from entrypoints.comparison.real.job import CLEAN_UP, ONLOOKER, PREPARE, READY, Job, workers_of
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.proxies import proxies
from entrypoints.comparison.real.schedule import schedule
from entrypoints.comparison.real.servers import Servers
from entrypoints.comparison.workload import Step

LOOK = 0.1
"""Seconds between two looks at who has died."""

TRIES = 10
"""Starts of a process at the beginning, of which one must succeed."""

TOLD_EVERY = 5.0
"""Seconds between two words about how far the run is."""

AWAY = {"kinesis": "shard.throttled", "kafka": "broker.down"}
"""The outage of each transport."""

Tell = Callable[[str], object]


class RunFailed(Exception):
    """A process ended that no fault killed, or did not do its work, so that nothing can be judged; the text is a sentence."""


class Conductor:
    """Conducts one run on servers that are running. `began` and `faults_ended` are in seconds since 1970."""

    def __init__(self, job: Job, servers: Servers, clients: int, tell: Tell) -> None:
        """Start nothing of the shop yet."""
        self.began = self.faults_ended = time.time()
        self._job = job
        self._servers = servers
        self._tell = tell
        self._open = ExitStack()
        self._journal = Journal(Path(job.folder), CONDUCTOR)
        self._open.callback(self._journal.close)
        self._proxies = self._open.enter_context(proxies(job, servers, self._journal))
        apis = [f"api-{number}" for number in range(clients)]
        self._workers = workers_of(job.design, job.consumer)
        self._children = {name: self._child(name) for name in (*apis, *self._workers, PREPARE, ONLOOKER, CLEAN_UP)}
        self._apis = [self._children[name] for name in apis]
        self._harm = Harm(job, servers, self._children, self._proxies.aws, self._journal)
        self._clients: list[Client] = []
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._open.callback(self._end_everybody)

    def _child(self, name: str) -> Child:
        environment = self._servers.environment | self._proxies.environment(name)
        harmless = name in {PREPARE, ONLOOKER, CLEAN_UP}
        job = replace(self._job, name=name, rates={} if harmless else self._job.rates, bug_fixed=harmless)
        return Child(job, environment)

    def __enter__(self) -> Self:
        """Make tables, stream or topic.

        Raises:
            RunFailed: they cannot be made.
        """
        try:
            self._have_done(PREPARE)
        except BaseException:
            self.close()
            raise
        self._tell("tables are ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End whatever still runs."""
        self.close()

    def close(self) -> None:
        """End whatever still runs, proxies last."""
        self._open.close()

    def _end_everybody(self) -> None:
        self._over.set()
        for client in self._clients:
            client.stopping.set()
        for child in self._children.values():
            child.kill()
        if self._watching.is_alive():
            self._watching.join()
        self._harm.end()
        for client in self._clients:
            client.end()
        for child in self._children.values():
            child.end()

    def _have_done(self, name: str) -> None:
        child = self._children[name]
        child.start()
        while (told := child.hear()) is not None and told != READY:
            self._tell(told)
        child.end()
        if told != READY:
            raise RunFailed(f"{(child.crashes or [f'{name} could not begin: {child.last_words()}'])[0]}.")

    def run(self, shares: Sequence[Iterator[Step]], seconds: float, thinking: float) -> bool:
        """Have clients go through their shares for so long, while things go wrong; tell whether Ctrl-C ended it early.

        Raises:
            RunFailed: a process cannot begin, or a server does not come back.
        """
        lasting = [self._children[name] for name in (*self._workers, ONLOOKER)]
        for child in lasting:
            child.start()
        for child in lasting:
            wait_until_at_work(child)
        self._tell(f"{len(lasting) + len(self._apis)} processes are at work")
        keys = not self._job.by_the_application
        self._clients = [
            Client(child, share, thinking, self._journal, keys=keys)
            for child, share in zip(self._apis, shares, strict=True)
        ]
        self.began = time.time()
        interrupted = False
        self._watching.start()
        for client in self._clients:
            client.start()
        try:
            self._go_on(seconds)
        except KeyboardInterrupt:
            interrupted = True
            self._tell("interrupted: what was done until now is cleaned up and judged")
        self._finish()
        return interrupted

    def _watch(self) -> None:
        """Start workers again that have died, and give up on answers that take too long."""
        back: dict[str, float] = {}
        while not self._over.wait(LOOK):
            for client in self._clients:
                client.hurry()
            for child in [self._children[name] for name in self._workers]:
                if not child.has_ended():
                    back.pop(child.name, None)
                elif time.monotonic() >= back.setdefault(child.name, time.monotonic() + child.rest()):
                    child.start()

    def _go_on(self, seconds: float) -> None:
        everybody = [*(child.name for child in self._apis), *self._workers]
        troubles = schedule(self._job.seed, seconds, everybody, AWAY.get(self._job.transport, ""))
        told = 0.0
        while (
            (at := time.time() - self.began) < seconds
            and any(client.lives for client in self._clients)
            and not self._harm.trouble
        ):
            while troubles and troubles[0].at <= at:
                self._harm.begin(troubles.pop(0))
            if at - told >= TOLD_EVERY:
                told = at
                self._tell(f"{at:.0f} of {seconds:.0f} s: {sum(client.sent for client in self._clients)} commands")
            time.sleep(LOOK)

    def _finish(self) -> None:
        """End clients, bring servers back, and have the processes end what they are at."""
        for client in self._clients:
            client.stopping.set()
        self._harm.end()
        if self._harm.trouble:
            raise RunFailed(f"A server did not come back: {self._harm.trouble}")
        for client in self._clients:
            client.end()
        self._proxies.quiet()
        self.faults_ended = time.time()
        self._over.set()
        self._watching.join()
        lasting = [*self._apis, *(self._children[name] for name in self._workers)]
        for child in lasting:
            child.ask_to_end()
        for child in lasting:
            child.end()
        self._tell("everybody has ended; cleaning up")

    def clean_up(self) -> None:
        """Bring what can still come, and have read what the stores then have.

        Raises:
            RunFailed: it cannot be done, or a process had ended that no fault killed.
        """
        self._have_done(CLEAN_UP)
        self._children[ONLOOKER].end()
        if crashes := [crash for child in self._children.values() for crash in child.crashes]:
            raise RunFailed(f"{crashes[0]}; {len(crashes)} in all.")


def wait_until_at_work(child: Child) -> None:
    """Wait until one that was started is at work, and start it again where it is not: faults may strike those already that begin.

    Raises:
        RunFailed: it never is.
    """
    for _ in range(TRIES):
        if child.hear() == READY:
            return
        child.end()
        child.start()
    raise RunFailed(f"{child.name} could not begin: {child.last_words()}")
