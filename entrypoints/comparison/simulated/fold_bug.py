"""A fold that raises on some events until somebody fixes it."""

from collections.abc import Callable

from core.delivery.stream_batch import Fold
from core.domain.aggregate import Aggregate
from core.ports.events import RecordedEvent


class FoldBug:
    """Decides once for each projector and event whether its fold has a bug there; `strikes` says so at the first fold."""

    def __init__(self, strikes: Callable[[str], bool]) -> None:
        """Start with a bug that is not `fixed`."""
        self.fixed = False
        self._strikes = strikes
        self._meets: dict[tuple[str, str], bool] = {}

    def within(self, projector: str, fold: Fold) -> Fold:
        """Give the fold as this projector has it."""

        def folded(state: Aggregate | None, event: RecordedEvent) -> Aggregate | None:
            if not self.fixed and self._is_met(projector, event.id):
                raise ArithmeticError("a bug of the fold")
            return fold(state, event)

        return folded

    def _is_met(self, projector: str, event_id: str) -> bool:
        key = (projector, event_id)
        if key not in self._meets:
            self._meets[key] = self._strikes("fold.bug")
        return self._meets[key]
