"""Signed texts that clients carry and cannot make: consistency tokens and `after` cursors."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

import msgspec

from core.ports.commit import Position

LONGEST = 4096
"""Characters of a token."""


class BadToken(Exception):
    """The text was not signed here, or for another purpose."""


class Signer:
    """HMAC-SHA256 with the shop's secret key; a token made for one purpose, such as one list, is refused for another."""

    def __init__(self, key: bytes) -> None:
        """Sign with this key."""
        self._key = key

    def sign(self, purpose: str, value: object) -> str:
        """Pack a value as base64url text."""
        packed = msgspec.msgpack.encode(value)
        return base64.urlsafe_b64encode(self._mac(purpose, packed) + packed).rstrip(b"=").decode()

    def open(self, purpose: str, text: str, kind: Any) -> Any:  # noqa: ANN401 - gives a value of `kind`
        """Unpack it again.

        Raises:
            BadToken: it is too long, was changed, or was signed with another key or for another purpose.
        """
        if len(text) > LONGEST:
            raise BadToken(f"a token has at most {LONGEST} characters")
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadToken("it is not base64url") from error
        mac, packed = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, self._mac(purpose, packed)):
            raise BadToken("its signature is wrong")
        try:
            return msgspec.msgpack.decode(packed, type=kind)
        except msgspec.DecodeError as error:
            raise BadToken("it was signed for something else") from error

    def _mac(self, purpose: str, packed: bytes) -> bytes:
        # Packed together, so that where one ends and the other begins is signed as well.
        return hmac.new(self._key, msgspec.msgpack.encode((purpose, packed)), hashlib.sha256).digest()


def consistency_token(signer: Signer, positions: Iterable[Position]) -> str:
    """Pack the positions that a write made."""
    return signer.sign("positions", [tuple(position) for position in positions])


def positions_of(signer: Signer, header: str) -> list[Position]:
    """Unpack the comma-separated tokens of a header.

    Raises:
        BadToken: one of them is none of ours.
    """
    positions: dict[str, int] = {}
    for text in header.split(","):
        for stream, version in signer.open("positions", text.strip(), list[tuple[str, int]]):
            positions[stream] = max(version, positions.get(stream, 0))
    return [Position(stream, version) for stream, version in positions.items()]
