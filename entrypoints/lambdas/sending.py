"""Sending the mails that are due, as far as an invocation's time goes."""

import logging

from config.shop import Shop
from core.delivery.projector import AWAY
from entrypoints.lambdas.batches import Context

RESERVE = 15_000
"""Milliseconds before the end of an invocation from which on no mail is begun: a slow mail server takes that long."""

_log = logging.getLogger("ecshop.lambda")


def send_what_is_due(shop: Shop, context: Context) -> None:
    """Send until nothing is due or time is short. What is left is tried again by a later call: nothing here fails an invocation."""
    sender = shop.sender()
    try:
        while context.get_remaining_time_in_millis() > RESERVE and sender.step():
            pass
    except AWAY as error:
        _log.warning("mails wait: %s: %s", type(error).__name__, error)
    finally:
        shop.mailer().close()  # the server ends a connection that is frozen with the instance
