"""The outbox relay (`docs/delivery.md`): publishes what is marked, and takes a mark off only when the broker has acknowledged its event."""

from collections import Counter
from collections.abc import Callable, Sequence

from core.delivery.projector import LONGEST_PAUSE, SHORTEST_PAUSE
from core.ports.environment import Environment
from core.ports.event_publisher import EventPublisher, PublishFailed
from core.ports.event_store import StoreUnavailable
from core.ports.events import RecordedEvent
from core.ports.outbox import Outbox

IDLE = 0.2
"""Seconds between two looks at an outbox without marks."""

STREAMS = 100
"""Streams that are taken in one turn."""


class Relay:
    """Relays one outbox. `trouble` is what it waits for right now, empty while it works; `counts` has events `acknowledged` and `failed`.

    A crash repeats, never skips, and first deliveries of a stream are in version order: each event is acknowledged before the next of its
    stream is sent, since what is on its way together can be reordered by a retry. Streams do not wait for each other.
    """

    def __init__(self, outbox: Outbox, publisher: EventPublisher, environment: Environment) -> None:
        """Work on these."""
        self.trouble = ""
        self.counts: Counter[str] = Counter()
        self._outbox = outbox
        self._publisher = publisher
        self._environment = environment

    def run(self, stopping: Callable[[], bool]) -> None:
        """Go on until told to stop. A store or a broker that is away is waited for without limit; nothing is given up.

        While some streams go on, those that do not keep nobody waiting.
        """
        pause = SHORTEST_PAUSE
        while not stopping():
            before = self.counts["acknowledged"]
            try:
                relayed = self.step()
            except (StoreUnavailable, PublishFailed) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                if isinstance(error, PublishFailed) and self.counts["acknowledged"] > before:
                    pause = SHORTEST_PAUSE
                    continue
                self._environment.wait(stopping, self._environment.jitter(pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.trouble, pause = "", SHORTEST_PAUSE
                if not relayed:
                    self._environment.wait(stopping, IDLE)

    def step(self) -> int:
        """Give some streams a turn; tell how many events were relayed.

        Raises:
            StoreUnavailable: some of what was acknowledged may still be marked.
            PublishFailed: what was acknowledged is unmarked, the rest is still marked.
        """
        with self._outbox.turn(STREAMS) as turn:
            acknowledged, failed = self._publish(turn.runs)
            if acknowledged:
                self._environment.failpoint("relay.before_unmark")
                turn.unmark(acknowledged)
        self.counts["acknowledged"] += len(acknowledged)
        if failed:
            self.counts["failed"] += len(failed.unacknowledged)
            raise failed
        return len(acknowledged)

    def _publish(self, runs: Sequence[Sequence[RecordedEvent]]) -> tuple[list[RecordedEvent], PublishFailed | None]:
        """Publish the first event of every run, then the second of each whose first was acknowledged, and so on."""
        acknowledged, failed = list[RecordedEvent](), None
        place = 0
        while sent := [run[place] for run in runs if place < len(run)]:
            self._environment.failpoint("publish.before")
            try:
                self._publisher.publish(sent)
            except PublishFailed as error:
                failed, stuck = error, {event.stream for event in error.unacknowledged}
                runs = [run for run in runs if run[0].stream not in stuck]
                sent = [event for event in sent if event.stream not in stuck]
            self._environment.failpoint("publish.after")
            acknowledged += sent
            place += 1
        return acknowledged, failed
