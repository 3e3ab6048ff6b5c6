"""`ecshop compare` as its user sees it."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import compare_options, comparing, real_comparing
from entrypoints.cli.comparison import compare
from entrypoints.cli.main import main
from entrypoints.comparison.comparing import ALL_CELLS
from entrypoints.comparison.real.conductor import RunFailed
from entrypoints.comparison.real.wish import Wish

PROMISED = {
    "design",
    "consumer",
    "undelivered",
    "unexplained",
    "lost",
    "ghosts",
    "ghosts_delivered",
    "duplicates",
    "applied_twice",
    "inversions",
    "torn",
    "torn_stored",
    "divergence",
    "divergence_peak",
    "broken_promises",
    "oversold",
    "failed_though_stored",
    "staleness_p50_ms",
    "staleness_p99_ms",
    "convergence_ms",
    "mails_missing",
    "mails_repeated",
    "mails_ghost",
    "requests_per_command",
    "usd_per_million_commands",
}
"""What every cell of the JSON has."""


def ecshop(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, list(arguments))


def test_it_prints_a_table_and_writes_the_report(tmp_path: Path) -> None:
    ran = ecshop("compare", "--schedules", "1", "--seed", "5", "--jobs", "1", "--out", str(tmp_path / "report"))

    assert ran.exit_code == 0, ran.output
    assert "doorbell+reconcile" in ran.stdout
    data = json.loads((tmp_path / "report" / "comparison.json").read_text())
    assert [(cell["design"], cell["consumer"]) for cell in data["cells"]] == list(ALL_CELLS)
    assert data["lost_order"]["steps"]
    assert data.keys() >= {"seed", "schedules", "faults", "void"}
    assert all(cell.keys() >= PROMISED for cell in data["cells"])
    assert (tmp_path / "report" / "comparison.csv").read_text().count("\n") == len(ALL_CELLS) + 1
    assert "<svg" in (tmp_path / "report" / "comparison.html").read_text()


def test_the_json_is_the_same_each_time_and_all_that_is_printed(tmp_path: Path) -> None:
    wish = ("compare", "--schedules", "2", "--designs", "cdc,outbox", "--consumers", "doorbell", "--json")

    first, second = (ecshop(*wish, "--out", str(tmp_path / name)) for name in "ab")

    assert first.stdout == second.stdout
    assert [cell["design"] for cell in json.loads(first.stdout)["cells"]] == ["cdc", "outbox"]


def test_a_run_in_which_a_fault_never_fired_proves_nothing(tmp_path: Path) -> None:
    ran = ecshop(
        *("compare", "--schedules", "2", "--designs", "cdc", "--consumers", "cursor", "--jobs", "1"),
        *("--faults", "all=0", "--faults", "record.oversized=0.000001", "--out", str(tmp_path)),
    )

    assert ran.exit_code == 3
    assert "VOID" in ran.stdout
    assert "record.oversized" in ran.stdout


def test_a_single_schedule_lists_what_did_not_fire_and_is_no_failure(tmp_path: Path) -> None:
    ran = ecshop("compare", "--schedules", "1", "--designs", "cdc", "--consumers", "cursor", "--out", str(tmp_path))

    assert ran.exit_code == 0
    assert "Not fired: " in ran.stdout


def test_faults_can_be_switched_off(tmp_path: Path) -> None:
    ran = ecshop(
        *("compare", "--schedules", "1", "--designs", "cdc", "--consumers", "doorbell", "--json"),
        *("--faults", "all=0", "--faults", "feed.duplicate=1", "--out", str(tmp_path)),
    )

    assert set(json.loads(ran.stdout)["faults"]) == {"feed.duplicate"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--designs", "pigeon"), "There is no design 'pigeon'; there are cdc, dual-write, outbox, publish-first."),
        (("--consumers", "cdc"), "There is no consumer 'cdc'; there are naive, cursor, doorbell, doorbell+reconcile."),
        (("--faults", "meteor=0.1"), "There is no fault 'meteor'; there are all, write.before"),
        (("--faults", "publish.fail=2"), "a rate is a number from 0 to 1, as in publish.fail=0.05."),
        (("--faults", "publish.fail=-0.1"), "a rate is a number from 0 to 1"),
        (("--faults", "publish.fail=nan"), "a rate is a number from 0 to 1"),
        (("--faults", "publish.fail"), "a rate is a number from 0 to 1"),
        (("--variants", "lucky"), "There is no variant 'lucky'; there are keyed, retry."),
        (("--variants", "keyed", "--designs", "cdc,outbox"), "Variants are forms of dual-write and publish-first"),
        (("--schedule", "a.json", "--transport", "kafka", "--designs", "cdc"), "leave out --transport, --designs."),
        (("--schedule", "a.json", "--faults", "all=0"), "says itself what is run: leave out --faults."),
        (("--seed", "1000000001"), "1000000001 is not in the range"),
        (("explain", "1000000001"), "1000000001 is not in the range"),
        (("--variants", "keyed", "--transport", "kafka"), "--variants goes with --transport memory"),
        (("--schedules", "3", "--transport", "kafka"), "--schedules goes with --transport memory"),
        (("--jobs", "2", "--transport", "kafka"), "--jobs goes with --transport memory"),
        (("--schedules", "0"), "0 is not in the range"),
        (("--orders", "0"), "0 is not in the range"),
        (("--schedule", "nowhere.json"), "nowhere.json cannot be read as a schedule"),
        (("--transport", "kinesis", "--store", "postgres"), "Nothing is carried from postgres by kinesis; there are"),
        (("--transport", "kafka", "--store", "postgres", "--designs", "cdc"), "cdc on postgres is carried by postgres"),
        (
            ("--transport", "kafka", "--consumers", "hasty"),
            "There is no consumer 'hasty'; there are naive, cursor, doorbell",
        ),
        (("--transport", "kafka", "--designs", ""), "There is no design ''; there are"),
        (("--transport", "kafka", "--seconds", "nan"), "nan"),
        (("--transport", "kafka", "--seconds", "1"), "1.0 is not in the range"),
        (("--out", "/proc/nowhere", "--schedules", "1", "--designs", "cdc"), "cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    ran = ecshop("compare", *arguments)

    assert ran.exit_code == 2
    assert said in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.output


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[object] = []
    monkeypatch.setattr(comparing, "really", lambda *asked: ran.append(asked))
    (tmp_path / "file").touch()

    refused = ecshop("compare", "--transport", "kafka", "--out", str(tmp_path / "file" / "report"))

    assert refused.exit_code == 2
    assert "The report cannot be written into" in refused.stderr
    assert ran == []


def test_a_real_run_is_asked_for_as_it_was_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Wish] = []

    def compare_really(wishes: list[Wish], _tell: object) -> None:
        asked.extend(wishes)
        raise RunFailed("enough")

    def made_again(*arguments: str) -> list[Wish]:
        asked.clear()
        assert ecshop(*arguments, "--out", str(tmp_path)).exit_code == 2
        return list(asked)

    monkeypatch.setattr(real_comparing, "compare_really", compare_really)
    command = (
        *("compare", "--transport", "kafka", "--store", "postgres", "--seconds", "7.5", "--seed", "3", "--orders", "4"),
        *(
            "--designs",
            "dual-write,outbox",
            "--consumers",
            "naive,doorbell",
            "--faults",
            "all=0",
            "--faults",
            "ack.late=0.5",
        ),
    )
    first = made_again(*command)

    assert [(wish.design, wish.consumer) for wish in first] == [
        (design, consumer) for design in ("dual-write", "outbox") for consumer in ("naive", "doorbell")
    ]
    assert {(wish.transport, wish.store, wish.seconds, wish.seed, wish.orders) for wish in first} == {
        ("kafka", "postgres", 7.5, 3, 4)
    }
    with click.Context(compare) as context:
        options = compare.make_context("compare", list(command[1:]), parent=context).params
    again = shlex.split(compare_options.command(compare_options.Asked(**options)))
    assert again[0] == "ecshop"
    assert made_again(*again[1:]) == first


def test_an_explanation_is_told_step_by_step_saved_and_replayed(tmp_path: Path) -> None:
    saved = tmp_path / "loss.json"

    told = ecshop("compare", "explain", "3", "--save", str(saved))
    again = ecshop("compare", "explain", "3", "--schedule", str(saved))
    compared = ecshop("compare", "--schedule", str(saved), "--json", "--out", str(tmp_path))

    assert told.exit_code == again.exit_code == compared.exit_code == 0
    assert "1 order is stored and never shown" in told.stdout
    assert "places order" in told.stdout
    events = told.stdout.partition("What happens:")[2].partition("After everything")[0]
    assert events.strip()
    assert events in again.stdout
    data = json.loads(compared.stdout)
    assert (data["orders"], data["cells"][0]["lost_orders"]) == (1, 1)


def test_ctrl_c_while_an_order_to_be_told_of_is_looked_for_keeps_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_seed: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("entrypoints.cli.comparing.lost_order", look)
    ran = ecshop(
        *("compare", "--schedules", "1", "--designs", "dual-write", "--consumers", "naive"),
        *("--variants", "keyed,retry", "--out", str(tmp_path)),
    )

    assert ran.exit_code == 130, ran.output
    assert "better forms of it: keyed, retry." in ran.stdout  # whoever reads the figures is told of whom they are
    data = json.loads((tmp_path / "comparison.json").read_text())
    assert (data["variants"], data["cells"][0]["schedules"]) == (["keyed", "retry"], 1)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, jobs: str) -> None:
    command = [str(Path(sys.executable).with_name("ecshop")), "compare", "--schedules", "5000", "--jobs", jobs]
    terminal, its_end = pty.openpty()  # a bar is drawn for people alone
    with subprocess.Popen(
        [*command, "--designs", "cdc", "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=its_end,
        text=True,
        start_new_session=True,
    ) as running:
        told = ""
        while not re.search(r"\b[1-9]\d*/20000", told):
            told += os.read(terminal, 1024).decode(errors="replace")
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        printed, _ = running.communicate(timeout=120)
    os.close(its_end)
    os.close(terminal)

    assert running.returncode == 130
    assert "Interrupted" in printed
    data = json.loads((tmp_path / "comparison.json").read_text())
    assert 0 < sum(cell["schedules"] for cell in data["cells"]) < 20_000


def test_help_says_what_it_is() -> None:
    assert "what each delivery design loses" in ecshop("compare", "--help").stdout
    assert "SEED" in ecshop("compare", "explain", "--help").stdout
