"""How the command says no."""

import click


class Refused(click.ClickException):
    """What was asked cannot be done; one sentence, exit status 2."""

    exit_code = 2
