"""Statements that change nothing: sent once, and again while the server is away."""

from collections.abc import Sequence
from typing import LiteralString

from adapters.postgres.connections import Pool, connected
from adapters.postgres.failures import FAILURES, Fate, fate, sentence
from adapters.postgres.rows import Row
from core.ports.environment import Environment
from core.ports.event_store import StoreUnavailable
from core.ports.retries import tries


def fetched(
    pool: Pool, environment: Environment, budget_seconds: float, statement: LiteralString, *parameters: object
) -> Sequence[Row]:
    """Give all rows of a statement that may be done twice.

    Raises:
        StoreUnavailable: no answer within the budget, or one that no repeat would change.
    """
    unavailable = StoreUnavailable("PostgreSQL was not asked")
    for _ in tries(environment, budget_seconds):
        try:
            with connected(pool) as connection:
                return connection.execute(statement, parameters).fetchall()
        except FAILURES as error:
            unavailable = StoreUnavailable(sentence(error))
            unavailable.__cause__ = error
            if fate(error) is Fate.REFUSED:
                break
    raise unavailable
