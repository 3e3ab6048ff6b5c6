"""One JSON object a line on standard error."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from core.domain.times import instant

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _stamp(_logger: object, _name: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own type
    """Write the time as events do; structlog's own stamper costs three times as much a line."""
    event["timestamp"] = instant(datetime.now(UTC))
    return event


def configure_logs(level: str) -> None:
    """Log from this level on; what libraries log, from warnings on."""
    encoder = msgspec.json.Encoder(enc_hook=str)

    def render(_logger: object, _name: str, event: Any) -> bytes:  # noqa: ANN401 - structlog's own type
        return encoder.encode(event)

    def render_text(_logger: object, _name: str, event: Any) -> str:  # noqa: ANN401
        return encoder.encode(event).decode()

    enrich = [structlog.processors.add_log_level, _stamp]
    structlog.configure(
        processors=[*enrich, structlog.processors.format_exc_info, render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
    )
    standard = logging.StreamHandler(sys.stderr)
    standard.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*enrich, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                render_text,
            ],
        )
    )
    logging.basicConfig(handlers=[standard], level=max(LEVELS[level], logging.WARNING), force=True)
    logging.getLogger("ecshop").setLevel(LEVELS[level])  # what the core tells, by the standard library
