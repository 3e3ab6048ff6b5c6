"""Which feed a projector follows: it is put onto another one only after it was reconciled."""

import pytest

from core.delivery.following import AnotherFeed, follow
from core.ports.event_store import StoreUnavailable
from tests.unit.delivery.scene import Scene


def followed(scene: Scene, feed: str, *, switch: bool = False) -> list[str]:
    """Start the scene's projector on a feed, and give what was repaired; the store's own is called `own`."""
    return sorted(follow("read-models", scene.projections, scene.reconcile(), feed, own="own", switch=switch))


def test_a_new_projector_follows_what_it_is_started_on(scene: Scene) -> None:
    scene.fill("s", 1)

    assert followed(scene, "a topic") == []
    assert scene.projections.feed() == "a topic"
    assert followed(scene, "a topic") == []


def test_a_projector_that_follows_another_feed_is_refused_in_a_sentence(scene: Scene) -> None:
    followed(scene, "own")

    with pytest.raises(
        AnotherFeed, match=r"^The projector read-models follows the feed 'own' and would now follow 'a topic'$"
    ):
        followed(scene, "a topic")
    assert scene.projections.feed() == "own"


def test_one_that_kept_no_feed_and_has_passed_events_followed_the_stores_own(scene: Scene) -> None:
    scene.fill("s", 1)
    scene.ring("s", 1)

    with pytest.raises(AnotherFeed, match="follows the feed 'own'"):
        followed(scene, "a topic")
    assert followed(scene, "own") == []


def test_a_switch_repairs_what_the_old_feed_still_had_and_then_keeps_the_new_one(scene: Scene) -> None:
    followed(scene, "own")
    scene.fill("s", 3)
    scene.ring("s", 1)
    scene.fill("t", 2)

    assert followed(scene, "a topic", switch=True) == ["s", "t"]
    assert (scene.version("s"), scene.version("t")) == (3, 2)
    assert scene.projections.feed() == "a topic"


def test_a_switch_that_cannot_reconcile_changes_nothing(scene: Scene) -> None:
    followed(scene, "own")
    scene.fill("s", 3)
    scene.ring("s", 1)
    scene.store.fails_after = 0

    with pytest.raises(StoreUnavailable):
        followed(scene, "a topic", switch=True)
    assert scene.projections.feed() == "own"


def test_a_switch_to_the_feed_that_is_followed_reconciles_nothing(scene: Scene) -> None:
    followed(scene, "own")
    scene.fill("s", 1)

    assert followed(scene, "own", switch=True) == []
    assert scene.version("s") == 0
