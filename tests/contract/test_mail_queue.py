"""What every mail queue owes, as `core.ports.mail_queue` says it."""

import threading
from datetime import timedelta

import pytest

from core.ports.mail_queue import Mail, MailQueue, MailStatus
from tests.contract.mail_queues import LEASE, MailQueueHarness, asked, lease, lease_one, settled
from tests.support.commits import AT

SECOND = timedelta(seconds=1)


@pytest.fixture
def queue(mail_queue: MailQueueHarness) -> MailQueue:
    """Give the queue under test."""
    return mail_queue.queue


def test_a_mail_is_leased_with_all_that_is_known_of_it(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    new = asked(1)
    mail_queue.enqueue(new)

    leased = lease_one(queue)

    assert leased.mail == Mail(*new, status="sending", attempts=1, due_at=AT + LEASE)
    assert not leased.abandoned


def test_an_empty_queue_gives_nothing(queue: MailQueue) -> None:
    assert queue.lease(10, AT, AT + LEASE) == []
    assert queue.mails() == []


def test_an_event_has_one_mail_however_often_it_asks(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    assert queue.settle(settled(lease_one(queue).mail))

    mail_queue.enqueue(asked(1), asked(2))

    assert [mail.event_id for mail in queue.mails()] == ["event-2", "event-1"]
    assert lease(queue, limit=10) == ["event-2"]


def test_a_leased_mail_is_nobody_elses(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1), asked(2), asked(3))

    assert lease(queue, limit=2) == ["event-1", "event-2"]
    assert lease(mail_queue.another(), limit=2) == ["event-3"]
    assert lease(queue, AT + LEASE - SECOND) == []


def test_senders_in_a_race_never_get_the_same_mail(mail_queue: MailQueueHarness) -> None:
    mail_queue.enqueue(*(asked(number) for number in range(60)))
    start, got = threading.Barrier(4), list[str]()

    def take_all() -> None:
        queue = mail_queue.another()
        start.wait(10)
        while taken := lease(queue, limit=2):
            got.extend(taken)

    threads = [threading.Thread(target=take_all, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(got) == sorted(f"event-{number}" for number in range(60))


def test_a_lease_that_ended_comes_again_as_abandoned(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    lease_one(queue)

    again = lease_one(mail_queue.another(), AT + LEASE)

    assert again.abandoned
    assert (again.mail.status, again.mail.attempts) == ("sending", 2)


def test_a_mail_that_was_put_back_was_not_abandoned(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    assert queue.settle(settled(lease_one(queue).mail, status="pending", error="busy", settled_at=None))

    again = lease_one(queue)

    assert not again.abandoned
    assert (again.mail.attempts, again.mail.error) == (2, "busy")


def test_a_mail_that_was_put_back_comes_when_it_is_due(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    due = AT + timedelta(seconds=30)
    assert queue.settle(settled(lease_one(queue).mail, status="pending", due_at=due, settled_at=None))

    assert lease(queue, due - SECOND) == []
    assert lease(queue, due) == ["event-1"]


@pytest.mark.parametrize("status", ["sent", "no_recipient", "expired", "rejected", "skipped"])
def test_a_settled_mail_is_kept_as_it_was_settled_and_never_leased_again(
    mail_queue: MailQueueHarness, queue: MailQueue, status: MailStatus
) -> None:
    mail_queue.enqueue(asked(1))
    mail = settled(lease_one(queue).mail, status=status, recipient="太郎@x.example", error="理由: 'no'")

    assert queue.settle(mail)

    assert mail_queue.another().mails() == [mail]
    assert lease(queue, AT + timedelta(days=400)) == []


def test_a_lease_that_another_has_now_cannot_be_settled(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    lost = lease_one(queue).mail
    mine = lease_one(queue, AT + LEASE).mail

    assert not queue.settle(settled(lost, status="rejected"))
    assert queue.mails() == [mine]
    assert queue.settle(settled(mine))


def test_a_lease_that_ended_is_still_ours_while_nobody_took_it(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    mail = lease_one(queue).mail

    assert queue.settle(settled(mail, settled_at=AT + LEASE + SECOND))


def test_a_mail_is_settled_once(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(1))
    mail = settled(lease_one(queue).mail)
    assert queue.settle(mail)

    assert not queue.settle(mail._replace(status="rejected"))
    assert queue.mails() == [mail]


def test_a_mail_that_is_not_there_cannot_be_settled(queue: MailQueue) -> None:
    assert not queue.settle(Mail(*asked(1), status="sent", attempts=1))
    assert queue.mails() == []


def test_the_oldest_event_comes_first_whatever_was_put_in_first(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(3), asked(1), asked(4, happened_at=asked(2).happened_at), asked(2))

    assert lease(queue, limit=2) == ["event-1", "event-2"]
    assert lease(queue, limit=9) == ["event-4", "event-3"]


def test_a_mail_waits_for_the_earlier_one_of_its_stream(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    """By version: the times of events need not grow within a stream."""
    mail_queue.enqueue(asked(3, "order"), asked(2, "order", version=2), asked(5))

    assert lease(queue, limit=9) == ["event-3", "event-5"]
    assert lease(queue, limit=9) == []


def test_a_mail_waits_for_the_earlier_one_of_its_stream_that_was_put_back(
    mail_queue: MailQueueHarness, queue: MailQueue
) -> None:
    mail_queue.enqueue(asked(1, "order"), asked(2, "order", version=2))
    due = AT + timedelta(seconds=30)
    assert queue.settle(settled(lease_one(queue).mail, status="pending", due_at=due, settled_at=None))

    assert lease(queue, limit=9) == []
    assert lease(queue, due, limit=9) == ["event-1"]


@pytest.mark.parametrize("status", ["sent", "no_recipient", "expired", "rejected", "skipped"])
def test_a_mail_comes_once_the_earlier_one_of_its_stream_is_settled(
    mail_queue: MailQueueHarness, queue: MailQueue, status: MailStatus
) -> None:
    mail_queue.enqueue(asked(1, "order"), asked(2, "order", version=2))
    assert queue.settle(settled(lease_one(queue).mail, status=status))

    assert lease(queue, limit=9) == ["event-2"]


def test_mails_are_listed_newest_first(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(asked(2), asked(1), asked(4, happened_at=asked(3).happened_at), asked(3))

    assert [mail.event_id for mail in queue.mails()] == ["event-4", "event-3", "event-2", "event-1"]
    assert [mail.event_id for mail in queue.mails(limit=3)] == ["event-4", "event-3", "event-2"]
    assert queue.mails(limit=1) == [Mail(*asked(4, happened_at=asked(3).happened_at))]


def test_mails_are_listed_by_status(mail_queue: MailQueueHarness, queue: MailQueue) -> None:
    mail_queue.enqueue(*(asked(number) for number in range(5)))
    for _ in range(2):
        assert queue.settle(settled(lease_one(queue).mail))
    lease_one(queue)

    statuses: tuple[MailStatus, ...] = ("sent", "sending", "pending", "rejected")
    by_status = {status: [mail.event_id for mail in queue.mails(status=status)] for status in statuses}

    assert by_status == {
        "sent": ["event-1", "event-0"],
        "sending": ["event-2"],
        "pending": ["event-4", "event-3"],
        "rejected": [],
    }
    assert [mail.event_id for mail in queue.mails(limit=1, status="pending")] == ["event-4"]


def test_it_is_known_which_events_have_a_mail_whatever_became_of_it(
    mail_queue: MailQueueHarness, queue: MailQueue
) -> None:
    mail_queue.enqueue(asked(1), asked(2))
    assert queue.settle(settled(lease_one(queue).mail))

    assert sorted(queue.queued(["event-2", "event-1", "event-3"])) == ["event-1", "event-2"]
    assert list(queue.queued([])) == []
