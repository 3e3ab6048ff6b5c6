"""The figures of a cell: what each is called, what it counts, and in which order they are told."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Cell = Mapping[str, Any]


class Figure(NamedTuple):
    """One figure: its name in the JSON, a label of at most 24 characters, its unit, and what it means."""

    name: str
    label: str
    unit: str
    meaning: str


class Group(NamedTuple):
    """Figures that answer one question."""

    title: str
    figures: tuple[Figure, ...]


GROUPS = (
    Group(
        "What people notice",
        (
            Figure("lost_orders", "orders never shown", "", "Orders that are stored and that no page ever shows."),
            Figure(
                "lost",
                "events lost",
                "",
                "Stored events that a projector has not folded when everything is over, of the read models and the mails together.",
            ),
            Figure(
                "ghosts",
                "ghosts in effect",
                "",
                "Events that a projector folded although the store does not have them.",
            ),
            Figure(
                "divergence",
                "wrong rows at the end",
                "",
                "Things whose row does not say what their events say, after the clean-up.",
            ),
            Figure(
                "broken_promises",
                "broken promises",
                "",
                "Commands that a client was told had succeeded, one of whose events is not stored or not folded everywhere.",
            ),
            Figure(
                "promises_undelivered",
                "promised, undelivered",
                "",
                "Those of them that the design itself broke: a stored event of theirs was never handed out, and no fault of the feed "
                "or the consumer explains it.",
            ),
            Figure(
                "done_twice",
                "commands done twice",
                "",
                "Commands that a client repeated and that took effect each time.",
            ),
            Figure(
                "oversold",
                "units oversold",
                "",
                "Units in orders that stand, beyond all the stock that was ever added.",
            ),
            Figure(
                "failed_though_stored",
                "failed though stored",
                "",
                "Requests that were answered with an error and whose events are stored all the same. A cut connection is no answer.",
            ),
            Figure("mails_missing", "mails missing", "", "Orders' mails that should have gone out and did not."),
            Figure("mails_repeated", "mails repeated", "", "Mails that went out once more."),
            Figure(
                "mails_ghost",
                "mails for ghosts",
                "",
                "Mails about something that never was stored. A sent mail cannot be unsent.",
            ),
        ),
    ),
    Group(
        "What happened on the way",
        (
            Figure("undelivered", "undelivered", "", "Stored events that the transport never handed to a projector."),
            Figure(
                "unexplained",
                "undelivered, unexplained",
                "",
                "Those of them that were neither too large for the feed nor gone past its retention: the design itself left them out.",
            ),
            Figure(
                "ghosts_delivered",
                "ghosts delivered",
                "",
                "Events that were handed out although the store does not have them.",
            ),
            Figure("duplicates", "delivered again", "", "Deliveries of an event beyond its first."),
            Figure(
                "inversions",
                "out of order",
                "",
                "Pairs of first deliveries of one stream that came the newer one first.",
            ),
            Figure("torn", "torn when delivered", "", "Commits of which some events were handed out and some never."),
            Figure("torn_stored", "torn when stored", "", "Commits of which some events are stored and some are not."),
        ),
    ),
    Group(
        "What the consumer did",
        (
            Figure("applied_twice", "applied twice", "", "Folds of an event beyond its first."),
            Figure(
                "lost_not_a_suffix",
                "lost in the middle",
                "",
                "Lost events that a later event of their stream outlived.",
            ),
            Figure(
                "lost_though_announced",
                "lost though announced",
                "",
                "Lost events of which the consumer had been handed a record whose keys could be read, before it was gone.",
            ),
            Figure("refolds", "streams refolded", "", "How often a stream was folded afresh from the store."),
            Figure(
                "divergence_peak",
                "most rows wrong at once",
                "",
                "The largest number of wrong rows seen at one moment of one schedule.",
            ),
            Figure(
                "differences",
                "left to a deep look",
                "",
                "What a deep reconcile, which repairs nothing, still found different after everything had been measured.",
            ),
        ),
    ),
    Group(
        "How long it took",
        (
            Figure(
                "staleness_p50_ms",
                "shown after, median",
                "ms",
                "From the commit of an event to the moment its row shows it: half are faster.",
            ),
            Figure(
                "staleness_p99_ms",
                "shown after, 99 %",
                "ms",
                "The same: 99 of 100 are faster. What is lost for good has no such time; a stream whose fold has a bug waits until "
                "the end of the run, so this grows with its length.",
            ),
            Figure("staleness_max_ms", "shown after, slowest", "ms", "The same: the slowest of all."),
            Figure(
                "convergence_ms",
                "healed after, median",
                "ms",
                "From the end of the last fault to the first moment without a wrong row, of the schedules that came to one.",
            ),
        ),
    ),
    Group(
        "What it cost",
        (
            Figure(
                "requests_per_command",
                "requests per command",
                "",
                "Calls to the store, its snapshots and the broker; polls of an idle feed left out.",
            ),
            Figure("bytes_per_command", "event bytes per command", "B", "Data of the stored events."),
            Figure(
                "usd_per_million_commands",
                "USD per 1M commands",
                "USD",
                "AWS's variable price of those requests. A Kafka broker is paid by the hour, and is not in it.",
            ),
        ),
    ),
    Group(
        "How much was tried",
        (
            Figure("schedules", "schedules", "", "Runs of this cell, each with its own seed."),
            Figure("commands", "commands", "", "What the clients asked for."),
            Figure("events", "events stored", "", "Events in the store at the end."),
        ),
    ),
)

OTHER = "Further figures"


def numbers_of(cell: Cell) -> dict[str, Any]:
    """Give a cell's flat figures: numbers, and None where there is nothing to tell."""
    return {name: value for name, value in cell.items() if value is None or (type(value) in {int, float})}


def groups_of(cells: Sequence[Cell]) -> list[Group]:
    """Give the groups with the figures that these cells have; one that the catalogue does not know comes last, under its own name."""
    present = {name: None for cell in cells for name in numbers_of(cell)}
    known = [Group(group.title, tuple(each for each in group.figures if each.name in present)) for group in GROUPS]
    listed = {figure.name for group in GROUPS for figure in group.figures}
    others = tuple(Figure(name, name.replace("_", " "), "", "") for name in present if name not in listed)
    return [group for group in (*known, Group(OTHER, others)) if group.figures]
