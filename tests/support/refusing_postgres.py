"""A server that speaks PostgreSQL's protocol just far enough to say no to a password."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ASKS_FOR_A_PASSWORD = b"R" + struct.pack("!II", 8, 3)
FIELDS = (b"SFATAL", b"VFATAL", b"C28P01", b'Mpassword authentication failed for user "shop"', b"")
"""Of an ErrorResponse (https://www.postgresql.org/docs/current/protocol-error-fields.html)."""


@contextmanager
def refusing_postgres() -> Iterator[int]:
    """Refuse every password while inside; give the port."""
    refusal = b"\0".join(FIELDS) + b"\0"

    def refuse() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.recv(4096)
                    client.sendall(ASKS_FOR_A_PASSWORD)
                    client.recv(4096)
                    client.sendall(b"E" + struct.pack("!I", 4 + len(refusal)) + refusal)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse, name="refusing postgres", daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
