"""Three sentences for who decides, made from the figures: what holds, what the older design loses, what holding costs."""

from collections.abc import Iterable, Sequence

from entrypoints.comparison.report.catalogue import Cell
from entrypoints.comparison.report.formats import counted, duration, percent, several
from entrypoints.comparison.report.notes import Data, cell_name

SHOP = "doorbell+reconcile"
PROMISED = ("cdc", "outbox")
OLDER = "dual-write"
KEPT = {
    "lost": "lost {} events",
    "ghosts": "showed {} that never were",
    "divergence": "left {} rows wrong",
    "broken_promises": "broke {} promises to clients",
}

OWN_FAULTS = frozenset(
    {
        *("write.before", "write.after", "publish.before", "publish.after", "ack.late", "publish.fail"),
        *("publish.ack_lost", "publish.overtake", "commit.cut", "broker.down"),
    }
)
"""The faults of the way from the client to the broker under dual-write; all others are the consumer's or the feed's."""


def sentences(data: Data) -> tuple[str, str, str]:
    """Give the three."""
    cells = data["cells"]
    return _what_holds(data), _what_the_older_design_loses(data), _what_it_costs(data, cells)


def cell_of(cells: Iterable[Cell], design: str, consumer: str) -> Cell | None:
    """Find a cell; None where the run does not have it."""
    return next((cell for cell in cells if (cell["design"], cell["consumer"]) == (design, consumer)), None)


def holds(cell: Cell) -> bool:
    """Tell whether nothing was lost, made up, left wrong or promised in vain."""
    return not any(cell[name] for name in KEPT)


def _what_holds(data: Data) -> str:
    promised = [cell for design in PROMISED if (cell := cell_of(data["cells"], design, SHOP))]
    if not promised:
        return f"This run leaves out {several(list(PROMISED))} with the consumer {SHOP}, so it does not say what the shop keeps."
    good, bad = [cell for cell in promised if holds(cell)], [cell for cell in promised if not holds(cell)]
    faults = sum(sum(cell["faults"].values()) for cell in promised)
    said = []
    if good:
        events = sum(cell["events"] for cell in good)
        all_of = (
            f"all {counted(events, 'event')} that were stored" if faults else f"all {counted(events, 'stored event')}"
        )
        said.append(f"{_designs(good)} ended with {all_of} shown, none made up and no promise to a client broken")
    said += [f"{cell['design']} {_what_broke(cell)}" for cell in bad]
    tried = f"{counted(max(cell['schedules'] for cell in promised), 'schedule')} and {counted(faults, 'fault')}"
    ending = "" if not data["void"] else "; but faults that apply never fired, so this proves nothing"
    return f"With the consumer {SHOP}, over {tried}, {', but '.join(said)}{ending}."


def _designs(cells: Sequence[Cell]) -> str:
    return several([cell["design"] for cell in cells])


def _what_broke(cell: Cell) -> str:
    return several([words.format(f"{cell[name]:,}") for name, words in KEPT.items() if cell[name]])


def _what_the_older_design_loses(data: Data) -> str:
    cells = data["cells"]
    cell = next(
        (found for name in ("naive", "cursor", "doorbell", SHOP) if (found := cell_of(cells, OLDER, name))), None
    )
    if cell is None:
        return f"This run leaves out {OLDER}, the older design, so it does not say what that one loses."
    older = f"The older design, {OLDER}, with the {cell['consumer']} consumer"
    if not cell["lost_orders"]:
        shown = f"{older} showed every order that it had stored in this run"
    else:
        share = percent(cell["distributions"]["lost_orders"]["share"])
        often = f" ({share} of the schedules lost one or more)" if cell["schedules"] > 1 else ""
        shown = f"{older} stored {counted(cell['lost_orders'], 'order')} that nobody is ever shown{often}"
    return f"{shown}; {_whose_fault(data, cell)}."


def _whose_fault(data: Data, cell: Cell) -> str:
    """Say whether dual-write's own faults broke a promise, as far as the figures tell."""
    broken = promises_broken_by_the_design(data, cell)
    if broken is None:
        return (
            f"{counted(cell['broken_promises'], 'command')} that a client was told had succeeded did not last with this consumer, "
            "and these figures do not tell its faults from the design's"
        )
    if broken:
        return f"dual-write's own faults broke {counted(broken, 'promise')} to clients that were told success"
    if cell["consumer"] == SHOP:
        return (
            f"what its own faults leave unpublished is healed from the store, though {counted(cell['failed_though_stored'], 'request')} "
            "had been answered as an error and stored"
        )
    answered = cell["failed_though_stored"]
    count = f" ({counted(answered, 'request')} here)" if answered else ""
    whole = (
        "dual-write's own faults never lose an order whose client was told success: "
        f"it is stored, answered as an error{count}, and never shown by the {cell['consumer']} consumer"
    )
    theirs = cell["broken_promises"]
    return whole + (f", whose own faults broke {counted(theirs, 'promise')} more" if theirs else "")


def promises_broken_by_the_design(data: Data, cell: Cell) -> int | None:
    """Count commands told to have succeeded that dual-write's own faults undid; None where the figures cannot tell.

    `promises_undelivered` counts them where a run has it. Else they are known where nothing but those faults could strike, or where no
    promise was broken at all.
    """
    if (known := cell.get("promises_undelivered")) is not None:
        return int(known)
    alone = all(not rate for name, rate in data["rates"].items() if name not in OWN_FAULTS)
    return int(cell["broken_promises"]) if alone or not cell["broken_promises"] else None


def _what_it_costs(data: Data, cells: Sequence[Cell]) -> str:
    kept = [cell for cell in cells if cell["consumer"] == SHOP and cell["design"] in PROMISED and holds(cell)]
    if not kept:
        return "What keeping everything costs, this run cannot say, as no cell of the shop's own kept everything."
    prices = several([f"{_usd(cell)} USD with {cell['design']}" for cell in kept])
    older = cell_of(cells, OLDER, "naive")
    beside = f", against {_usd(older)} USD with {cell_name(older)}, whose broker comes on top" if older else ""
    where = "At the prices of DynamoDB" if "seconds" in data else "On AWS"
    return f"{where}, keeping everything costs {prices} per million commands{beside}; {_speed(kept)}."


def _speed(cells: Sequence[Cell]) -> str:
    timed = [cell for cell in cells if cell["staleness_p50_ms"] is not None]
    if not timed:
        return "nothing was there to be shown"
    half = [duration(cell["staleness_p50_ms"]) for cell in timed]
    return (
        f"half of all changes show within {several(half)}{' respectively' if len(timed) > 1 else ''}, faults included"
    )


def _usd(cell: Cell) -> str:
    return f"{cell['usd_per_million_commands']:.2f}"
