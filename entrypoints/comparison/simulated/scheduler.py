"""Simulated processes: greenlets that take turns, on a clock that only their own doing moves."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from greenlet import getcurrent, greenlet

from core.ports.environment import Environment

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""What the clock of every simulation shows at first."""

STEP = 0.002
"""Longest time, in seconds, that passes between two calls of a port: what one takes on the way to a database nearby."""

FOREVER = float("inf")


class Crash(BaseException):
    """The process ends here and now. Whatever it does afterwards raises this again, so nothing of it acts after its death."""


@dataclass(slots=True, eq=False)
class Process:
    """One simulated process. `dying` is set when it is to end at its next step; then `ended`."""

    name: str
    greenlet: greenlet
    due: float = 0.0
    ready: Callable[[], bool] | None = None
    looks: bool = False
    dying: bool = False
    ended: bool = False


class Scheduler:
    """Owns time, chance, waiting and locks. Who goes on next is drawn from `random` among all that can."""

    def __init__(self, random: Random) -> None:
        """Start at `BEGAN`, without processes."""
        self.random = random
        self.seconds = 0.0
        self._hub = getcurrent()
        self._processes: list[Process] = []
        self._by_greenlet: dict[greenlet, Process] = {}
        self._queues: dict[str, deque[Process | None]] = {}
        self._ids = 0

    @property
    def current(self) -> Process | None:
        """The process that runs now; None outside of all."""
        return self._by_greenlet.get(getcurrent())

    def start(self, name: str, main: Callable[[], None]) -> Process:
        """Add a process; it begins when its turn comes."""

        def body() -> None:
            try:
                main()
            except Crash:
                pass
            finally:
                process.ended = True

        process = Process(name, greenlet(body, self._hub), self.seconds)
        self._processes.append(process)
        self._by_greenlet[process.greenlet] = process
        return process

    def run(self, until: Callable[[], bool]) -> None:
        """Let processes take turns until the condition holds or none is left. What one raises, but for a crash, ends the run."""
        while not until() and self._processes:
            process = self._next()
            process.ready = None
            process.greenlet.switch()
            if process.ended:
                self._processes.remove(process)
                del self._by_greenlet[process.greenlet]

    def _next(self) -> Process:
        while True:
            able = [process for process in self._processes if self._able(process)]
            if able:
                return able[int(self.random.random() * len(able))] if len(able) > 1 else able[0]
            next_due = min(process.due for process in self._processes)
            if next_due == FOREVER:
                raise AssertionError(f"{', '.join(each.name for each in self._processes)} wait for each other")
            self.seconds = next_due

    def _able(self, process: Process) -> bool:
        if process.due <= self.seconds or process.dying:
            return True
        if not process.looks or process.ready is None:
            return False
        process.looks = False
        if process.ready():
            process.due = self.seconds  # it stays able, whoever goes first
        return process.due <= self.seconds

    def kill(self, process: Process) -> None:
        """Have a process end where it stands."""
        process.dying = True

    def step(self) -> None:
        """Hand control back; the process goes on when its turn comes. Outside of processes nothing happens.

        Raises:
            Crash: the process is to end here.
        """
        process = self.current
        if process is None:
            return
        if not process.dying:
            self.seconds += self.random.random() * STEP
            process.due = self.seconds
            self._hub.switch()
        if process.dying:
            raise Crash

    def die(self) -> None:
        """End the process that runs now."""
        process = self.current
        if process is not None:
            process.dying = True
            raise Crash

    def sleep(self, seconds: float) -> None:
        """Let time pass for this process; outside of all, for everybody."""
        self._rest(seconds, None)

    def wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds or the time is over; tell which."""
        if not ready():
            self._rest(seconds, ready)
        return ready()

    def _rest(self, seconds: float, ready: Callable[[], bool] | None) -> None:
        process = self.current
        if process is None:
            self.seconds += seconds
            return
        if not process.dying:
            process.due, process.ready, process.looks = self.seconds + seconds, ready, False
            self._hub.switch()
        if process.dying:
            raise Crash

    def wake(self) -> None:
        """Have everybody who waits look again."""
        for process in self._processes:
            process.looks = True

    @contextmanager
    def locked(self, keys: Iterable[str]) -> Iterator[None]:
        """Hold locks in sorted order; who waits for one queues. Death lets them go, as the end of a connection does."""
        held = list[str]()
        try:
            for key in sorted(set(keys)):
                self._take(key)
                held.append(key)
            yield
        finally:
            for key in reversed(held):
                self._hand_on(key)

    def _take(self, key: str) -> None:
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
            return
        process = self.current
        queue.append(process)
        try:
            self._rest(FOREVER, lambda: process not in queue)
        except Crash:
            if process in queue:
                queue.remove(process)
            else:
                self._hand_on(key)
            raise

    def _hand_on(self, key: str) -> None:
        queue = self._queues[key]
        if queue:
            following = queue.popleft()
            if following is not None:
                following.due = self.seconds
        else:
            del self._queues[key]

    def now(self) -> datetime:
        """Give the time in UTC."""
        return BEGAN + timedelta(seconds=self.seconds)

    def new_id(self) -> str:
        """Give the next id: a UUIDv7 in form, with a count where chance would be."""
        self._ids += 1
        milliseconds = f"{int(BEGAN.timestamp() * 1000 + self.seconds * 1000):012x}"
        return f"{milliseconds[:8]}-{milliseconds[8:]}-7000-8000-{self._ids:012x}"

    def environment(self, place: str, failpoint: Callable[[str], None]) -> Environment:
        """Give what core may ask of the world; locks are shared by those of one `place`."""

        def locked(keys: Iterable[str]) -> object:
            return self.locked([f"{place}/{key}" for key in keys])

        return Environment(
            now=self.now,
            monotonic=lambda: self.seconds,
            new_id=self.new_id,
            sleep=self.sleep,
            jitter=lambda most: self.random.random() * most,
            locked=locked,  # type: ignore[arg-type] # a context manager, as `locked` gives
            wait=self.wait,
            wake=self.wake,
            failpoint=failpoint,
        )
