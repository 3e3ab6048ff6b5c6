"""How workers share the shards of a stream: nobody is asked, each looks at the leases and takes its part."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from adapters.kinesis.lease import Lease

LEASE_SECONDS = 15.0
"""Seconds without a word from its owner after which a lease is anybody's."""

RENEW_SECONDS = LEASE_SECONDS / 3
"""Seconds between two words, each with a look at what the others do."""


class Watch:
    """Since when each lease has been as it is, by this process' own clock: the clocks of two machines cannot be compared."""

    def __init__(self) -> None:
        """Know of none."""
        self._seen: dict[str, tuple[Lease, float]] = {}

    def see(self, leases: Iterable[Lease], now: float) -> None:
        """Take them in as they are at this reading of a clock that never runs backwards."""
        before = self._seen
        self._seen = {
            lease.shard: before[lease.shard] if before.get(lease.shard, (None,))[0] == lease else (lease, now)
            for lease in leases
        }

    def is_free(self, lease: Lease, now: float) -> bool:
        """Tell whether nobody has it, or whoever has it has said nothing for too long."""
        seen, since = self._seen.get(lease.shard, (None, now))
        return not lease.owner or (seen == lease and now - since >= LEASE_SECONDS)


def to_take(me: str, free: Sequence[Lease], held: Sequence[Lease]) -> Sequence[Lease]:
    """Give the leases to try, in this order, and no more of them than are wanted: free ones, or one of the owner with the most.

    One at a time, because who gives leases up reads some records twice, and the others may be taking from the same owner.
    """
    owned = Counter(lease.owner for lease in held)
    share = math.ceil((len(free) + len(held)) / len(owned.keys() | {me}))
    missing = share - owned[me]
    if missing <= 0:
        return ()
    if free:
        return free[:missing]
    richest, most = owned.most_common(1)[0] if owned else (me, 0)
    return [lease for lease in held if lease.owner == richest][:1] if most > share else ()
