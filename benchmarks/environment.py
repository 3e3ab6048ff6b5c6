"""Where the figures were taken: without it they say little."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

from benchmarks.clock import median_microseconds

PACKAGES = ("boto3", "eventsourcing", "granian", "litestar", "ministack", "msgspec", "psycopg", "uvloop")


def environment() -> dict[str, object]:
    """Describe machine, time and versions.

    `load` is the machine's own average over a minute as the benchmark starts. `flush_us` is how long a write to disk takes that every
    transaction of PostgreSQL waits for: the fewer transactions, the less of it, so ratios to one transaction an event grow with it.
    """
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "cpu": _cpu_model(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "flush_us": round(_flush_microseconds()),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _flush_microseconds() -> float:
    """Write and flush a page 100 times where the embedded server keeps its data; give the median."""
    with TemporaryFile(buffering=0) as file:

        def flush(page: bytes) -> None:
            file.seek(0)
            file.write(page)
            os.fdatasync(file.fileno())

        return median_microseconds(flush, [bytes(8192)] * 100)


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
