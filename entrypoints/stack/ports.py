"""The stack's ports, looked at before anything starts."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack

from entrypoints.stack.problem import StackProblem

HOST = "127.0.0.1"


def free(wanted: Mapping[str, int]) -> dict[str, int]:
    """Give the ports by the settings that name them, a free one in the place of each 0.

    Raises:
        StackProblem: another process has one, or two settings name the same.
    """
    given: dict[str, int] = {}
    with ExitStack() as opened:
        for setting, port in wanted.items():
            for other, same in given.items():
                if port == same:
                    raise StackProblem(f"{setting} and {other} must name two ports, not both {port}.")
            # As servers ask: a connection that ended a moment ago takes no port.
            asked = opened.enter_context(socket.socket())
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                asked.bind((HOST, port))
                asked.listen()
            except OSError as error:
                raise StackProblem(
                    f"Port {port} of {HOST} cannot be had ({error.strerror}): end what has it, or set {setting} to another port."
                ) from None
            given[setting] = asked.getsockname()[1]
    return given
