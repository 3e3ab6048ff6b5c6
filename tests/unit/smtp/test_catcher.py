"""The catcher's list."""

from dataclasses import replace

from adapters.smtp import CatchingMailer
from tests.contract.mailers import PLACED, SENDER


def test_the_newest_come_first_and_only_so_many_are_kept() -> None:
    catcher = CatchingMailer(SENDER, kept=3)

    for number in range(5):
        catcher.send(replace(PLACED, event_id=str(number)))

    assert [mail.event_id for mail in catcher.caught()] == ["4", "3", "2"]
