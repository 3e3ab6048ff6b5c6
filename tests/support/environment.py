"""The system's environment with crash points that a test can arm."""

from dataclasses import replace

from adapters.system.environment import system_environment
from core.ports.environment import Environment
from tests.contract.harness import Failpoints


def armed_environment() -> tuple[Environment, Failpoints]:
    """Give an environment and the failpoints that stand in it."""
    failpoints = Failpoints()
    return replace(system_environment(), failpoint=failpoints), failpoints
