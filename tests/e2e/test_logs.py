"""Every line of the log is one JSON object, whoever wrote it."""

import json
import subprocess
import sys

import httpx
import pytest

from tests.support.running_shop import running_shop

PROGRAM = """
import logging
import structlog
from entrypoints.http.logs import configure_logs
configure_logs({level!r})
structlog.get_logger("ecshop.access").info("request", path="/products")
logging.getLogger("somebody").info("a detail")
logging.getLogger("ecshop.delivery").info("mail 1 is sent", extra={{"correlation_id": "req-1"}})
logging.getLogger("ecshop.delivery").warning("%s is parked", "order-1")
try:
    raise RuntimeError("no")
except RuntimeError:
    logging.getLogger("somebody").exception("failed")
"""


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        (
            "info",
            [("info", "request"), ("info", "mail 1 is sent"), ("warning", "order-1 is parked"), ("error", "failed")],
        ),
        ("warning", [("warning", "order-1 is parked"), ("error", "failed")]),
        ("error", [("error", "failed")]),
    ],
)
def test_what_the_core_and_libraries_log_is_a_line_like_our_own(level: str, lines: list[tuple[str, str]]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(level=level)], capture_output=True, text=True, timeout=60, check=True
    )

    logged = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [(line["level"], line["event"]) for line in logged] == lines
    assert all(line["timestamp"].endswith("Z") for line in logged)
    assert [line["correlation_id"] for line in logged if line["event"] == "mail 1 is sent"] == ["req-1"] * (
        level == "info"
    )
    assert logged[-1]["logger"] == "somebody"
    assert logged[-1]["exception"].splitlines()[-1] == "RuntimeError: no"


@pytest.mark.parametrize(("level", "lines"), [("info", 3), ("warning", 0)])
def test_each_request_has_one_line_unless_lines_like_it_are_not_wanted(level: str, lines: int) -> None:
    with running_shop(LOG_LEVEL=level) as shop:
        for name in ("a", "b", "c"):
            httpx.get(f"{shop.url}/products", headers={"X-Request-ID": name})
        shop.process.terminate()
        shop.process.wait(15)
        logged = [line for line in shop.logged() if line["event"] == "request"]

    assert [line["request_id"] for line in logged] == ["a", "b", "c"][:lines]
