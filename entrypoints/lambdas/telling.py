"""What a function tells: JSON lines for CloudWatch Logs, and metrics in them by the Embedded Metric Format."""

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.domain.times import instant

NAMESPACE = "ECShop"

UNITS = {"LagSeconds": "Seconds", "SweepAgeSeconds": "Seconds", "DurationMs": "Milliseconds"}
"""Of a metric; the others count."""

NOT_EXTRA = {*logging.LogRecord("", 0, "", 0, "", (), None).__dict__, "message", "asctime", "taskName"}
"""What every log record has; the rest was given to it as `extra`."""

_encode = msgspec.json.Encoder(enc_hook=str).encode


class JsonLines(logging.Formatter):
    """One JSON object a line; what was given as `extra` (the correlation id) stands beside the sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as a line."""
        line: dict[str, Any] = {
            "timestamp": instant(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in NOT_EXTRA}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()


def configure_logs(level: str) -> None:
    """Log from this level on to standard output, where Lambda looks; what libraries log, from warnings on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    wanted = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(handlers=[handler], level=max(wanted, logging.WARNING), force=True)
    logging.getLogger("ecshop").setLevel(wanted)


def tell_metrics(projector: str, values: Mapping[str, float], at: datetime) -> None:
    """Write one line that CloudWatch takes for these metrics of a projector.

    Source: "Specification: Embedded metric format" in the CloudWatch user guide.
    """
    metrics: Sequence[Mapping[str, str]] = [{"Name": name, "Unit": UNITS.get(name, "Count")} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Projector"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(at.timestamp() * 1_000), "CloudWatchMetrics": [directive]},
        "Projector": projector,
        **values,
    }
    sys.stdout.write(_encode(line).decode() + "\n")
