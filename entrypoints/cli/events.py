"""`ecshop events`: the history of one aggregate, of a running shop or straight from its store."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Protocol

import click

from config.settings import Settings
from core.application.history import History as StoreHistory
from core.ports.views import EventView, StateView
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stored_history import StoredHistory
from entrypoints.cli.stores import durable_shop


class History(Protocol):
    """Where the history is read; what cannot be told is `Refused`."""

    def events(self, stream: str) -> Iterator[EventView]:
        """Give all events, ascending."""

    def state(self, stream: str, version: int) -> StateView:
        """Give the state after that many events."""


def show_events(settings: Settings, stream: str, *, at_version: int | None, url: str | None, as_json: bool) -> None:
    """Print the events of a stream, or its state.

    Raises:
        Refused: the shop or the store cannot be asked, or has no such stream.
    """
    if not stream or not stream.isprintable():
        raise Refused(f"STREAM must be the id of an aggregate, such as inventory-<product id>, not {stream!r}.")
    with _history(settings, url) as history:
        if at_version is not None:
            _print_state(history.state(stream, at_version), as_json=as_json)
        else:
            _print_events(history.events(stream), as_json=as_json)


@contextmanager
def _history(settings: Settings, url: str | None) -> Iterator[History]:
    if url is not None:
        with extra("cli"):
            from entrypoints.cli.served_history import ServedHistory
        yield ServedHistory(url, settings.admin_token)
    elif settings.store == "postgres":  # events in DynamoDB can be read without the rest of the shop
        with durable_shop(settings) as shop:
            yield StoredHistory(shop.history())
    else:
        yield StoredHistory(_in_dynamodb(settings))


def _in_dynamodb(settings: Settings) -> StoreHistory:
    with extra("dynamodb"):
        from config.dynamodb import StoreProblem, open_history
    try:
        return open_history(settings)
    except StoreProblem as error:
        raise Refused(str(error)) from None


def _print_events(events: Iterable[EventView], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(event) for event in events], ensure_ascii=False, indent=2))
        return
    for event in events:
        data = json.dumps(event.data, ensure_ascii=False)
        click.echo(f"{event.version:>6}  {event.created_at}  {event.event_type:<22} {data}")


def _print_state(state: StateView, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(state), ensure_ascii=False, indent=2))
        return
    click.echo(f"{state.aggregate_type} {state.aggregate_id} after {state.version} events")
    for name, value in state.state.items():
        click.echo(f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
