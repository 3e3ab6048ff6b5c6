"""How the command says no."""

import click


class Refused(click.ClickException):
    """What was asked cannot be done; one sentence, exit status 2."""

    exit_code = 2

    def __init__(self, sentence: str) -> None:
        """Say it on one line with one full stop, whatever the words that come from elsewhere hold."""
        super().__init__(" ".join(sentence.split()).rstrip(".") + ".")
