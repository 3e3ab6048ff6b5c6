"""Looks at parts that may never answer: all at once, for so long and no longer, and never twice at the same part."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Looks(Generic[T]):
    """Those under way, by name; each has a thread of its own, so that one that hangs is in nobody's way."""

    def __init__(self) -> None:
        """None is under way."""
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[T]] = {}

    async def at(self, looks: Mapping[str, Callable[[], T]], seconds: float) -> dict[str, T | None]:
        """Give what each finds, None where it takes longer; one that is still under way from before is waited for, not begun again."""
        begun = {name: self._begun(name, look) for name, look in looks.items()}
        if begun:
            await asyncio.wait([asyncio.wrap_future(each) for each in begun.values()], timeout=seconds)
        return {name: each.result() if each.done() else None for name, each in begun.items()}

    def _begun(self, name: str, look: Callable[[], T]) -> Future[T]:
        with self._lock:
            before = self._under_way.get(name)
            if before and not before.done():
                return before
            self._under_way[name] = future = Future[T]()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it: others may wait for it too
        # A daemon: the process may end while it hangs.
        threading.Thread(target=_look, args=(future, look), name=f"readyz {name}", daemon=True).start()
        return future


def _look(future: Future[T], look: Callable[[], T]) -> None:
    try:
        future.set_result(look())
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
        future.set_exception(error)
