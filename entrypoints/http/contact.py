"""Where, and in which language, a guest wants to hear of an order."""

import re

ONE_ADDRESS = re.compile(r"""[^\s@,;:<>()\[\]"\\]+@[^\s@,;:<>()\[\]"\\.]+(?:\.[^\s@,;:<>()\[\]"\\.]+)+""")
"""Loosely: what is refused here could name several recipients, or none; whether anybody reads it, only a mail can tell."""

LONGEST_EMAIL = 254
"""Characters; RFC 5321 has no room for more in a path."""

LOCALES = ("ja", "en")


def one_address(text: str) -> str:
    """Give an e-mail address back.

    Raises:
        ValueError: it is none, several, or too long.
    """
    if len(text) > LONGEST_EMAIL:
        raise ValueError(f"must be at most {LONGEST_EMAIL} characters long")
    if not ONE_ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValueError("must be one e-mail address such as mai@example.com")
    return text


def known_locale(text: str) -> str:
    """Give a language that mails are written in back.

    Raises:
        ValueError: it is another.
    """
    if text not in LOCALES:
        raise ValueError("must be ja or en")
    return text
