"""The commands on a shop that keeps what it has: its tables, its workers, its rows, its mails."""

import re
from datetime import timedelta
from typing import get_args

import click

from config.settings import load_settings
from core.ports.mail_queue import MailStatus
from entrypoints.cli.extras import extra
from entrypoints.cli.sentences import sentences

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
PROJECTOR = click.option(
    "--projector",
    type=click.Choice(["read-models", "notifier"]),
    default="read-models",
    show_default=True,
    help="Whose cursors: those of the rows that people read, or of the one who asks for mails.",
)
SWITCH_FEED = click.option(
    "--switch-feed",
    is_flag=True,
    help="Go on with another feed than was followed so far (another DELIVERY or TRANSPORT), after reconciling everything.",
)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Span(click.ParamType[timedelta]):
    """A span of time such as 90s, 10m, 2h, 1d."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it."""
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if not found:
            self.fail(f"{value!r} is not a span such as 90s, 10m, 2h or 1d", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command(short_help="Make or update the tables in PostgreSQL.")
@sentences
def migrate() -> None:
    """Bring the database that DATABASE_URL names to the tables that this version wants. Doing it again does nothing."""
    from entrypoints.cli.migrating import migrate as migrated

    migrated(load_settings())


@click.command(short_help="Run one role in a process of its own.")
@click.argument("role", type=click.Choice(["project", "notify", "reconcile", "relay"]))
@SWITCH_FEED
@sentences
def worker(role: str, switch_feed: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Run one role until Ctrl-C or SIGTERM, on the stores that the settings name.

    project keeps the rows that people read up with the feed; notify sends mails; reconcile finds what a feed lost, and repairs it; relay
    publishes what DELIVERY=outbox has marked. A served shop does all of it by itself; more of each are harmless.
    """
    with extra("http"):
        from entrypoints.cli.worker import work

    work(load_settings(), role, switch_feed=switch_feed)


@click.command(short_help="Make the rows anew from all events.")
@click.option(
    "--segments", type=click.IntRange(1, 64), default=2, show_default=True, help="Replay so many parts at once."
)
@click.option(
    "--from",
    "place",
    metavar="PLACE",
    help="Replay an archive of change records instead of the store: a folder, or s3://bucket/prefix.",
)
@sentences
def rebuild(segments: int, place: str | None) -> None:
    """Make the rows anew from all events, beside those that people go on reading, and then put them in their place.

    With --from, the events are taken from an archive of the table's changes, as Firehose writes it. Each event of the store is looked for
    there first: where one is missing or another, it is named, and nothing is rebuilt.

    Ctrl-C stops it after the batch at hand; the next `ecshop rebuild` goes on where it was.
    """
    from entrypoints.cli.rebuild import rebuild as rebuilt

    rebuilt(load_settings(), segments=segments, place=place)


@click.command(short_help="List the generations of rows.")
@click.option("--drop", type=int, metavar="NUMBER", help="First drop this one, which nobody may be reading.")
@JSON
@sentences
def generations(drop: int | None, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """List the generations of rows: the one that people read, one that is being built, retired ones."""
    from entrypoints.cli.rebuild import show_generations

    show_generations(load_settings(), as_json=as_json, drop=drop)


@click.command(short_help="Compare the rows with the events.")
@click.option("--recent", type=Span(), metavar="SPAN", help="Look only at streams that changed within 10m, 2h, 1d ...")
@click.option("--deep", is_flag=True, help="Compare each row with a fold of its events, and mails with orders, too.")
@click.option("--repair", is_flag=True, help="Apply what is missing; with --deep, make the rows that differ anew.")
@PROJECTOR
@JSON
@sentences
def reconcile(recent: timedelta | None, deep: bool, repair: bool, projector: str, as_json: bool) -> None:  # noqa: FBT001 - flags
    """Compare what a projector holds with what the event store holds. Exit status: 0 nothing differs, 1 something did.

    What differs is looked at again two seconds later, and counts only if it still does.
    """
    from entrypoints.cli.reconcile import reconcile as reconciled

    reconciled(load_settings(), projector, recent=recent, deep=deep, repair=repair, as_json=as_json)


@click.group("dead-letters", short_help="Streams that wait for a fix.")
def dead_letters() -> None:
    """Care for streams that are parked: an event of theirs cannot be applied, and what follows it waits."""


@dead_letters.command("list", short_help="List them.")
@PROJECTOR
@JSON
@sentences
def list_parked(projector: str, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """List the parked streams, and the records of the feed that nobody could read."""
    from entrypoints.cli.dead_letters import list_dead_letters

    list_dead_letters(load_settings(), projector, as_json=as_json)


@dead_letters.command("show", short_help="Show what one waits for.")
@click.argument("stream")
@PROJECTOR
@JSON
@sentences
def show_parked(stream: str, projector: str, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show at which version a stream stopped, and why."""
    from entrypoints.cli.dead_letters import show_dead_letter

    show_dead_letter(load_settings(), projector, stream, as_json=as_json)


@dead_letters.command("redrive", short_help="Go on after the fix.")
@click.argument("stream", required=False)
@PROJECTOR
@sentences
def redrive_parked(stream: str | None, projector: str) -> None:
    """Apply what a parked stream waits for, or all of them. Exit status 1 where one is parked again."""
    from entrypoints.cli.dead_letters import redrive

    redrive(load_settings(), projector, stream)


@click.command(short_help="Show what became of the mails.")
@click.option("--status", type=click.Choice(list(get_args(MailStatus))), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="So many, newest first.")
@JSON
@sentences
def mails(status: MailStatus | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show the mails about orders, newest first: sent, still to be sent, or why not."""
    from entrypoints.cli.mails import show_mails

    show_mails(load_settings(), status=status, limit=limit, as_json=as_json)


@click.command(short_help="Say what works here, and what to do where it does not.")
@JSON
@sentences
def doctor(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Look at what is installed and set, at the stores, the mail server and the port. Exit status: 0 all that is set works, 1 it does not.

    An embedded PostgreSQL is started for the look, unless it runs already. `note` is worth knowing, `wrong` needs a hand.
    """
    from entrypoints.cli.doctor import examine

    examine(load_settings(), as_json=as_json)


COMMANDS = (doctor, migrate, worker, rebuild, generations, reconcile, dead_letters, mails)
