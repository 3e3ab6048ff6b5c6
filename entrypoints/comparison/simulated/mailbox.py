"""Where simulated mails go."""

from core.ports.mailer import OrderMessage


class Mailbox:
    """A mail server that takes everything; `sent` are the ids of the events that mails to `owner` were about."""

    def __init__(self, owner: str) -> None:
        """Start empty."""
        self.sent: list[str] = []
        self._owner = owner

    def send(self, message: OrderMessage) -> None:
        """Take one; what goes to somebody else reaches nobody who waits for it."""
        if message.recipient == self._owner:
            self.sent.append(message.event_id)

    def close(self) -> None:
        """Do nothing: there is no connection."""
