"""The three shapes of a commit that an event store's suites send over a bad network: plain, everything together, claims alone."""

from core.ports.commit import Claim, Commit
from tests.support.commits import adding, append, commit_of, stock_added

FOREVER = 10_000


def one_event() -> Commit:
    return adding(stock_added(), to="s", at_version=0)


def five_streams() -> Commit:
    return commit_of(append("s", 0), *(append(f"s-{number}", 0) for number in range(4)), claims=[Claim("key", "me")])


def claims_alone() -> Commit:
    return commit_of(claims=[Claim("key", "me")])
