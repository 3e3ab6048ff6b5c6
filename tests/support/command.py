"""The `ecshop` command in this process, and how it says no."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from tests.support.running_shop import environment

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "its-secret"}
NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    "AWS_CONFIG_FILE": "/nowhere",
}


def ecshop(*arguments: str, **settings: str) -> Result:
    """Run a command to its end, in this process: to start one for each would take a minute."""
    given = environment(**settings)
    hidden: dict[str, str | None] = {name: None for name in os.environ if name not in given}
    with _logging_as_it_was():
        return CliRunner().invoke(main, arguments, env=hidden | given, catch_exceptions=False)


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command sets for its process, which here goes on."""
    root, ours, configured = logging.getLogger(), logging.getLogger("ecshop"), structlog.get_config()
    handlers, levels = root.handlers[:], (root.level, ours.level)
    try:
        yield
    finally:
        structlog.configure(**configured)
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        ours.setLevel(levels[1])


def says_no(ended: Result, *words: str) -> None:
    """Check that it ended with one sentence that has these words, with status 2 and nothing else said."""
    assert (ended.exit_code, ended.stdout) == (2, ""), ended.stderr
    is_sentence(ended.stderr, *words)


def is_sentence(said: str, *words: str) -> None:
    """Check that this is one sentence of the command, with these words."""
    (sentence,) = said.splitlines()
    assert sentence.startswith("Error: ")
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    for word in words:
        assert word in sentence


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
