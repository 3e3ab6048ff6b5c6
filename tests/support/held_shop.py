"""`ecshop serve`, with two changes: orders are held until a file opens the gate, and at the end it tells which orders are stored.

Usage: python -m tests.support.held_shop FOLDER. It writes `arrived` (a byte for each order that is held) and `stored`
(a JSON list of ids) there, and looks for `gate`. An in-memory shop ends with its process, so nobody else could tell what it had stored.
"""

import json
import sys
import time
from pathlib import Path

from dependency_injector import providers

import entrypoints.cli.shop
import entrypoints.cli.stores
from config.settings import Settings, load_settings
from config.shop import Shop
from core.application.commands import Commands
from core.application.executor import Answer, Context
from core.application.orders import PlaceOrder


class HeldOrders:
    """Runs commands; orders wait for the gate first."""

    def __init__(self, commands: Commands, folder: Path) -> None:
        """Stand before these commands."""
        self._commands = commands
        self._folder = folder

    def run(self, command: object, context: Context) -> Answer[object]:
        """Hold it if it is an order, then run it."""
        if isinstance(command, PlaceOrder):
            with (self._folder / "arrived").open("ab", buffering=0) as arrived:
                arrived.write(b".")
            while not (self._folder / "gate").exists():
                time.sleep(0.01)
        return self._commands.run(command, context)


def main(folder: Path) -> None:
    """Serve until told to stop, then tell what is stored."""
    made: list[Shop] = []

    def held(settings: Settings) -> Shop:
        shop = Shop(settings=settings)
        shop.commands.override(providers.Object(HeldOrders(shop.commands(), folder)))
        made.append(shop)
        return shop

    setattr(entrypoints.cli.stores, "Shop", held)  # noqa: B010 - it is called like the class, but is none
    entrypoints.cli.shop.run_shop(load_settings(port=0), demo=False)
    changes = made[0].event_store().changes(0, sys.maxsize)
    (folder / "stored").write_text(json.dumps([event.stream for event in changes if event.type == "OrderPlaced"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
