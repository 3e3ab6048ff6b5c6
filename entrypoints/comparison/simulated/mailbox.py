"""Where simulated mails go."""

from core.ports.mailer import OrderMessage


class Mailbox:
    """A mail server that takes everything; `sent` are the ids of the events that mails were about."""

    def __init__(self) -> None:
        """Start empty."""
        self.sent: list[str] = []

    def send(self, message: OrderMessage) -> None:
        """Take one."""
        self.sent.append(message.event_id)

    def close(self) -> None:
        """Do nothing: there is no connection."""
