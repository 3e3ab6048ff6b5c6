"""What may go wrong around the shop under test: processes die, the store is away, a fold has a bug, a mail server says nothing."""

from dataclasses import fields, replace

from core.domain.aggregate import Aggregate
from core.ports.event_store import StoreUnavailable
from core.ports.events import RecordedEvent
from core.ports.mailer import MailerUnavailable, OrderMessage
from core.projections.rows import RowFold
from tests.integration.shop_adapters import CODEC


class Crash(BaseException):
    """A process dies here."""


def crash() -> None:
    """Die, from an armed failpoint."""
    raise Crash


def be_away() -> None:
    """Have the store refuse, from an armed failpoint."""
    raise StoreUnavailable("the table is throttled")


class BrokenFold:
    """The fold of the rows, with a bug for the streams in `broken`, and another for those in `unstorable`."""

    def __init__(self) -> None:
        """Start without a bug."""
        self._fold = RowFold(CODEC)
        self.broken: set[str] = set()
        self.unstorable: set[str] = set()

    def __call__(self, state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
        """Fold, or fail, or give a row that no store holds."""
        if event.stream in self.broken:
            raise ZeroDivisionError("a bug in the fold")
        after = self._fold(state, event)
        if after and event.stream in self.unstorable:
            after = replace(after, **{fields(after)[0].name: "\0"})
        return after

    def mend(self) -> None:
        """Have no bug any more."""
        self.broken.clear()
        self.unstorable.clear()


class MailServer:
    """Keeps what it was sent. While `quiet`, it says that it took nothing; `doubts` counts the mails that a sender may send again."""

    def __init__(self) -> None:
        """Start empty."""
        self.sent: list[OrderMessage] = []
        self.quiet = False
        self.sender_dies = False
        self.doubts = 0

    def close(self) -> None:
        """Nobody is connected."""

    def send(self, message: OrderMessage) -> None:
        """Take one, whatever is said of it; unless its sender dies before."""
        if self.sender_dies:
            raise Crash
        self.sent.append(message)
        if self.quiet:
            self.doubts += 1
            raise MailerUnavailable("the connection was cut before the answer")
