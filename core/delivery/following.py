"""Which feed a projector follows: it is not put onto another one by mistake, as what it has not come to there would be missing."""

from collections.abc import Collection

from core.delivery.reconcile import Reconcile
from core.ports.projection_store import ProjectionStore


class AnotherFeed(Exception):
    """A projector follows another feed than the one it is started on; the text says which, without a full stop."""


def follow(
    projector: str, projections: ProjectionStore, reconcile: Reconcile, feed: str, *, own: str, switch: bool
) -> Collection[str]:
    """Have the projector follow `feed` from now on; tell which streams were repaired for that.

    One that has passed events and keeps no feed comes from a time when there was only the store's `own`. Where it follows another one,
    `switch` has it look at all streams and repair what differs: what the other feed still had for it, or never will have.

    Raises:
        AnotherFeed: it follows another one, and is not to be switched. Nothing is changed.
        ProjectionUnavailable, StoreUnavailable: it cannot be told, or not everything may be repaired; it follows the one it did.
    """
    kept = projections.feed() or (own if projections.passed() else feed)
    repaired = frozenset[str]()
    if kept != feed:
        if not switch:
            raise AnotherFeed(f"The projector {projector} follows the feed {kept!r} and would now follow {feed!r}")
        report = reconcile.look()
        reconcile.repair(report)
        repaired = frozenset(each.stream for each in report.differences)
    projections.keep_feed(feed)
    return repaired
