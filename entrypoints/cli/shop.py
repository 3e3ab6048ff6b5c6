"""Start the shop and say where it is."""

import secrets

import click
from pydantic import SecretStr

from config.following import PROJECTORS
from config.settings import Settings
from entrypoints.cli.demo_data import fill
from entrypoints.cli.following import follow
from entrypoints.cli.refusal import Refused
from entrypoints.cli.stores import shop_of
from entrypoints.http.app import create_app
from entrypoints.http.logs import configure_logs
from entrypoints.http.server import PortTaken, listen, serve


def run_shop(settings: Settings, *, demo: bool, switch_feed: bool = False) -> None:
    """Serve until told to stop; `switch_feed` lets its projectors go on with another feed than they followed, reconciled.

    Raises:
        Refused: the port cannot be listened on, the stores cannot be opened; a demo in production has no token of its own; its projectors
            follow another feed.
    """
    if switch_feed and settings.workers != "inline":
        raise Refused(
            f"With WORKERS={settings.workers} this shop projects nothing: give --switch-feed to `ecshop worker project` and `notify`"
        )
    if settings.admin_token is None and demo:
        if settings.environment == "production":
            raise Refused("In production no admin token is made up: set ADMIN_TOKEN, or ENVIRONMENT=development.")
        settings = settings.model_copy(update={"admin_token": SecretStr(secrets.token_urlsafe(24))})
    configure_logs(settings.log_level)
    try:
        listening = listen(settings.host, settings.port)
    except PortTaken as error:
        raise Refused(str(error)) from None
    with listening, shop_of(settings) as shop:
        if settings.workers == "inline":
            follow(shop, PROJECTORS, switch=switch_feed)
        products = fill(shop) if demo else []
        app = create_app(shop)
        serve(
            app,
            listening,
            lambda address: _tell(settings, address, products),
            stopping=app.state.desk.catch_up.stop,
        )
    click.echo("Stopped; everything that was asked is answered.")


def _tell(settings: Settings, address: str, products: list[str]) -> None:
    token = settings.admin_token.get_secret_value() if settings.admin_token else ""
    click.echo(f"EC Shop is at {address} (its API is described at {address}/schema)")
    click.echo(f"Admin token: {token}" if token else "The admin rows are closed: ADMIN_TOKEN is not set.")
    if products and not settings.smtp_host:
        click.echo(f"Mails are kept instead of sent, and listed at {address}/api/admin/mails for who has the token.")
    if products:
        click.echo(f"Try: curl {address}/products/{products[0]}")
    elif token:
        click.echo(f"Try: curl -H 'Authorization: Bearer {token}' {address}/api/admin/orders")
    else:
        click.echo(f"Try: curl {address}/products")
