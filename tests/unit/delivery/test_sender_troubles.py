"""A sender whose store or queue is away, or whose orders cannot be read: it waits, and nothing is lost."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.delivery.notify import IDLE
from core.delivery.projector import LONGEST_PAUSE, SHORTEST_PAUSE
from core.ports.event_store import StoreUnavailable
from core.ports.mail_queue import Mail
from core.ports.projection_store import ProjectionUnavailable
from tests.unit.delivery.mail_scene import MailScene
from tests.unit.delivery.scene import Crash, crash


@pytest.fixture
def mails() -> MailScene:
    """Give an empty scene."""
    return MailScene()


class Loop:
    """Runs a sender; each of its pauses is noted, and does the next thing of the script instead. The end of it is the end."""

    def __init__(self, mails: MailScene, *script: Callable[[], object]) -> None:
        """Prepare it."""
        self._script = deque(script)
        self.pauses: list[float] = []
        self.troubles: list[str] = []
        mails.environment = replace(mails.environment, wait=self._wait)
        self.sender = mails.new_sender()

    def _wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        self.pauses.append(seconds)
        self.troubles.append(self.sender.trouble)
        if self._script:
            self._script.popleft()()
        else:
            self._over = True
        return ready()

    _over = False

    def run(self) -> None:
        """Run to the end of the script."""
        self.sender.run(lambda: self._over)


def nothing() -> None:
    """Go on."""


def test_it_sends_what_comes_and_looks_again_while_nothing_does(mails: MailScene) -> None:
    mails.place("order-1")
    mails.place("order-2")
    before_the_pause: list[int] = []
    loop = Loop(mails, lambda: before_the_pause.append(len(mails.sent())), lambda: mails.place("order-3"))

    loop.run()

    assert before_the_pause == [2]  # it rests only when there is nothing to do
    assert [order for _, order in mails.sent()] == ["order-1", "order-2", "order-3"]
    assert loop.pauses == [IDLE] * 3
    assert loop.troubles == [""] * 3


def test_a_queue_that_is_away_is_waited_for_without_limit(mails: MailScene) -> None:
    mails.place()
    mails.queue.away = True
    loop = Loop(mails, *[nothing] * 8, lambda: setattr(mails.queue, "away", False))

    loop.run()

    growing = [min(SHORTEST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(9)]
    assert loop.pauses == [*growing, IDLE]
    assert loop.troubles == ["ProjectionUnavailable: the database is down"] * 9 + [""]
    assert mails.sent() == [("OrderPlaced", "order-1")]


def test_a_store_that_is_away_is_waited_for_and_the_mail_is_put_back(mails: MailScene) -> None:
    placed = mails.place()
    mails.store.fails_after = 0
    seen: list[Mail] = []

    def comes_back() -> None:
        seen.append(mails.mail(placed))
        mails.store.fails_after = None
        mails.later(seconds=5)

    loop = Loop(mails, comes_back)

    loop.run()

    assert loop.troubles == ["StoreUnavailable: the connection was lost", ""]
    assert (seen[0].status, seen[0].error) == ("pending", "StoreUnavailable: the connection was lost")
    assert mails.sent() == [("OrderPlaced", "order-1")]


def test_a_mail_that_met_a_store_away_is_not_in_doubt(mails: MailScene) -> None:
    """It was not sent, so it is sent later even where what is in doubt is skipped."""
    placed = mails.place()
    mails.sender = mails.new_sender(after_crash="skip")
    mails.store.fails_after = 0
    with pytest.raises(StoreUnavailable):
        mails.sender.step()

    mails.store.fails_after = None
    mails.later(minutes=10)
    mails.step()

    assert mails.status(placed) == "sent"


def test_a_mail_that_was_sent_while_the_queue_went_away_comes_again(mails: MailScene) -> None:
    placed = mails.place()
    mails.failpoints.armed["mail.before_mark"] = [lambda: setattr(mails.queue, "away", True)]
    with pytest.raises(ProjectionUnavailable):
        mails.sender.step()
    mails.queue.away = False
    mails.later(minutes=10)

    mails.step()

    assert mails.status(placed) == "sent"
    assert mails.sent() == [("OrderPlaced", "order-1")] * 2


def undecodable(mails: MailScene) -> Callable[[], object]:
    """Damage the data of the order's first event; give what mends it."""
    before = mails.damage("order-1", 1, data=b"{")
    return lambda: mails.damage("order-1", 1, data=before.data)


def another_in_its_place(mails: MailScene) -> Callable[[], object]:
    """Put another event where the mail's was."""
    before = mails.damage("order-1", 2, id="another")
    return lambda: mails.damage("order-1", 2, id=before.id)


def vanished(mails: MailScene) -> Callable[[], object]:
    """Lose the order."""
    events = mails.memory._streams.pop("order-1")
    return lambda: mails.memory._streams.update({"order-1": events})


def cut_short(mails: MailScene) -> Callable[[], object]:
    """Lose the order's newest event."""
    event = mails.memory._streams["order-1"].pop()
    return lambda: mails.memory._streams["order-1"].append(event)


def with_a_hole(mails: MailScene) -> Callable[[], object]:
    """Lose the order's first event."""
    event = mails.memory._streams["order-1"].pop(0)
    return lambda: mails.memory._streams["order-1"].insert(0, event)


def of_a_template_that_is_not_known(mails: MailScene) -> Callable[[], object]:
    """Break the renderer."""
    mails.mailer.troubles.extend([KeyError("OrderPaid")])
    return nothing


@pytest.mark.parametrize(
    ("hurt", "error"),
    [
        (undecodable, "Undecodable: "),
        (another_in_its_place, "OrderVanished: order-1 does not have the event "),
        (vanished, "OrderVanished: order-1 does not have the event "),
        (cut_short, "OrderVanished: order-1 does not have the event "),
        (with_a_hole, "StreamDamaged: "),
        (of_a_template_that_is_not_known, "KeyError: "),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_mail_whose_order_cannot_be_told_waits_with_its_reason_while_others_go_on(
    mails: MailScene, hurt: Callable[[MailScene], Callable[[], object]], error: str
) -> None:
    mails.place("order-1")
    mails.send_all()
    paid = mails.pay("order-1")
    mend = hurt(mails)
    mails.later(seconds=1)
    mails.place("order-2")

    mails.send_all()

    assert mails.status(paid) == "pending"
    assert mails.mail(paid).error.startswith(error)
    assert mails.sent()[1:] == [("OrderPlaced", "order-2")]

    mend()
    mails.later(seconds=5)
    mails.send_all()

    assert mails.status(paid) == "sent"


def test_a_crash_is_not_waited_for(mails: MailScene) -> None:
    mails.place()
    mails.failpoints.armed["mail.before_mark"] = [crash]
    loop = Loop(mails)

    with pytest.raises(Crash):
        loop.run()

    assert loop.pauses == []
