"""MiniStack: a server that plays AWS, as a process of its own on a free port."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

PATIENCE = 60.0
"""Seconds until it must be ready; it takes half a second on an idle machine."""


@contextmanager
def ministack() -> Iterator[str]:
    """Run a MiniStack while inside; give its endpoint."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder, (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "ministack"],
            cwd=folder,
            env=_settings(port, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(process, port, Path(folder) / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _settings(port: int, folder: str) -> dict[str, str]:
    return os.environ | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        # Other services that would listen on fixed ports.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "warning",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(Path(folder) / "state"),
        "S3_DATA_DIR": str(Path(folder) / "s3"),
        "TMPDIR": folder,
    }


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/ready", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(
        f"MiniStack is not ready (exit status {process.poll()}):\n{log.read_text(errors='replace')[-2000:]}"
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
