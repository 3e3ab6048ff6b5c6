"""Having the projectors of a shop follow the feed that its settings name."""

from collections.abc import Iterable

from config.delivery import feed_name, own_feed
from config.read_side import StoreProblem
from config.settings import Settings
from config.shop import Shop
from core.delivery.following import AnotherFeed, follow
from core.delivery.projector import AWAY
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS

PROJECTORS = (READ_MODELS, NOTIFIER)

HOW_TO_SWITCH = (
    "stop whoever still writes the old way, and start it once with --switch-feed, which reconciles first; or correct DELIVERY or"
    " TRANSPORT."
)


def follow_feed(shop: Shop, projectors: Iterable[str] = PROJECTORS, *, switch: bool = False) -> int:
    """Have these follow it; tell how many streams were repaired where they had to be switched to it.

    Raises:
        StoreProblem: one follows another and is not to be switched, or it could not be done, in a sentence.
    """
    settings: Settings = shop.settings()
    roles = {READ_MODELS: shop.read_models, NOTIFIER: shop.notifier}
    feed, own, repaired = feed_name(settings), own_feed(settings), set[str]()
    for name in projectors:
        role = roles[name]
        role.feed()  # one that is not there at all is told first, with what makes it
        try:
            repaired.update(follow(name, role.projections(), role.reconcile(), feed, own=own, switch=switch))
        except AnotherFeed as error:
            raise StoreProblem(f"{error}: {HOW_TO_SWITCH}") from None
        except AWAY as error:
            raise StoreProblem(f"The feed of the projector {name} could not be looked at: {error}.") from None
    return len(repaired)
