"""`ecshop events`: the history of one aggregate, of a running shop or straight from DynamoDB."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urljoin

import click
import httpx

from config.dynamodb import StoreProblem, open_history
from config.settings import Settings
from core.application.history import StreamNotFound
from core.ports.event_store import StoreError
from entrypoints.cli.refusal import Refused

PAGE = 1000


def show_events(settings: Settings, stream: str, *, at_version: int | None, url: str | None, as_json: bool) -> None:
    """Print the events of a stream, or its state.

    Raises:
        Refused: the shop or the store cannot be asked, or has no such stream.
    """
    try:
        if at_version is not None:
            _print_state(_state(settings, stream, at_version, url), as_json=as_json)
        else:
            _print_events(_events(settings, stream, url), as_json=as_json)
    except (StoreProblem, StreamNotFound, StoreError) as error:
        raise Refused(str(error)) from None


def _events(settings: Settings, stream: str, url: str | None) -> Iterator[dict[str, Any]]:
    if url:
        path: str | None = f"/api/admin/events/{quote(stream, safe='')}?limit={PAGE}"
        while path:
            answer = _ask(settings, url, path)
            yield from answer.json()
            path = answer.links.get("next", {}).get("url")
        return
    history, behind = open_history(settings), 0
    while page := history.events(stream, behind, PAGE):
        yield from (asdict(event) for event in page)
        behind = page[-1].version


def _state(settings: Settings, stream: str, at_version: int, url: str | None) -> dict[str, Any]:
    if url:
        state: dict[str, Any] = _ask(
            settings, url, f"/api/admin/events/{quote(stream, safe='')}?at_version={at_version}"
        ).json()
        return state
    return asdict(open_history(settings).state(stream, version=at_version))


def _ask(settings: Settings, url: str, path: str) -> httpx.Response:
    if settings.admin_token is None:
        raise Refused("Set ADMIN_TOKEN to the token that the shop printed when it started.")
    try:
        answer = httpx.get(
            urljoin(url, path), headers={"Authorization": f"Bearer {settings.admin_token.get_secret_value()}"}
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(f"No shop answers at {url} (--url): {error}.") from None
    if answer.is_success:
        return answer
    try:
        sentence = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        sentence = f"What answers at {url} (--url) is no EC Shop: status {answer.status_code}."
    raise Refused(sentence)


def _print_events(events: Iterator[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(list(events), ensure_ascii=False, indent=2))
        return
    for event in events:
        data = json.dumps(event["data"], ensure_ascii=False)
        click.echo(f"{event['version']:>6}  {event['created_at']}  {event['event_type']:<22} {data}")


def _print_state(state: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, indent=2))
        return
    click.echo(f"{state['aggregate_type']} {state['aggregate_id']} after {state['version']} events")
    for name, value in state["state"].items():
        click.echo(f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
