"""What differs is looked at again when the lag window is over, and what was parked meanwhile is left to redrive."""

from dataclasses import replace

from core.delivery.deep_look import DeepLook
from core.delivery.reconcile import Reconcile
from core.ports.event_feed import Doorbell
from core.ports.mail_queue import NewMail
from core.projections.mails import mails_of
from core.projections.rows import FOLDS
from tests.unit.delivery.mail_scene import MailScene
from tests.unit.delivery.poisons import parked_at
from tests.unit.delivery.scene import Scene


def test_the_second_look_comes_after_the_lag_window_and_only_where_something_differs(scene: Scene) -> None:
    waited = list[float]()
    environment = replace(scene.environment, sleep=waited.append)
    scene.fill("s", 1)
    reconcile = Reconcile(
        scene.store, scene.projections, scene.consumer, scene.deep_look(), environment, lag_window=3.5
    )

    assert [each.stream for each in reconcile.look().differences] == ["s"]
    assert waited == [3.5]
    scene.ring("s", 1)
    scene.fill("parked", 2)
    scene.fold.bugs.add(("parked", 1))
    scene.ring("parked", 1)
    assert reconcile.look().differences == ()
    assert waited == [3.5]


def test_what_is_parked_between_the_looks_is_listed_and_no_difference(scene: Scene) -> None:
    for stream in ("d", "b", "c", "a"):
        scene.fill(stream, 2)
        scene.fold.bugs.add((stream, 2))
    scene.ring("b", 1, 2)

    def park() -> None:
        for stream in ("d", "c", "a"):
            scene.ring(stream, 1, 2)

    report = scene.reconcile(lag=park).look()

    assert (report.differences, report.parked) == ((), ("a", "b", "c", "d"))


def test_a_deep_look_at_recent_streams_sees_their_rows(scene: Scene) -> None:
    scene.fill("s", 2)
    scene.ring("s", 1, 2)
    scene.replace("s", 1, data=scene.event("s", 2).data)
    ages = scene.environment.now() - scene.event("s", 1).created_at

    assert [each.kind for each in scene.reconcile().look(recent=ages * 2, deep=True).differences] == ["another row"]
    assert scene.reconcile().look(recent=ages * 2).differences == ()


def test_a_fold_that_fails_by_now_ends_no_look_and_its_stream_is_parked_by_the_repair(scene: Scene) -> None:
    scene.fill("s", 3)
    scene.ring("s", 1, 2, 3)
    scene.fold.bugs.add(("s", 2))
    reconcile = scene.reconcile()

    report = reconcile.look(deep=True)

    assert [(each.stream, each.kind) for each in report.differences] == [("s", "another row")]
    reconcile.repair(report, deep=True)
    assert parked_at(scene, "s", version=2, attempts=1, newest=3)


def test_one_mail_that_was_never_queued_is_missing_though_others_of_the_stream_were(scene: Scene) -> None:
    mails = MailScene()
    placed, paid = mails.place(), mails.pay()
    for event in (placed, paid):
        scene.consumer.handle([Doorbell(event.stream, event.version, event, "1")])
    standing = scene.projections.standings([placed.stream])[placed.stream]

    def asked(*queued: NewMail) -> str | None:
        queue = type(mails.queue)()
        queue.enqueue(queued)
        look = DeepLook(mails.store, scene.projections, {FOLDS: scene.fold}, queue, mails_of)
        return look.difference(placed.stream, standing, scene.fold)

    assert asked(*mails_of(placed), *mails_of(paid)) is None
    assert asked(*mails_of(placed)) == asked() == "mails missing"
