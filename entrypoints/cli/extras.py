"""A command loads what it runs when it runs, and says which extra of ours brings what is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from entrypoints.cli.refusal import Refused


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import inside what the extra `name` of pyproject.toml installs.

    Raises:
        Refused: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise Refused(
            f"{error.name} is not installed here: in the project's folder, run pip install '.[{name}]'."
        ) from None
