"""The last word on a durable shop, as an operator has it: a deep look at both projectors."""

import json

from tests.support.command import ecshop


def reconciled(**settings: str) -> None:
    """Check that each row is the fold of its events, that each mail was queued, and that nothing is parked."""
    for projector in ("read-models", "notifier"):
        looking = ("reconcile", "--deep", "--json", "--projector", projector)
        ended = ecshop(*looking, **settings)
        report = json.loads(ended.stdout)
        assert (ended.exit_code, report["differences"], report["parked"]) == (0, [], []), report
        assert report["looked_at"]
