"""What `ecshop status` says of a feed."""

from types import SimpleNamespace

import pytest

from adapters.system.environment import system_environment
from config import status
from config.settings import Settings


@pytest.mark.parametrize(("lag", "told"), [(0.2, ""), (3_600.0, "somebody")])
def test_who_holds_a_feed_back_is_told_only_where_it_is_late(
    monkeypatch: pytest.MonkeyPatch, lag: float, told: str
) -> None:
    feed = SimpleNamespace(lag_seconds=lambda: lag, hindrance=lambda: "somebody")
    backends = SimpleNamespace(feed=lambda _projector: feed, close=lambda: None)
    monkeypatch.setattr(status, "open_backends", lambda *_: backends)

    found = status._feed(Settings(), system_environment())

    assert [(row["behind_seconds"], row["held_back_by"]) for row in found.rows] == [(lag, told)] * 2
    assert (found.status == "ok") is not bool(told)
