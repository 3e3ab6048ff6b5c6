"""Reads that wait for their own writes, on the event loop, holding neither a thread nor a connection.

Only a look takes one of each where queries block, and however many wait, there is one look at a time for all of them.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.ports.commit import Position
from core.ports.queries import Progress, Queries
from entrypoints.http.asking import asked

MOST_WAITING = 200
TICK, BLOCKING_TICK = 0.01, 0.05
"""Seconds between two looks of the one poller at what all waiting reads need; the second where a look goes to a database."""

DEFAULT_WAIT, LONGEST_WAIT = 2.0, 10.0
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6}(?:\.\d{1,6})?)\"?(?=$|[,;\s])", re.IGNORECASE)


@dataclass(eq=False, slots=True)
class _Waiting:
    positions: tuple[Position, ...]
    answer: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, outcome: str | Exception) -> None:
        """Answer, but for `stale`, which goes on waiting; the read may have given up during the look."""
        if self.answer.done() or outcome == "stale":
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


class CatchUp:
    """Knows how far the projector has come, and lets reads wait for it."""

    def __init__(self, queries: Queries) -> None:
        """Look at these queries' progress."""
        self._queries = queries
        self._waiting: set[_Waiting] = set()
        self._poller: asyncio.Task[None] | None = None
        self._stopping = False

    async def wait(self, positions: Iterable[Position], seconds: float) -> str:
        """Wait until the positions are projected; give the value of X-Consistency, empty where they are.

        Raises `QueriesUnavailable`, at the first look or while it waits.
        """
        wanted = tuple(positions)
        now = self._judge(wanted, await self._progress({position.stream for position in wanted}))
        if now != "stale" or seconds <= 0 or self._stopping or len(self._waiting) >= MOST_WAITING:
            return now
        waiting = _Waiting(wanted)
        self._waiting.add(waiting)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            return await asyncio.wait_for(waiting.answer, seconds)
        except TimeoutError:
            return "stale"
        finally:
            self._waiting.discard(waiting)

    def stop(self) -> None:
        """Answer all that wait, and all that come, with what there is: whoever stops the shop does not wait as long as a read may."""
        self._stopping = True
        for waiting in self._waiting:
            if not waiting.answer.done():
                waiting.answer.set_result("stale")

    async def _poll(self) -> None:
        while asking := [waiting for waiting in self._waiting if not waiting.answer.done()]:
            try:
                progress = await self._progress({each.stream for waiting in asking for each in waiting.positions})
            except Exception as error:  # noqa: BLE001 - whatever it is, the reads that wait are to be told: nobody asks this task
                outcomes: list[str | Exception] = [error] * len(asking)
            else:
                outcomes = [self._judge(waiting.positions, progress) for waiting in asking]
            for waiting, outcome in zip(asking, outcomes, strict=True):
                waiting.settle(outcome)
            await asyncio.sleep(BLOCKING_TICK if self._queries.blocks else TICK)

    async def _progress(self, streams: set[str]) -> Mapping[str, Progress]:
        return await asked(self._queries, lambda queries: queries.progress(streams))

    @staticmethod
    def _judge(positions: Iterable[Position], progress: Mapping[str, Progress]) -> str:
        behind = [position.stream for position in positions if progress[position.stream].version < position.version]
        if any(progress[stream].parked for stream in behind):
            return "stale; parked"
        return "stale" if behind else ""


def seconds_of(prefer: str | None) -> float:
    """Read `wait=<seconds>` of a Prefer header; what it does not say, or says unreadably, is the default."""
    found = WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST_WAIT) if found else DEFAULT_WAIT
