"""`ecshop rebuild --from`: an archive of change records, held against the store before anything is rebuilt from it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import click

from config.archive import Archive, ArchiveProblem, open_archive, rebuild_from, records_at
from config.read_side import StoreProblem
from config.shop import Shop
from core.delivery.lake import Lack, lacking
from core.delivery.rebuild import Rebuild
from core.ports.event_store import StreamDamaged
from entrypoints.cli.refusal import Refused

NAMED = 20
"""Events that are named of those that an archive lacks."""


@contextmanager
def rebuild_of_archive(shop: Shop, place: str) -> Iterator[Rebuild]:
    """Read the archive, show that it has every event of the store, and give the rebuild that replays it.

    Raises:
        Refused: it cannot be read, or it lacks an event; nothing was rebuilt.
    """
    try:
        with open_archive(shop) as archive:
            steps = rebuild_from(shop, archive)
            _read(archive, shop, place)
            _compare(archive, shop)
            yield steps
    except (ArchiveProblem, StoreProblem) as problem:
        raise Refused(str(problem)) from None


def _read(archive: Archive, shop: Shop, place: str) -> None:
    with click.progressbar(archive.add(records_at(shop, place)), label="Records", show_pos=True) as counts:
        for _ in counts:
            pass
    counted = ", ".join(f"{count:,} {kind}" for kind, count in archive.counts.most_common())
    click.echo(f"Read: {counted or 'nothing'}.")


def _compare(archive: Archive, shop: Shop) -> None:
    """Look for each event of the store in the archive.

    Raises:
        Refused: it lacks some.
    """
    kinds: Counter[str] = Counter()
    with click.progressbar(length=shop.projections().passed(), label="Compared", show_pos=True) as bar:
        lacks = lacking(shop.event_store(), archive.find, shop.environment().now(), bar.update)
        try:
            named = [lack for lack in lacks if _counted(lack, kinds)]
        except StreamDamaged as damaged:
            raise Refused(f"The store itself has a hole: {damaged}. See `ecshop reconcile`") from None
    if kinds["not yet there"]:
        click.echo(f"{kinds['not yet there']:,} events of the last minutes are not yet in the archive.")
    if lost := kinds["missing"] + kinds["another event"]:
        for lack in named:
            click.echo(f"  {lack.stream} version {lack.version}: {lack.kind}")
        raise Refused(f"The archive lacks {lost:,} events of the store; nothing was rebuilt")
    click.echo("The archive is complete: it has every event of the store, as the store has it.")


def _counted(lack: Lack, kinds: Counter[str]) -> bool:
    """Count it; tell whether it is to be named, too."""
    kinds[lack.kind] += 1
    return lack.kind != "not yet there" and kinds["missing"] + kinds["another event"] <= NAMED
