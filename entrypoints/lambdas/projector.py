"""The function that keeps the rows up with the event table."""

import os
from functools import cache
from typing import Any

from config.lambdas import read_models
from entrypoints.lambdas.batches import Batches, Context, Event
from entrypoints.lambdas.telling import configure_logs


@cache
def _batches() -> Batches:
    """Make the parts once: they and their connections serve every invocation of an instance."""
    configure_logs(os.environ.get("LOG_LEVEL", "info"))
    return Batches(read_models(os.environ))


def handler(event: Event, context: Context) -> dict[str, Any]:
    """Deal with a batch of the stream.

    Raises:
        WrongVariable: a variable of the function is missing or cannot be meant.
    """
    return _batches().handle(event, context)
