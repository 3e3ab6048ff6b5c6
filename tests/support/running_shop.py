"""The real shop: the `ecshop` command as a process of its own, on a free port of this machine."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.settings import Settings

ECSHOP = str(Path(sys.executable).with_name("ecshop"))
ADMIN_TOKEN = "the-admin-token-of-the-tests"
SECRET_KEY = "a-key-of-the-tests-that-is-long-enough"
FOREIGN = {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}

PATIENCE = 180.0
"""Seconds until it must be there; it takes about one on an idle machine."""


@dataclass(frozen=True, slots=True)
class RunningShop:
    """Where it is, and what it says."""

    url: str
    process: "subprocess.Popen[bytes]"
    output: Path
    log: Path

    def logged(self) -> list[dict[str, Any]]:
        """Give its log lines; each is a JSON object."""
        return [json.loads(line) for line in self.log.read_bytes().splitlines()]


def environment(**settings: str) -> dict[str, str]:
    """Give this process's environment with these settings of the shop and no others."""
    ours = {name.upper() for name in Settings.model_fields} | FOREIGN
    return {name: value for name, value in os.environ.items() if name not in ours} | settings


@contextmanager
def running_shop(*command: str, **settings: str) -> Iterator[RunningShop]:
    """Run a shop while inside; without a command it is `ecshop serve`."""
    with TemporaryDirectory(prefix="ecshop-") as name:
        output, log = Path(name) / "output", Path(name) / "log"
        with output.open("wb") as to_output, log.open("wb") as to_log:
            process = subprocess.Popen(
                command or (ECSHOP, "serve", "--port", "0"),
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=to_output,
                stderr=to_log,
            )
        try:
            yield RunningShop(_address(process, output, log), process, output, log)
        finally:
            _stop(process)


def _address(process: "subprocess.Popen[bytes]", output: Path, log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"EC Shop is at (http://\S+:\d+) .*\n", output.read_text()):
            return found[1].replace("localhost", "127.0.0.1")
        time.sleep(0.02)
    raise RuntimeError(f"the shop does not start (exit status {process.poll()}):\n{log.read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
