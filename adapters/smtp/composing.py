"""From a message to the MIME that travels. No header holds what could end it, and no recipient is more than one address."""

import re
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from typing import NamedTuple

from adapters.smtp.rendering import Renderer, Rendering, one_line
from core.ports.mailer import OrderMessage, RecipientRejected


class _Headers(HeaderRegistry):
    """The kinds of headers, each made once: the library makes a class for every header of every mail."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


# Plain ASCII on the way: not every server says 8BITMIME.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_Headers())

# One address and nothing beside it: no display name, comment, list or quoting (RFC 5321, 4.1.2, without quoted local parts).
ADDRESS = re.compile(r'([^\s\x00-\x1f\x7f-\x9f()<>\[\]@,;:\\"]{1,64})@([^\s\x00-\x1f\x7f-\x9f()<>\[\]@,;:\\"/]{1,253})')


class Composer:
    """Composes mails from one sender, `name <address>`; the name signs them, and the address's domain ends their Message-IDs."""

    def __init__(self, sender: str) -> None:
        """Take the sender apart."""
        name, address = parseaddr(sender)
        self.address = address
        self._from = Address(name, addr_spec=address)
        self._renderer = Renderer(name or address)

    def prepare(self, message: OrderMessage) -> "Prepared":
        """Give what makes the mail; nothing that could be wrong with a message is left for `compose`.

        Raises:
            RecipientRejected: the recipient is not one address.
        """
        return Prepared(message, recipient_of(message.recipient), self._renderer.render(message))

    def compose(self, prepared: "Prepared") -> EmailMessage:
        """Give the mail with its headers, as text and HTML."""
        message, recipient, rendering = prepared
        mail = EmailMessage(POLICY)
        mail["From"] = self._from
        mail["To"] = recipient
        mail["Subject"] = one_line(rendering.subject)
        mail["Date"] = message.happened_at
        mail["Message-ID"] = f"<{message.event_id}@{self._from.domain}>"
        mail["X-Correlation-ID"] = one_line(message.correlation_id)
        # So that no holiday notice answers it (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(rendering.text)
        mail.add_alternative(rendering.html, subtype="html")
        mail.set_boundary(message.event_id)  # a random one would make two mails of a repeat
        mail["Content-Language"] = message.locale  # last: what begins with Content- is moved into the parts
        return mail


class Prepared(NamedTuple):
    """A message with its recipient read and its text written."""

    message: OrderMessage
    recipient: Address
    rendering: Rendering


def recipient_of(text: str) -> Address:
    """Read one address. A domain in other letters is written as the DNS has it; such a part before the @ is left to the server.

    Raises:
        RecipientRejected: it is not one address.
    """
    found = ADDRESS.fullmatch(text)
    if not found:
        raise RecipientRejected("the recipient is not one e-mail address")
    try:
        found[1].encode()
        domain = found[2].encode("idna").decode()
    except UnicodeError:
        raise RecipientRejected("the recipient's address cannot be written for a mail server") from None
    return Address(username=found[1], domain=domain)
