"""The commands on AWS as a whole, and on what plays it on this machine."""

import click

from config.settings import load_settings
from entrypoints.cli.extras import extra
from entrypoints.cli.sentences import sentences


@click.group(short_help="Run all of AWS that the shop needs on this machine.")
def stack() -> None:
    """Run everything that the shop needs on AWS on this machine, without Docker.

    Data and logs are below DATA_DIR (.ecshop), in stack/.
    """


@stack.command(short_help="Start it, until Ctrl-C.")
@click.option("--lambdas", is_flag=True, help="Have Lambda functions project and mail, from zips that are built first.")
@sentences
def up(lambdas: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Start DynamoDB, Kinesis and Lambda as MiniStack plays them, PostgreSQL, a catcher of mails, the projector, the notifier and the shop.

    Everything listens on 127.0.0.1: the shop on PORT (8080), AWS on STACK_AWS_PORT (4566), the mail server on STACK_SMTP_PORT (1025), the
    page of mails on STACK_MAILS_PORT (1080); 0 takes a free one. Ctrl-C or SIGTERM stops all of it, and what it has is there at the next
    start. Exit status 1 where a part dies.
    """
    with extra("http"):
        from entrypoints.cli.stack import up as run

    run(load_settings(), lambdas=lambdas)


@stack.command(short_help="Stop it, from another terminal.")
@sentences
def down() -> None:
    """Stop the stack that runs on DATA_DIR, or end what one that was killed left running."""
    from entrypoints.cli.stack import down as run

    run(load_settings())


@stack.command(short_help="Show what its parts say.")
@click.argument("name", required=False)
@click.option("--lines", type=click.IntRange(1, 100_000), default=20, show_default=True, help="So many of each.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@sentences
def logs(name: str | None, lines: int, follow: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show the ends of the logs, or that of one part: api, projector, notifier, reconcile, aws, mails, postgres ..."""
    from entrypoints.cli.stack import logs as show

    show(load_settings(), name, lines=lines, follow=follow)


@click.command(short_help="Say how the shop is right now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def status(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Say how the shop is: what its store holds, how far its consumers are, what waits for a person, its last mails.

    With STORE=dynamodb also the tables, the stream and what fills it, who reads which shard up to where, and the Lambda functions whose
    names begin with LAMBDA_NAME_PREFIX (ecshop-). What cannot be looked at says why. Exit status: 0 all is well, 1 something needs a hand.
    """
    from entrypoints.cli.status import show_status

    show_status(load_settings(), as_json=as_json)


COMMANDS = (stack, status)
