"""Reads that want to see what they were told of, and tokens that no write ever gave."""

from core.ports.commit import Position
from entrypoints.http.tokens import Signer, consistency_token
from tests.support.running_shop import SECRET_KEY


def forged(*positions: tuple[str, int]) -> str:
    """Sign positions as the shop does."""
    return consistency_token(Signer(SECRET_KEY.encode()), [Position(*each) for each in positions])


def asking(token: str, wait: str = "wait=0") -> dict[str, str]:
    """Give the headers of a read that wants to see these positions."""
    return {"X-Consistency-Token": token, "Prefer": wait}
