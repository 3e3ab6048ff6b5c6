"""One fold, not two: a row of the read model is the aggregate's own state."""

from core.domain import AGGREGATES
from core.domain.aggregate import Aggregate
from core.ports.events import Codec, RecordedEvent

STATES: dict[str, type[Aggregate]] = {aggregate.__name__: aggregate for aggregate in AGGREGATES}
"""The state that is a row, by aggregate type."""


READ_MODELS = "read-models"
"""The projector that keeps the rows."""

FOLDS = 1
"""The version of the folds below; raise it when a row would come out another way, and rebuild."""


def no_row(_state: Aggregate | None, _recorded: RecordedEvent) -> None:
    """Fold nothing: the `notifier` projector keeps a cursor and asks for mails."""


class RowFold:
    """The fold of the `read-models` projector."""

    def __init__(self, codec: Codec) -> None:
        """Decode events with this codec."""
        self._codec = codec

    def __call__(self, state: Aggregate | None, recorded: RecordedEvent) -> Aggregate | None:
        """Give the state after the event; an event of a type or an aggregate that is not known changes nothing.

        Raises:
            Undecodable: the event is not what its type says.
        """
        kind = STATES.get(recorded.aggregate_type)
        event = self._codec.decode_event(recorded) if kind else None
        if kind is None or event is None:
            return state
        after = state.copy() if state else kind()
        after.evolve(event)
        return after
