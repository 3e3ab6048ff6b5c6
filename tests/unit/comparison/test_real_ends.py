"""How a real run ends: everything that was started ends with it, whatever comes meanwhile, and one that did nothing is no run."""

import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from entrypoints.comparison.evidence import Evidence
from entrypoints.comparison.real import run as running
from entrypoints.comparison.real.conductor import RunFailed
from entrypoints.comparison.real.run import ended_in_order, run
from entrypoints.comparison.real.wish import CannotRun, Wish


def met(number: signal.Signals, end: Callable[[], object]) -> None:
    """Have a signal come when something has been started that is to be ended so."""
    with ended_in_order() as ended:
        ended.callback(end)
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_as_an_error_does(number: signal.Signals) -> None:
    done: list[str] = []

    with pytest.raises(SystemExit) as ending:
        met(number, lambda: done.append("server"))

    assert ending.value.code == 128 + number
    assert done == ["server"]


def test_ctrl_c_is_what_it_waits_for_though_the_command_ends_by_it() -> None:
    def end(*_: object) -> None:
        raise SystemExit(130)

    before = signal.signal(signal.SIGINT, end)
    try:
        with pytest.raises(KeyboardInterrupt):
            met(signal.SIGINT, lambda: None)
        assert signal.getsignal(signal.SIGINT) == end
    finally:
        signal.signal(signal.SIGINT, before)


def test_nothing_keeps_it_from_ending_what_it_started() -> None:
    done: list[str] = []

    def disturbed() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
        done.append("server")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        met(signal.SIGINT, disturbed)

    assert done == ["server"]
    assert signal.getsignal(signal.SIGINT) == before


def test_what_nohup_keeps_away_stays_away() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_in_order():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_temporary_folder_that_is_of_no_use_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / ("x" * 100)
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))

    with pytest.raises(CannotRun, match="set TMPDIR to another"):
        run(Wish("cdc", store="postgres", seconds=5))

    assert list(odd.iterdir()) == []


class _Conductor:
    """One whose clients hear nothing."""

    began = faults_ended = 0.0
    interrupted = False

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, *_: object) -> bool:
        return self.interrupted

    def clean_up(self) -> None:
        pass


class _Servers:
    def sent(self) -> list[str]:
        return []


@pytest.fixture
def without_servers(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Give what runs without servers, processes or answers."""
    monkeypatch.setattr(running, "started", lambda _ended, *_: _Servers())
    monkeypatch.setattr(running, "Conductor", _Conductor)
    monkeypatch.setattr(running, "gather", lambda *_: Evidence())
    return lambda: run(Wish("cdc", seconds=5))


def test_a_run_in_which_nobody_was_answered_is_none(
    without_servers: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunFailed, match="No command was answered with success within 5 s"):
        without_servers()

    monkeypatch.setattr(_Conductor, "interrupted", True)
    with pytest.raises(KeyboardInterrupt):
        without_servers()


def test_what_was_started_before_something_does_not_start_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def half_started(ended: ExitStack, *_: object) -> None:
        ended.callback(done.append, "server")
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "started", half_started)

    with pytest.raises(KeyboardInterrupt):
        run(Wish("cdc"))

    assert done == ["server"]
