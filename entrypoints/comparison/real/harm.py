"""What is done to a real run from without: a process is killed, a server is away, a consumer comes too late."""

import threading
from collections.abc import Mapping
from pathlib import Path

from entrypoints.comparison.real.aws_proxy import AwsProxy
from entrypoints.comparison.real.children import Child
from entrypoints.comparison.real.job import EXPIRE, Job
from entrypoints.comparison.real.journal import Journal, noted
from entrypoints.comparison.real.schedule import Trouble
from entrypoints.comparison.real.servers import Servers
from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem
from entrypoints.stack.problem import StackProblem

PAST_RETENTION = "consumer.past_retention"

ASK_AGAIN = 1.0
"""Seconds until a consumer is asked again to miss something: it may have been killed before it did."""


class Harm:
    """Does what a schedule says, each trouble in a thread of its own, and undoes it in time, or when all is to be well again.

    `trouble` says which server does not come back.
    """

    def __init__(
        self, job: Job, servers: Servers, children: Mapping[str, Child], proxy: AwsProxy | None, journal: Journal
    ) -> None:
        """Harm these."""
        self._job = job
        self._servers = servers
        self._children = children
        self._proxy = proxy
        self._journal = journal
        self.trouble = ""
        self._over = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._threads: list[threading.Thread] = []

    def begin(self, trouble: Trouble) -> None:
        """Begin one; a fault whose rate is 0 is not wanted."""
        if trouble.what == "kill" or self._job.rates.get(trouble.what):
            self._threads.append(threading.Thread(target=self._befall, args=(trouble,), daemon=True))
            self._threads[-1].start()

    def end(self) -> None:
        """Have every server back."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _befall(self, trouble: Trouble) -> None:
        if trouble.what == "kill":
            self._children[trouble.whom].kill()
            self._journal.note(
                "fired", f"kill {trouble.whom.partition('-')[0] if _serves(trouble.whom) else trouble.whom}"
            )
        elif trouble.what == PAST_RETENTION:
            self._expire(trouble.whom)
        else:
            with self._one_at_a_time:
                if not self._over.is_set():
                    self._journal.note("fired", trouble.what)
                    try:
                        self._away(trouble.what, trouble.seconds)
                    except (EmbeddedPostgresProblem, StackProblem, OSError) as problem:
                        self.trouble = str(problem)

    def _expire(self, projector: str) -> None:
        """Have it miss something, which it notes."""

        def missed() -> int:
            return sum(name == PAST_RETENTION for (name,) in noted(Path(self._job.folder), projector, "fired"))

        before = missed()
        while missed() == before:
            self._children[projector].tell(EXPIRE)
            if self._over.wait(ASK_AGAIN):
                return

    def _away(self, what: str, seconds: float) -> None:
        if what == "database.down":
            self._servers.database.stop()
            self._over.wait(seconds)
            self._servers.database.start()
        elif what == "broker.down" and self._servers.kafka:
            self._servers.kafka.kill()
            self._over.wait(seconds)
            self._servers.kafka.start()
        elif self._proxy:
            self._proxy.throttled = True
            self._over.wait(seconds)
            self._proxy.throttled = False


def _serves(name: str) -> bool:
    """Tell whether it is a process that serves a client: these have numbers."""
    return name.startswith("api-")
