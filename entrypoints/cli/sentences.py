"""The errors that a user can cause, as one sentence each."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from config.settings import WrongSetting
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
