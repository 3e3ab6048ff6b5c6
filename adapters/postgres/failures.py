"""What a failed statement says about itself: was it done, may it be sent again, and whose fault is it?"""

from enum import Enum

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

FAILURES = (psycopg.Error,)
"""Everything that a statement or the pool raises; the pool's errors are OperationalErrors."""


class Fate(Enum):
    """What became of a statement that did not succeed."""

    NOT_DONE = "it never left, or the server undid it"
    MAYBE_DONE = "it left, and no answer came that tells"
    REFUSED = "the server refused it, and would again"


# Nothing was connected, so nothing was sent.
NEVER_LEFT = (PoolTimeout, TooManyRequests, PoolClosed)

# Classes and codes of the SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) by which the server refuses for
# now: out of connections, memory or disk (53), shutting down or cancelled (57), the machine failing (58).
NOT_NOW_CLASSES = frozenset({"08", "53", "57", "58"})
NOT_NOW = frozenset(
    {
        "25006",  # read-only: a standby, or one that an operator made so
        "25P03",  # idle in a transaction for too long
        "40001",  # a serialization failure
        "40P01",  # a deadlock
        "55P03",  # a lock not got in time
    }
)

# The connection itself failed (08), or ended while the statement ran (57P).
CUT = ("08", "57P", "40003")


def fate(error: psycopg.Error) -> Fate:
    """Tell what became of the statement."""
    if isinstance(error, NEVER_LEFT):
        return Fate.NOT_DONE
    code = error.sqlstate or ""
    if code.startswith(CUT) or (not code and isinstance(error, psycopg.OperationalError)):
        return Fate.MAYBE_DONE
    return Fate.NOT_DONE if is_unavailable(error) else Fate.REFUSED


def is_unavailable(error: psycopg.Error) -> bool:
    """Tell whether it is the server that cannot do it now, whatever was asked; else what was asked is at fault."""
    code = error.sqlstate
    if code is None:  # the server said nothing: the connection was lost, or never made
        return isinstance(error, psycopg.OperationalError)
    return code[:2] in NOT_NOW_CLASSES or code in NOT_NOW


def lost_connection(error: psycopg.Error) -> bool:
    """Tell whether the connection is gone, so that others of the pool may be too."""
    return fate(error) is Fate.MAYBE_DONE


def sentence(error: psycopg.Error) -> str:
    """Say what went wrong in one line, without the password that a connection string may hold."""
    # What libpq itself says of a connection has lines of advice behind it, which begin with a tab.
    said = error.diag.message_primary or " ".join(line for line in str(error).splitlines() if not line.startswith("\t"))
    return f"PostgreSQL: {' '.join(said.split()) or type(error).__name__}"
