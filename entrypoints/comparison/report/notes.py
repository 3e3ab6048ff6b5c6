"""What has to be known before a figure is believed: what was run, what never fired, which zeros did not hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from entrypoints.comparison.expectations import EXPECTED
from entrypoints.comparison.report.catalogue import Cell, groups_of
from entrypoints.comparison.report.formats import counted, number, several

Data = Mapping[str, Any]


def cell_name(cell: Cell) -> str:
    """Name a cell."""
    return f"{cell['design']} with {cell['consumer']}"


def ran(data: Data) -> str:
    """Say how much was run."""
    cells = data["cells"]
    total, fired = sum(cell["commands"] for cell in cells), sum(data["faults"].values())
    if "seconds" in data:
        carried = " and ".join(dict.fromkeys(data["transports"].values()))
        return (
            f"{_real(data)}, events in {data['store']}, carried by {carried}: "
            f"{counted(total, 'command')}, {counted(fired, 'fault')} fired, seed {data['seed']}."
        )
    done = max((cell["schedules"] for cell in cells), default=0)
    of_all = "" if done == data["schedules"] else f" of the {data['schedules']:,} asked for"
    return (
        f"{counted(done, 'schedule')}{of_all} on {counted(len(cells), 'cell')}, {counted(data['orders'], 'order')} each: "
        f"{counted(total, 'command')}, {counted(fired, 'fault')} fired, from seed {data['seed']}."
    )


def _real(data: Data) -> str:
    most = "at most " if data["interrupted"] or data["orders"] else ""
    orders = f" for {counted(data['orders'], 'order')}" if data["orders"] else ""
    return f"Real runs of {most}{data['seconds']:g} s each{orders}"


def warnings(data: Data) -> list[str]:
    """Say what takes from the run's worth, the worst first; nothing where nothing does."""
    found = []
    if data["void"]:
        why = [f"faults that apply never fired: {_unfired(data)}"] if data["unfired"] else []
        why += [f"it never showed what it must: {_unseen(data)}"] if data.get("unseen") else []
        found.append(f"VOID: this run proves nothing, as {', and '.join(why)}.")
    if data.get("failed"):
        found.append(f"FAILED: these are the runs before one that had no end, as it failed. {data['failed']}")
    found += [
        f"BROKEN: {label_of(data, each['figure'])} must be 0 under {cell_name(each)}, and is {number(each['value'])}."
        for each in data["broken"]
    ]
    if data["interrupted"]:
        last = ", the last of which may have been cut short" if "seconds" in data else ""
        found.append(f"Interrupted: these are the {'runs' if last else 'schedules'} that were done by then{last}.")
    return found


def quiet_faults(data: Data) -> str:
    """Say which faults that apply did not fire in a run that is not void for it; empty where all did."""
    return f"Not fired: {_unfired(data)}." if data["unfired"] and not data["void"] else ""


def _unseen(data: Data) -> str:
    return "; ".join(f"{label_of(data, each['figure'])} ({cell_name(each)})" for each in data["unseen"])


def _unfired(data: Data) -> str:
    cells_by_fault: dict[str, list[str]] = {}
    for each in data["unfired"]:
        for fault in each["faults"]:
            cells_by_fault.setdefault(fault, []).append(cell_name(each))
    return "; ".join(
        f"{fault} ({_where(cells, len(data['cells']))})" for fault, cells in sorted(cells_by_fault.items())
    )


def _where(cells: Sequence[str], of: int) -> str:
    return "on every cell" if len(cells) == of > 1 else several(list(cells))


def label_of(data: Data, name: str) -> str:
    """Give the label of a figure."""
    return next((each.label for group in groups_of(data["cells"]) for each in group.figures if each.name == name), name)


def must_be_zero(cell: Cell) -> tuple[str, ...]:
    """Name the figures that have to be 0 in this cell."""
    expected = EXPECTED.get((cell["design"], cell["consumer"]))
    return expected.zero if expected else ()


def broken_in(data: Data, cell: Cell) -> set[str]:
    """Name the figures of this cell whose zero did not hold."""
    return {
        each["figure"]
        for each in data["broken"]
        if (each["design"], each["consumer"]) == (cell["design"], cell["consumer"])
    }
