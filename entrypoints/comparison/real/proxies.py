"""What stands before the servers of a run: a proxy before what plays AWS, or else one before PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from entrypoints.comparison.faults import Faults
from entrypoints.comparison.real.aws_proxy import AwsProxy, aws_proxy
from entrypoints.comparison.real.job import PROJECTORS, Job
from entrypoints.comparison.real.journal import Journal
from entrypoints.comparison.real.postgres_proxy import postgres_proxy
from entrypoints.comparison.real.servers import Servers

ANSWERS = 4
"""Of PostgreSQL that a command waits for, about; of which one says that its commit was done."""

STREAMS = {"cdc": "ec-events", "outbox": "ec-published"}
"""The streams of Kinesis that records come from, by design."""

WRITERS = ("api-", "relay")
"""What the names of those begin with whose answers from the store may be cut."""


class Proxies:
    """The proxy before AWS, where there is one, and the URL of the database as writers have it, where that leads through another."""

    def __init__(self, aws: AwsProxy | None, database: str, faults: Faults) -> None:
        """Take them; `faults` is what strikes there."""
        self.aws = aws
        self._database = database
        self._faults = faults

    def environment(self, name: str) -> dict[str, str]:
        """Give the variables by which a process of this name goes through them."""
        changed: dict[str, str] = {}
        if name.startswith(WRITERS):
            if self.aws:
                changed["DYNAMODB_ENDPOINT"] = self.aws.endpoint
            if self._database:
                changed["DATABASE_URL"] = self._database
        if self.aws and name in PROJECTORS:
            changed["KINESIS_ENDPOINT"] = self.aws.endpoint
        return changed

    def quiet(self) -> None:
        """Do no harm any more, and give out what is held back."""
        self._faults.on = False
        if self.aws:
            self.aws.quiet()


@contextmanager
def proxies(job: Job, servers: Servers, journal: Journal) -> Iterator[Proxies]:
    """Run them while inside."""
    if servers.aws:
        faults = job.named("proxy").faults()
        stream = STREAMS.get(job.design, "") if job.transport == "kinesis" else ""
        with aws_proxy(servers.aws, stream, faults, journal) as aws:
            yield Proxies(aws, "", faults)
        return
    faults = replace(job, name="proxy", rates={"ack.late": job.rates.get("ack.late", 0.0) / ANSWERS}).faults()
    with postgres_proxy(servers.database.data, faults, journal) as url:
        yield Proxies(None, url, faults)
