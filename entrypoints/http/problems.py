"""Every refusal as `{"error": "<sentence>", ...}` with the fitting status."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from core.application.executor import KeyReused
from core.domain.errors import DomainError, Forbidden, Invalid, NotFound, NotNow
from core.domain.order import CartEmpty
from core.ports.event_store import CommitTooLarge, Conflict, OutcomeUnknown, StoreUnavailable
from core.ports.queries import QueriesUnavailable
from entrypoints.http.tokens import Signer, consistency_token

_log = structlog.get_logger("ecshop.http")

STATUSES: dict[type[DomainError], int] = {
    CartEmpty: 400,
    Forbidden: 403,
    NotFound: 404,
    NotNow: 409,
    Invalid: 422,
    KeyReused: 422,
}

OF_THE_FRAMEWORK = {
    400: ("invalid_request", "The request cannot be read."),
    404: ("no_such_address", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("body_too_large", "The body is larger than 1 MiB."),
}
"""Code and sentence of what Litestar refuses by itself."""

INTERNAL = 500


class Problem(Exception):
    """The request is refused at the edge, before any command; `code` is for programs, the text for people."""

    def __init__(self, status: int, code: str, sentence: str, headers: dict[str, str] | None = None) -> None:
        """Keep what to answer."""
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.headers = headers or {}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Say what went wrong; the request id finds it in the log."""
    status, code, sentence, more, headers = _judge(request, error)
    if status >= INTERNAL:
        _log.error(
            "request failed",
            request_id=request.scope.get("request_id"),
            error=repr(error),
            exc_info=_traceback(status, error),
        )
    body = {"error": sentence, "code": code, "request_id": request.scope.get("request_id", "")} | more
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _traceback(status: int, error: Exception) -> Exception | None:
    return error if status == INTERNAL else None


def _judge(request: Request[Any, Any, Any], error: Exception) -> tuple[int, str, str, dict[str, Any], dict[str, str]]:
    match error:
        case Problem():
            return error.status, error.code, str(error), {}, error.headers
        case DomainError():
            status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
            return status, error.code, str(error), {"details": error.details} if error.details else {}, {}
        case ValidationException():
            return 400, "invalid_request", *_fields(error), {}
        case HTTPException() if error.status_code < INTERNAL:
            code, sentence = OF_THE_FRAMEWORK.get(error.status_code, ("refused", "The request is refused."))
            return error.status_code, code, sentence, {}, dict(error.headers or {})
        case _:
            return _of_a_port(request, error)


def _of_a_port(
    request: Request[Any, Any, Any], error: Exception
) -> tuple[int, str, str, dict[str, Any], dict[str, str]]:
    again = {"Retry-After": "1"}
    match error:
        case Conflict():
            return (
                409,
                "conflict",
                "Others changed the same thing again and again; nothing was written. Try again.",
                {},
                {},
            )
        case OutcomeUnknown():
            signer: Signer = request.app.state.signer
            token = consistency_token(signer, error.commit.positions)
            sentence = (
                "It cannot be told whether this was written; the same request with the same Idempotency-Key settles it."
            )
            return 503, "outcome_unknown", sentence, {}, again | {"X-Consistency-Token": token}
        case CommitTooLarge():
            return 422, "too_large", f"This is more than one write takes: {error}.", {}, {}
        case StoreUnavailable():
            return (
                503,
                "store_unavailable",
                "The event store cannot be reached; nothing was written. Try again.",
                {},
                again,
            )
        case QueriesUnavailable():
            return 503, "read_model_unavailable", "The read model cannot be reached. Try again.", {}, again
        case _:
            return 500, "internal", "Something went wrong here; it is logged under this request id.", {}, {}


def _fields(error: ValidationException) -> tuple[str, dict[str, Any]]:
    """Name every wrong field in one sentence, and again for programs."""
    fields: dict[str, str] = {}
    for each in error.extra if isinstance(error.extra, list) else []:
        name = str(each.get("key") or ".".join(str(part) for part in each.get("loc", ())) or "body")
        message = str(each.get("message") or each.get("msg") or "is not valid")
        fields[name] = message.removeprefix("Value error, ")
    if not fields:
        return "The request is not valid.", {}
    return "Not valid: " + "; ".join(f"{name}: {message}" for name, message in fields.items()) + ".", {"fields": fields}
