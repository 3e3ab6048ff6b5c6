"""The events of one aggregate, asked of a running shop."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urljoin

import httpx
import msgspec
from pydantic import SecretStr

from core.ports.views import EventView, StateView
from entrypoints.cli.refusal import Refused

PAGE = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Problem:
    """How a shop refuses: `code` is for programs, and tells it from anything else that answers."""

    error: str
    code: str


class ServedHistory:
    """Asks the admin rows of the shop at `url`."""

    def __init__(self, url: str, admin_token: SecretStr | None) -> None:
        """Ask with this token.

        Raises:
            Refused: there is none.
        """
        if admin_token is None:
            raise Refused("Set ADMIN_TOKEN to the token that the shop printed when it started.")
        self._url = url
        self._headers = {"Authorization": f"Bearer {admin_token.get_secret_value()}"}

    def events(self, stream: str) -> Iterator[EventView]:
        """Give all events, ascending.

        Raises:
            Refused: no shop answers there, or it refuses.
        """
        path: str | None = f"{_row(stream)}?limit={PAGE}"
        while path:
            answer = self._ask(path)
            yield from self._read(answer, list[EventView])
            path = answer.links.get("next", {}).get("url")

    def state(self, stream: str, version: int) -> StateView:
        """Give the state after that many events.

        Raises:
            Refused: as `events`.
        """
        return self._read(self._ask(f"{_row(stream)}?at_version={version}"), StateView)

    def _ask(self, path: str) -> httpx.Response:
        try:
            answer = httpx.get(urljoin(self._url, path), headers=self._headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Refused(f"No shop answers at {self._url} (--url): {error}.") from None
        if not answer.is_success:
            raise Refused(self._read(answer, _Problem).error)
        return answer

    def _read(self, answer: httpx.Response, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refused(
                f"What answers at {self._url} (--url) is no EC Shop: status {answer.status_code}, and not the JSON of one."
            ) from None


def _row(stream: str) -> str:
    return f"/api/admin/events/{quote(stream, safe='')}"
