"""The local stack: everything that the shop needs on AWS, on this machine, started in order and stopped in the other."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from config.settings import Settings
from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem, embedded_postgres
from entrypoints.stack.identity import Identity, identity_of
from entrypoints.stack.plan import PORTS, Plan, plan_of, preparations, servers, shop, workers
from entrypoints.stack.ports import free
from entrypoints.stack.problem import StackProblem
from entrypoints.stack.process import LOOK_AGAIN, Part, Process
from entrypoints.stack.record import Record

LOOK = 0.5
"""Seconds between two looks at whether a part has died."""

EXPORTS = "env"
"""The file in the stack's folder that a shell reads for commands on it."""

Tell = Callable[[str], None]


def folder_of(settings: Settings) -> Path:
    """Give the folder of everything that the stack keeps."""
    return Path(settings.data_dir).absolute() / "stack"


class Stack:
    """The parts that run; `stopping` is set when nobody wants them any more."""

    def __init__(self, folder: Path, record: Record, stopping: Event, tell: Tell) -> None:
        """Keep logs in the folder, and the record up to date. PostgreSQL runs there already."""
        self.logs = folder / "logs"
        self._postgres = _postmaster(folder)
        self._postgres_log = _postgres_log(folder)
        self._record = record
        self._stopping = stopping
        self._tell = tell
        self._running: list[Process] = []

    def is_wanted(self) -> bool:
        """Tell whether nobody has said that it shall stop."""
        return not self._stopping.is_set()

    def start(self, parts: Iterable[Part]) -> None:
        """Start them at the same time, and wait until each is ready.

        Raises:
            StackProblem: one does not start, or one that was started before has died.
        """
        started = []
        for part in parts:
            if not self.is_wanted():
                return
            started.append(Process(part, self.logs / f"{part.name}.log"))
            self._running.append(started[-1])
            self._record.note([(each.name, each.identity) for each in self._running])
        for process in started:
            process.wait_until_ready(self._is_well)
            if self.is_wanted():
                self._tell(f"{process.name} is ready")

    def run(self, about: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a command to its end, or until nobody wants it any more.

        Raises:
            StackProblem: it failed.
        """
        if not self.is_wanted():
            return
        process = Process(Part(about, command, environment, _never), self.logs / f"{about}.log")
        while not process.has_ended():
            if self._stopping.wait(LOOK_AGAIN):
                process.stop()
                return
        if process.status and self._is_well():
            raise StackProblem(f"{about} failed ({process.ending}): {process.last_words()}; its log is {process.log}.")

    def watch(self) -> None:
        """Wait until nobody wants the parts any more.

        Raises:
            StackProblem: one has died.
        """
        while self._is_well() and not self._stopping.wait(LOOK):
            pass

    def _is_well(self) -> bool:
        if not self._postgres.lives():  # first, as others die of it
            raise StackProblem(f"postgres died; its log is {self._postgres_log}.")
        for process in self._running:
            if process.has_ended():
                raise StackProblem(
                    f"{process.name} died ({process.ending}), and said last: {process.last_words()}; its log is {process.log}."
                )
        return self.is_wanted()

    def stop(self) -> None:
        """Stop all, what came last first; though nobody may be left who reads that."""
        while self._running:
            process = self._running[-1]
            process.stop()
            self._running.pop()
            with suppress(OSError):  # the terminal is closed, or the pipe's other end
                self._tell(f"{process.name} is stopped")


def _never(_log: Path) -> bool:
    return False


def up(settings: Settings, stopping: Event, tell: Tell, tell_ready: Callable[[Plan], None], *, lambdas: bool) -> None:
    """Start the stack of the settings, and keep it until `stopping` is set. With `lambdas`, functions project and mail.

    Raises:
        StackProblem: another runs, a port is taken, a part does not start or dies; all that ran is stopped.
    """
    folder = folder_of(settings)
    with _opened(folder) as record:
        _remove(folder / EXPORTS)  # of a stack that was killed
        ports = free({name: getattr(settings, name.lower()) for name in PORTS})
        with _database(folder) as url:
            tell("postgres is ready")
            plan = plan_of(settings, folder, ports, url, lambdas=lambdas)
            _run(Stack(folder, record, stopping, tell), plan, lambda: tell_ready(plan))


def _run(stack: Stack, plan: Plan, tell_ready: Callable[[], None]) -> None:
    exports = plan.folder / EXPORTS
    try:
        stack.start(servers(plan))
        for about, command in preparations(plan).items():
            stack.run(about, command, plan.environment())
        stack.start(workers(plan))
        stack.start([shop(plan)])
        if stack.is_wanted():
            _write(exports, plan.exports())
            tell_ready()
        stack.watch()
    finally:
        stack.stop()
        _remove(exports)


def down(settings: Settings) -> bool:
    """Stop the stack that runs, or what one that was killed left running; tell whether there was anything.

    Raises:
        StackProblem: it does not end.
    """
    folder = folder_of(settings)
    if not folder.exists():
        return False
    if Record(folder).end():
        return True
    left_over = (folder / "running.json").exists()
    with _opened(folder):
        if (folder / "postgres" / "data" / "postmaster.pid").exists():
            with _database(folder):  # takes over the server that was left, and stops it
                left_over = True
    return left_over


def logs_of(settings: Settings) -> dict[str, Path]:
    """Give the logs that there are, by the part's name."""
    folder = folder_of(settings)
    found = {path.stem: path for path in sorted((folder / "logs").glob("*.log"))}
    database = _postgres_log(folder)
    return found | ({"postgres": database} if database.exists() else {})


def _postgres_log(folder: Path) -> Path:
    return folder / "postgres" / "data" / "log"


def _postmaster(folder: Path) -> Identity:
    """Give the process of the PostgreSQL that runs, whose id it writes down itself."""
    try:
        return identity_of(int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))
    except (OSError, ValueError, IndexError):  # it has died since
        return Identity(0, "")


@contextmanager
def _opened(folder: Path) -> Iterator[Record]:
    try:
        (folder / "logs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StackProblem(
            f"The stack cannot keep its data in {folder} ({error.strerror}): set DATA_DIR to another folder."
        ) from None
    record = Record(folder)
    with record.mine():
        record.note([])
        yield record


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    try:
        with embedded_postgres(folder / "postgres") as url:
            yield url
    except EmbeddedPostgresProblem as problem:
        raise StackProblem(str(problem)) from None


def _write(path: Path, text: str) -> None:
    """Write what nobody else may read."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StackProblem(f"{path} is in the way ({error.strerror}): remove it.") from None
