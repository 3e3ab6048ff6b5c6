"""A real mail server in a thread of this process, which answers as a test tells it to."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HANG = ""
"""An answer that never comes."""


class Inbox:
    """What a mail server was told. `answers` holds, by command, what it answers instead of its own; None is its own."""

    def __init__(self) -> None:
        """Start empty."""
        self.answers: dict[str, deque[str | None]] = {"MAIL": deque(), "RCPT": deque(), "DATA": deque()}
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.opened: list[SMTP] = []
        self.connections: list[SMTP] = []
        self.log_ins: list[tuple[bytes, bytes]] = []
        self.port = 0
        self.tls: list[bool] = []
        self.seconds = 0.0  # that it takes for a mail, half of them before it is there for good
        self.loop: asyncio.AbstractEventLoop | None = None

    async def _own(self, command: str) -> str | None:
        answer = self.answers[command].popleft() if self.answers[command] else None
        if answer == HANG:
            await asyncio.Event().wait()
        return answer

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        if server not in self.connections:
            self.connections.append(server)
        answer = await self._own("MAIL")
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        answer = await self._own("RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        answer = await self._own("DATA")
        await asyncio.sleep(self.seconds / 2)
        if answer is None:
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=default))
            self.envelopes.append(envelope)
            assert server.transport
            self.tls.append(server.transport.get_extra_info("sslcontext") is not None)
        await asyncio.sleep(self.seconds / 2)
        return answer or "250 OK"

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
        """Know one user."""
        self.log_ins.append((data.login, data.password))
        return AuthResult(success=data.password == b"hunter2", handled=False)

    def drop_connections(self) -> None:
        """Close what is open, as a server does with clients that say nothing for a while."""
        assert self.loop
        asyncio.run_coroutine_threadsafe(self._drop(), self.loop).result(10)

    async def _drop(self) -> None:
        for connection in self.opened:
            while connection.transport:
                assert isinstance(connection.transport, asyncio.WriteTransport)
                connection.transport.abort()
                await asyncio.sleep(0)


class _AnyPort(Controller):
    """Listens where there is room, and remembers its connections: aiosmtpd leaves them open when it stops."""

    def factory(self) -> SMTP:
        connection = SMTP(self.handler, **self.SMTP_kwargs)
        self.handler.opened.append(connection)
        return connection

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(**options: Any) -> Iterator[Inbox]:  # noqa: ANN401 - those of aiosmtpd
    """Run a mail server on a free port."""
    inbox = Inbox()
    if options.pop("knows_users", False):
        options["authenticator"] = inbox.log_in
    controller = _AnyPort(inbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    inbox.port, inbox.loop = controller.port, controller.loop
    try:
        yield inbox
    finally:
        inbox.drop_connections()
        controller.stop()
