"""A projector by its name, for commands on its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.settings import Settings
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS
from entrypoints.cli.stores import durable_shop

PROJECTORS = (READ_MODELS, NOTIFIER)


@contextmanager
def role_of(settings: Settings, projector: str) -> Iterator[Any]:
    """Give the container of a projector's parts, with the shop's `history` beside it.

    Raises:
        Refused: the shop is in memory, or its stores cannot be opened.
    """
    with durable_shop(settings) as shop:
        yield {READ_MODELS: shop.read_models, NOTIFIER: shop.notifier}[projector]
