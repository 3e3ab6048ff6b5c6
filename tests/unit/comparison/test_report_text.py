"""The table for a terminal, with what has to be known beside it."""

from collections.abc import Callable

from entrypoints.comparison.comparing import ALL_CELLS
from entrypoints.comparison.report.text import text
from tests.unit.comparison.report_data import Data, a_run, cell


def all_cells(data: Data) -> None:
    sample = data["cells"][0]
    data["cells"] = [sample | {"design": design, "consumer": consumer} for design, consumer in ALL_CELLS]


def line_of(label: str, said: str) -> list[str]:
    (found,) = (line.removeprefix(label) for line in said.splitlines() if line.startswith(label))
    return found.split()


def test_sixteen_cells_fit_side_by_side_however_large_their_figures() -> None:
    def change(data: Data) -> None:
        for each in data["cells"]:
            each.update(lost=123456, duplicates=99999, convergence_ms=284312.174, staleness_p99_ms=999999.0)
        all_cells(data)

    lines = text(a_run(change)).splitlines()

    assert max(len(line) for line in lines) <= 140
    assert line_of("events lost", "\n".join(lines)) == ["123456"] * 16


def test_zeros_are_quiet_unless_they_must_be_and_broken_ones_are_loud() -> None:
    def change(data: Data) -> None:
        cell(data, "cdc").update(lost=5, ghosts=0, refolds=0)
        cell(data, "dual-write").update(lost=475, ghosts=0)
        data["broken"] = [{"design": "cdc", "consumer": "doorbell+reconcile", "figure": "lost", "value": 5}]

    said = text(a_run(change))

    assert line_of("events lost", said)[:2] == ["5!", "475"]
    assert line_of("ghosts in effect", said)[:2] == ["0", "·"]
    assert line_of("streams refolded", said)[0] == "·"
    assert "BROKEN: events lost must be 0 under cdc with doorbell+reconcile, and is 5." in said


def test_it_says_how_much_was_run_and_which_faults_fired() -> None:
    said = text(a_run(lambda data: data.update(faults={"ack.late": 1200, "fold.bug": 3})))

    assert said.startswith("50 schedules on 3 cells, 4 orders each: ")
    assert "1,203 faults fired, from seed 1." in said
    assert "Faults: ack.late 1,200, fold.bug 3" in said


def test_a_void_run_says_so_and_why() -> None:
    unfired = [
        {"design": each["design"], "consumer": each["consumer"], "faults": ["ack.late"]} for each in a_run()["cells"]
    ]
    said = text(a_run(lambda data: data.update(void=True, unfired=unfired, unseen=[])))

    assert "VOID: this run proves nothing, as faults that apply never fired: ack.late (on every cell)." in said


def test_a_single_schedule_lists_what_did_not_fire_and_is_not_void() -> None:
    unfired = [{"design": "cdc", "consumer": "doorbell+reconcile", "faults": ["ack.late", "fold.bug"]}]
    said = text(a_run(lambda data: data.update(schedules=1, unfired=unfired)))

    assert "Not fired: ack.late (cdc with doorbell+reconcile); fold.bug (cdc with doorbell+reconcile)." in said
    assert "VOID" not in said


def test_the_command_that_makes_the_run_again_comes_last() -> None:
    again = "ecshop compare --seed 1 --schedules 50 --faults fold.bug=0"
    said = text(a_run(lambda data: data.update(command=again)))

    assert said.splitlines()[-1] == f"Again: {again}"


def real(**more: object) -> Callable[[Data], object]:
    """Have a run be one on real servers."""
    of_it = {"seconds": 180.0, "store": "postgres", "transports": {"cdc": "kafka"}, "orders": None, "schedules": 1}
    return lambda data: data.update(of_it | more)


def test_a_design_with_one_consumer_has_room_for_its_name() -> None:
    def change(data: Data) -> None:
        sample = data["cells"][0]
        data["cells"] = [sample | {"design": design} for design in ("dual-write", "outbox")]

    lines = text(a_run(change)).splitlines()

    (heading,) = (line for line in lines if "|" in line)
    assert heading.replace("|", " ").split() == ["dual-write", "outbox"]
    (below,) = (line for line in lines if line.split() == ["+recon", "+recon"])
    assert len(heading) <= len(below)


def test_a_real_run_says_how_long_it_was() -> None:
    assert text(a_run(real())).startswith("Real runs of 180 s each, events in postgres, carried by kafka: ")


def test_a_real_run_that_was_cut_short_says_so() -> None:
    said = text(a_run(real(interrupted=True)))

    assert said.startswith("Real runs of at most 180 s each, ")
    assert "Interrupted: these are the runs that were done by then, the last of which may have been cut short." in said


def test_a_real_run_with_a_number_of_orders_says_how_many() -> None:
    assert "Real runs of at most 180 s each for 20 orders, " in text(a_run(real(orders=20)))
