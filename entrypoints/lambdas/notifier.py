"""The function that mails what customers are to hear of."""

from functools import cache
from typing import Any

from config.lambdas import Projecting, reader
from entrypoints.lambdas.batches import Batches, Context, Event
from entrypoints.lambdas.parts import shop_of_function
from entrypoints.lambdas.sending import send_what_is_due
from entrypoints.lambdas.telling import configure_logs


@cache
def _batches() -> Batches:
    shop = shop_of_function()
    settings = shop.settings()
    configure_logs(settings.log_level)
    read = reader(settings.dynamodb_table_name, shop.codec())
    return Batches(Projecting(shop.notifier.name(), shop.notifier.consumer(), read, shop.environment()))


def handler(event: Event, context: Context) -> dict[str, Any]:
    """Queue the mails that a batch of the stream asks for, then send what is due.

    Raises:
        WrongSetting, StoreProblem: naming a variable of the function.
    """
    answer = _batches().handle(event, context)
    send_what_is_due(shop_of_function(), context)
    return answer
