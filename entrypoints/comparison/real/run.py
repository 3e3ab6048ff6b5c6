"""A real run: one design on real servers, its processes killed and its servers stopped, then the clean-up and the verdict."""

import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrypoints.comparison.cost import requests_of_commands, usd_per_million_commands
from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.oracle import judge, over_time
from entrypoints.comparison.real.conductor import Conductor
from entrypoints.comparison.real.dealing import dealt, steps
from entrypoints.comparison.real.gather import fired, gather
from entrypoints.comparison.real.job import Job
from entrypoints.comparison.real.servers import running
from entrypoints.comparison.real.wish import Wish, applying

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left, how often each fault struck, and which of those that apply did not. `interrupted`: Ctrl-C ended it early."""

    wish: Wish
    evidence: Evidence
    fired: Counter[str]
    unfired: list[str]
    interrupted: bool

    def verdict(self) -> dict[str, Any]:
        """Judge it, as a simulated schedule is judged: `figures` takes a list of these."""
        evidence = self.evidence
        return judge(evidence) | {
            "seed": self.wish.seed,
            "fired": self.fired,
            "over_time": over_time(evidence),
            "requests": requests_of_commands(evidence),
            "usd_per_million_commands": usd_per_million_commands(evidence, self.wish.design),
        }


def run(wish: Wish, tell: Tell = lambda _: None, folder: Path | None = None) -> Outcome:
    """Run it to its end and clean up. Everything that was started is ended, whatever happens; `folder` keeps notes and logs, and is empty.

    The first Ctrl-C ends the faults early: what was done until then is cleaned up and judged all the same.

    Raises:
        CannotRun: these do not go together.
        RunFailed: a process ended that no fault killed, or did not do its work; with a `folder`, its log is there.
        EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: a server does not start.
    """
    transport = wish.carried_by
    with ExitStack() as ended:
        ended.enter_context(_terminated_in_order())
        place = folder or Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="ecshop-")))
        delivery = "dual-write" if wish.design == "publish-first" else wish.design
        servers = ended.enter_context(running(place, wish.store, transport, delivery, tell))
        rates = {name: wish.rates.get(name, 0.0) for name in applying(wish)}
        job = Job("", wish.design, wish.consumer, transport, wish.seed, str(place), rates)
        conductor = ended.enter_context(Conductor(job, servers, wish.clients, tell))
        interrupted = conductor.run(dealt(steps(wish), wish.clients), wish.seconds, wish.thinking)
        conductor.clean_up()
        evidence = gather(place, conductor.began, conductor.faults_ended, servers.sent())
        struck = fired(place)
        return Outcome(
            wish, evidence, struck, [name for name, rate in rates.items() if rate and not struck[name]], interrupted
        )


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Have SIGTERM end this process as an error does, so that what it started ends too."""

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
