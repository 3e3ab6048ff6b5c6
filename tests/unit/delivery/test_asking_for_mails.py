"""A projector that asks for mails queues each with the cursor's move, once for its event, whatever the feed repeats."""

from collections.abc import Iterable

from core.delivery.consumer import Consumer
from core.ports.events import RecordedEvent
from core.ports.mail_queue import NewMail
from core.projections.rows import FOLDS
from tests.support.commits import AT
from tests.unit.delivery.scene import Crash, FailingProjections, Scene, crash


class Post:
    """Takes mails in, as a queue of the projection store's own does."""

    def __init__(self, scene: Scene) -> None:
        """Ask for one mail an event, but for its first."""
        self.queued: list[tuple[str, int]] = []
        scene.projections = FailingProjections(scene.environment, "notifier", enqueue=self._take)
        scene.consumer = Consumer(
            scene.store, scene.projections, {FOLDS: lambda *_: None}, scene.environment, self._asked_for
        )

    def _take(self, mails: Iterable[NewMail]) -> None:
        self.queued += [(mail.stream, mail.version) for mail in mails]

    @staticmethod
    def _asked_for(event: RecordedEvent) -> tuple[NewMail, ...]:
        mail = NewMail(event.id, event.type, event.stream, event.version, AT)
        return (mail,) if event.version > 1 else ()


def test_each_event_that_asks_for_a_mail_has_it_queued_with_the_cursors_move(scene: Scene) -> None:
    post = Post(scene)
    scene.fill("s", 3)

    scene.ring("s", 1, 2, 3)

    assert post.queued == [("s", 2), ("s", 3)]
    assert scene.version("s") == 3
    assert scene.projections.row("s") is None


def test_a_repeated_doorbell_asks_for_nothing_again(scene: Scene) -> None:
    post = Post(scene)
    scene.fill("s", 2)

    scene.ring("s", 1, 2)
    scene.ring("s", 2, 1, 2)

    assert post.queued == [("s", 2)]


def test_a_batch_that_fails_asks_for_nothing(scene: Scene) -> None:
    post = Post(scene)
    scene.fill("s", 2)
    scene.failpoints.armed["consumer.before_effect"] = [crash]

    try:
        scene.ring("s", 1, 2)
    except Crash:
        assert post.queued == []
    scene.ring("s", 1, 2)

    assert post.queued == [("s", 2)]
    assert scene.failpoints.passed.count("consumer.before_effect") == 2


def test_what_is_read_to_heal_a_gap_asks_as_well(scene: Scene) -> None:
    post = Post(scene)
    scene.fill("s", 4)

    scene.ring("s", 4)

    assert post.queued == [("s", 2), ("s", 3), ("s", 4)]
