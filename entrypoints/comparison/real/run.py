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
from entrypoints.comparison.oracle import MOMENTS, judge, over_time
from entrypoints.comparison.real.conductor import Conductor, RunFailed
from entrypoints.comparison.real.dealing import dealt, steps
from entrypoints.comparison.real.gather import fired, gather
from entrypoints.comparison.real.job import Job
from entrypoints.comparison.real.servers import started
from entrypoints.comparison.real.wish import CannotRun, Wish, applying
from entrypoints.stack.embedded_postgres import PLAIN

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
            "over_time": over_time(evidence, max(2.0, self._seconds / MOMENTS)),
            "requests": requests_of_commands(evidence),
            "usd_per_million_commands": usd_per_million_commands(evidence, self.wish.design, self.wish.carried_by),
        }

    @property
    def _seconds(self) -> float:
        """How long it took until the last row was shown."""
        return max([self.evidence.faults_ended_at, *self.evidence.visible_at.values()])


def run(wish: Wish, tell: Tell = lambda _: None, folder: Path | None = None) -> Outcome:
    """Run it to its end and clean up. Everything that was started is ended, whatever happens; `folder` keeps notes and logs, and is empty.

    The first Ctrl-C ends the faults early: what was done until then is cleaned up and judged all the same.

    Raises:
        CannotRun: these do not go together, or there is no folder for it.
        RunFailed: a process ended that no fault killed, or did not do its work; with a `folder`, its log is there.
        KeyboardInterrupt: Ctrl-C came before anything was done, or a second time.
        EmbeddedPostgresProblem, EmbeddedKafkaProblem, StackProblem: a server does not start.
    """
    transport = wish.carried_by
    with ended_in_order() as ended:
        place = folder or _temporary_folder(ended)
        delivery = "dual-write" if wish.design == "publish-first" else wish.design
        servers = started(ended, place, wish.store, transport, delivery, tell)
        rates = {name: wish.rates.get(name, 0.0) for name in applying(wish)}
        job = Job("", wish.design, wish.consumer, transport, wish.seed, str(place), rates)
        conductor = ended.enter_context(Conductor(job, servers, wish.clients, tell))
        interrupted = conductor.run(dealt(steps(wish), wish.clients), wish.seconds, wish.thinking)
        conductor.clean_up()
        evidence = gather(place, conductor.began, conductor.faults_ended, servers.sent())
        if not evidence.told:
            if interrupted:
                raise KeyboardInterrupt
            raise RunFailed(
                f"No command was answered with success within {wish.seconds:g} s: there is nothing to judge"
            )
        struck = fired(place)
        return Outcome(
            wish, evidence, struck, [name for name, rate in rates.items() if rate and not struck[name]], interrupted
        )


@contextmanager
def ended_in_order() -> Iterator[ExitStack]:
    """Give what ends everything that was started, however this process ends: no signal keeps it from that.

    Ctrl-C is a KeyboardInterrupt in it, whatever it is outside; SIGTERM and a closed terminal (unless `nohup` said no) end this process.
    """

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    ended = ExitStack()
    if threading.current_thread() is not threading.main_thread():
        with ended:
            yield ended
        return
    handlers: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler}
    handlers |= {each: end for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield ended
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        try:
            ended.close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _temporary_folder(ended: ExitStack) -> Path:
    folder = Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="ecshop-"))).resolve()
    # PostgreSQL is stopped and started again, and found again by its socket, whose path must be short.
    if not PLAIN.fullmatch(str(folder / "postgres" / "data")):
        raise CannotRun(
            f"A real run needs a temporary folder with a short name of letters, digits and _./- alone, and {folder.parent} is none: "
            "set TMPDIR to another"
        )
    return folder
