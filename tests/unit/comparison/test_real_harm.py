"""What is done to a real run can be undone, or is told; who is kept from beginning begins again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from entrypoints.comparison.real.conductor import TRIES, RunFailed, wait_until_at_work
from entrypoints.comparison.real.harm import Harm
from entrypoints.comparison.real.job import READY, Job
from entrypoints.comparison.real.journal import Journal, noted
from entrypoints.comparison.real.schedule import Trouble
from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem
from tests.support.waiting import wait_until


class Database:
    """One that can be stopped, and started again unless it is `broken`."""

    def __init__(self, *, broken: bool) -> None:
        self.runs = True
        self._broken = broken

    def stop(self) -> None:
        self.runs = False

    def start(self) -> None:
        if self._broken:
            raise EmbeddedPostgresProblem("The embedded PostgreSQL cannot start.")
        self.runs = True


def harmed(database: Database, folder: Path) -> Harm:
    job = Job("", "cdc", "doorbell", "postgres", 1, str(folder), {"database.down": 1.0})
    servers: Any = SimpleNamespace(database=database, kafka=None)
    journal = Journal(folder, "conductor")
    harm = Harm(job, servers, {}, None, journal)
    harm.begin(Trouble(0.0, "database.down", "", 60.0))
    wait_until(lambda: not database.runs)
    harm.end()
    return harm


def test_a_database_that_is_away_is_back_at_the_end(tmp_path: Path) -> None:
    database = Database(broken=False)

    assert harmed(database, tmp_path).trouble == ""
    assert database.runs
    assert list(noted(tmp_path, "conductor", "fired")) == [["database.down"]]


def test_a_database_that_does_not_come_back_is_told(tmp_path: Path) -> None:
    assert harmed(Database(broken=True), tmp_path).trouble == "The embedded PostgreSQL cannot start."


class Beginning:
    """A process that is ready in one of its lives."""

    name = "relay"

    def __init__(self, ready_in: int) -> None:
        self.life = 0
        self._ready_in = ready_in

    def start(self) -> None:
        self.life += 1

    def hear(self) -> str | None:
        return READY if self.life == self._ready_in else None

    def end(self) -> None:
        pass

    def last_words(self) -> str:
        return "PostgreSQL does not serve"


def test_a_process_that_a_fault_strikes_as_it_begins_begins_again() -> None:
    late = Beginning(ready_in=3)

    wait_until_at_work(cast("Any", late))

    assert late.life == 3


def test_a_process_that_never_begins_ends_the_run() -> None:
    with pytest.raises(RunFailed, match="relay could not begin: PostgreSQL does not serve"):
        wait_until_at_work(cast("Any", Beginning(ready_in=TRIES + 1)))
