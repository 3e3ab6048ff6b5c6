"""How far a shard is dealt with."""

import pickle
from datetime import UTC, datetime

import pytest

from adapters.kinesis.lease import SHARD_END, TRIM_HORIZON
from adapters.kinesis.progress import Progress, Waiting
from core.ports.event_feed import Unreadable

pytestmark = pytest.mark.memory


def progress_of(*numbers: str, checkpoint: str = TRIM_HORIZON, ignored: tuple[str, ...] = ()) -> Progress:
    """Give a shard of which these records were read."""
    progress = Progress(checkpoint)
    for number in numbers:
        waiting = Waiting(Unreadable(f"at {number}", "no matter"), datetime.now(UTC))
        progress.add(number, None if number in ignored else waiting)
    return progress


def positions(progress: Progress) -> list[str]:
    return [waiting.delivery.position for waiting in progress.waiting]


def after(progress: Progress, *numbers: str, ended: bool = False) -> str:
    return progress.after({f"at {number}" for number in numbers}, ended=ended)


def test_the_checkpoint_stays_where_nothing_is_dealt_with() -> None:
    assert after(progress_of("3", "4")) == TRIM_HORIZON
    assert after(progress_of("3", "4", checkpoint="2")) == "2"


def test_the_checkpoint_is_the_highest_number_below_the_first_that_waits() -> None:
    progress = progress_of("3", "5", "8", "9")

    assert after(progress, "3", "5", "9") == "5"
    assert after(progress, "5", "8", "9") == TRIM_HORIZON
    assert after(progress, "3", "5", "8", "9") == "9"


def test_what_nobody_has_to_deal_with_moves_the_checkpoint_too() -> None:
    assert after(progress_of("3", "4", ignored=("3", "4"))) == "4"
    assert after(progress_of("3", "4", "5", ignored=("4",)), "3") == "4"
    assert after(progress_of("3", "4", "5", ignored=("4",)), "5") == TRIM_HORIZON


def test_the_end_is_the_checkpoint_only_where_nothing_waits() -> None:
    assert after(progress_of("3", "4"), "3", ended=True) == "3"
    assert after(progress_of("3", "4"), "3", "4", ended=True) == SHARD_END
    assert after(progress_of(), ended=True) == SHARD_END


def test_what_is_settled_does_not_wait_any_more() -> None:
    progress = progress_of("3", "4", "5")
    progress.settle(TRIM_HORIZON, {"at 4"})

    assert positions(progress) == ["at 3", "at 5"]
    assert after(progress, "3") == "4"
    progress.settle("4", {"at 3"})
    assert positions(progress) == ["at 5"]
    assert after(progress) == "4"


@pytest.mark.parametrize("ignored", [False, True])
def test_what_is_dealt_with_behind_a_delivery_that_waits_takes_no_room(*, ignored: bool) -> None:
    """The database may be away for days."""
    numbers = [str(number) for number in range(1_000, 3_000)]
    behind = set(numbers) - {"1000", "2000"}

    def left(numbers: list[str]) -> Progress:
        progress = progress_of(*numbers, ignored=tuple(behind) if ignored else ())
        progress.settle(TRIM_HORIZON, {f"at {number}" for number in behind})
        return progress

    progress = left(numbers)

    assert len(pickle.dumps(progress)) == len(pickle.dumps(left(["1000", "1999", "2000", "2999"])))
    assert positions(progress) == ["at 1000", "at 2000"]
    assert after(progress) == TRIM_HORIZON
    assert after(progress, "1000") == "1999"
    assert after(progress, "1000", "2000") == "2999"
    assert not progress.is_new("2999")


def test_records_of_nobody_take_no_room_while_a_delivery_waits() -> None:
    numbers = [str(number) for number in range(1_000, 3_000)]

    progress = progress_of(*numbers, ignored=tuple(numbers[1:]))

    assert len(pickle.dumps(progress)) == len(pickle.dumps(progress_of("1000", "2999", ignored=("2999",))))
    assert after(progress, "1000") == "2999"


def test_numbers_are_compared_as_numbers() -> None:
    progress = progress_of("9", checkpoint="8")

    assert progress.is_new("10")
    assert not progress.is_new("9")
    assert not progress.is_new("08")
    assert not Progress("100").is_new("99")
    assert Progress("99").is_new("100")
    assert Progress(TRIM_HORIZON).is_new("0")
