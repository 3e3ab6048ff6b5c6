"""Kills at random moments. One that hits nothing in flight does not count."""

from collections import Counter
from random import Random
from time import sleep

from tests.integration.kills.journal import CUT, Journal
from tests.integration.kills.scene import Scene
from tests.support.waiting import wait_until

SOONEST, LATEST = 0.1, 0.6
"""Seconds of shopping before a kill."""

AT_WORK = {
    "projector": (
        "SELECT FROM pg_stat_activity"
        " WHERE usename = 'projector' AND state LIKE 'idle in transaction%' AND backend_xid IS NOT NULL"
    ),
    # A mail that was leased this very second; others may be in doubt since an earlier kill.
    "notifier": "SELECT FROM shop_state.mail_queue WHERE status = 'sending' AND due_at > now() + interval '299 seconds'",
}
"""What PostgreSQL knows while the worker is amid something: rows that are not committed, a mail whose fate is open."""


class Kills:
    """`hit` counts kills by what was killed; `void`, those that hit nothing in flight and were done again."""

    def __init__(self, scene: Scene, journal: Journal, seed: int) -> None:
        """Kill what is in this scene."""
        self.hit: Counter[str] = Counter()
        self.void: Counter[str] = Counter()
        self._scene = scene
        self._journal = journal
        self._random = Random(seed)

    def round(self, victim: str) -> None:
        """Kill this one while it is at work, and see the shop go on."""
        kill = {"api": self._api, "postgres": self._postgres, "rows": self._rows}.get(victim) or (
            lambda: self._worker(victim)
        )
        while True:
            sleep(self._random.uniform(SOONEST, LATEST))
            hit = kill()
            self._see_it_go_on()
            if hit:
                break
            self.void[victim] += 1
            assert self.void[victim] < 100, f"{victim} is never at work"
        self.hit[victim] += 1

    def _api(self) -> bool:
        wait_until(lambda: bool(self._journal.in_flight()))
        waiting = [(entry, len(entry.told)) for entry in self._journal.in_flight()]
        self._scene.processes["api"].kill()
        wait_until(lambda: all(len(entry.told) > before for entry, before in waiting))
        self._scene.processes["api"].start()
        return any(entry.told[before] == CUT for entry, before in waiting)

    def _postgres(self) -> bool:
        wait_until(lambda: bool(self._journal.in_flight()))
        waiting = [(entry, len(entry.told)) for entry in self._journal.in_flight()]
        self._scene.postgres.kill()
        hit = any(len(entry.told) == before for entry, before in waiting)  # not answered before the kill was over
        self._scene.postgres.start()
        return hit

    def _rows(self) -> bool:
        """Kill the PostgreSQL that has the rows alone: commands do not notice, so it is the projector that must be amid something."""
        projector = self._scene.processes["projector"]
        projector.freeze()
        hit = bool(self._scene.asked(AT_WORK["projector"]))
        if hit:
            self._scene.postgres.kill()
            self._scene.postgres.start()
        projector.thaw()
        return hit

    def _worker(self, role: str) -> bool:
        """Hold the process first: then what it is at can be looked at, and is still so when it dies."""
        process = self._scene.processes[role]
        process.freeze()
        hit = bool(self._scene.asked(AT_WORK[role]))
        if hit:
            process.kill()
            process.start()
        else:
            process.thaw()
        return hit

    def _see_it_go_on(self) -> None:
        """Wait for an order that was begun after the kill."""
        known = len(self._journal.entries)
        wait_until(lambda: any(each.acknowledged and each.what == "order" for each in self._journal.entries[known:]))
