"""From a message to what people read: subject, text and HTML, by Jinja2."""

import re
from datetime import datetime
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from adapters.smtp.words import WORDS
from core.ports.mailer import OrderMessage

CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")

NUMBER_LENGTH = 8
"""Characters of an order's id that people are shown as its number in a subject."""


class Rendering(NamedTuple):
    """The readable parts of a mail."""

    subject: str
    text: str
    html: str


def one_line(value: object) -> object:
    """Let no text that is filled in end a line: a product's name must not be able to add lines to a bill."""
    return CONTROLS.sub(" ", value) if isinstance(value, str) else value


@cache
def _templates() -> tuple[Template, Template]:
    """Compile the templates, text and HTML, once a process."""
    jinja = Environment(
        loader=PackageLoader("adapters.smtp"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        finalize=one_line,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return jinja.get_template("order.txt"), jinja.get_template("order.html")


class Renderer:
    """Fills `templates/order.txt` and `templates/order.html`; the HTML is escaped, and a name that a template lacks is an error."""

    def __init__(self, shop: str) -> None:
        """Sign with the shop's name."""
        self._shop = shop
        self._text, self._html = _templates()

    def render(self, message: OrderMessage) -> Rendering:
        """Write the mail in its language; a template that is not known is a `KeyError`."""
        words = WORDS[message.locale]
        step = words.steps[message.template]
        filled = {
            "shop": self._shop,
            "locale": message.locale,
            "words": words,
            "step": step,
            "order": message.order,
            "reason": message.reason,
            "placed_at": words.time(datetime.fromisoformat(message.order.created_at)),
            "happened_at": words.time(datetime.fromisoformat(message.order.updated_at)),
        }
        subject = step.subject.format(number=message.order.id[:NUMBER_LENGTH])
        return Rendering(subject, self._text.render(filled), self._html.render(filled))
