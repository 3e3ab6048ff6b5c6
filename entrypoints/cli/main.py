"""`ecshop`: start a shop, look at its events, make its tables."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from config.settings import WrongSetting, load_settings
from entrypoints.cli.refusal import Refused

P = ParamSpec("P")
R = TypeVar("R")


def sentences(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors that a user can cause into one sentence each."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WrongSetting as error:
            raise Refused(str(error)) from None

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ecshop")
def main() -> None:
    """A shop whose writes are events. Settings are environment variables; see docs/architecture.md."""


PORT = click.option(
    "--port", type=click.IntRange(0, 65535), help="Listen here instead of on PORT (8080); 0 takes a free one."
)
HOST = click.option("--host", help="Listen on this address instead of on HOST (127.0.0.1).")


@main.command()
@PORT
@HOST
@sentences
def serve(port: int | None, host: str | None) -> None:
    """Serve an empty shop, in memory, until Ctrl-C or SIGTERM."""
    from entrypoints.cli.shop import run_shop

    run_shop(load_settings(port=port, host=host), demo=False)


@main.command()
@PORT
@HOST
@sentences
def demo(port: int | None, host: str | None) -> None:
    """Serve a shop with demo data: products, carts, and orders in each state. The same ids each start."""
    from entrypoints.cli.shop import run_shop

    run_shop(load_settings(port=port, host=host), demo=True)


@main.command()
@click.argument("stream")
@click.option(
    "--at-version", type=click.IntRange(min=1), help="Show the state after this many events instead of the events."
)
@click.option("--url", help="Ask the shop that runs here, with ADMIN_TOKEN, instead of the DynamoDB of the settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def events(stream: str, at_version: int | None, url: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show what happened to one aggregate: STREAM is a product or order id, cart-<user id>, or inventory-<product id>."""
    from entrypoints.cli.events import show_events

    show_events(load_settings(), stream, at_version=at_version, url=url, as_json=as_json)


@main.group()
def tables() -> None:
    """The DynamoDB tables that the settings name."""


@tables.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def create(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Make the events, snapshots and claims tables; those that are there are left as they are."""
    from entrypoints.cli.tables import create_tables

    create_tables(load_settings(), as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
