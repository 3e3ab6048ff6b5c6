"""The shop of a function: made once, it serves every invocation of an instance."""

from collections.abc import Callable
from functools import cache

from dependency_injector import providers

from config.settings import load_settings
from config.shop import Shop

SMTP_TIMEOUT = 3.0
"""Seconds at most for each answer of a mail server: whatever it does, a mail then fits into what is left of an invocation."""


@cache
def shop_of_function() -> Shop:
    """Give the shop that the variables of the function name, with its stores open. Nothing of it runs behind the answers.

    Raises:
        WrongSetting, StoreProblem: naming the variable.
    """
    settings = load_settings(workers="lambda")
    bounded = min(settings.smtp_timeout, SMTP_TIMEOUT)
    shop = Shop(settings=settings.model_copy(update={"smtp_timeout": bounded}))
    # An instance is frozen as soon as it has answered: what is left for later might wait for hours, or for ever.
    shop.later.override(providers.Object(_at_once))
    shop.backends()
    return shop


def _at_once(task: Callable[[], None]) -> None:
    task()
