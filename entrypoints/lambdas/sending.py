"""Sending the mails that are due, as far as an invocation's time goes."""

import logging

from config.shop import Shop
from core.delivery.projector import AWAY
from entrypoints.lambdas.batches import Context
from entrypoints.lambdas.parts import SMTP_TIMEOUT

ANSWERS = 12
"""Of a mail server for one mail, with connecting, TLS, the log-in and parting."""

RESERVE = int(ANSWERS * SMTP_TIMEOUT * 1_000) + 4_000
"""Milliseconds before the end of an invocation from which on no mail is begun: the slowest server that is waited for takes so long."""

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
