"""Every refusal as `{"error": "<sentence>", ...}` with the fitting status."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from core.application.idempotency import KeyReused
from core.application.work import PreconditionFailed
from core.domain.errors import DomainError, Forbidden, Invalid, NotFound, NotNow
from core.domain.order import CartEmpty
from core.ports.event_store import CommitTooLarge, Conflict, OutcomeUnknown, StoreUnavailable
from core.ports.projection_store import ProjectionUnavailable
from core.ports.queries import QueriesUnavailable
from entrypoints.http.answering import carried
from entrypoints.http.complaints import fields_of, named, sentence
from entrypoints.http.tokens import Signer, consistency_token

_log = structlog.get_logger("ecshop.http")

STATUSES: dict[type[DomainError], int] = {
    CartEmpty: 400,
    Forbidden: 403,
    NotFound: 404,
    NotNow: 409,
    Invalid: 422,
    KeyReused: 422,
    PreconditionFailed: 412,
}

OF_THE_FRAMEWORK = {
    400: ("invalid_request", "The request cannot be read."),
    404: ("no_such_address", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("body_too_large", "The body is larger than 1 MiB."),
}
"""Code and sentence of what Litestar refuses by itself."""

TOO_SLOW, INTERNAL = 408, 500
AGAIN = {"Retry-After": "1"}


class Refused(NamedTuple):
    """What is answered; `more` are the keys beside the sentence and the code."""

    status: int
    code: str
    sentence: str
    headers: Mapping[str, str] = {}
    more: Mapping[str, object] = {}


class Problem(Exception):
    """The request is refused at the edge, before any command; `code` is for programs, the text for people."""

    def __init__(self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep what to answer."""
        super().__init__(sentence)
        self.refused = Refused(status, code, sentence, headers or {})

    @classmethod
    def of_fields(cls, fields: Mapping[str, str]) -> "Problem":
        """Name parameters that are wrong, each with its complaint."""
        problem = cls(400, "invalid_request", sentence(fields))
        problem.refused = problem.refused._replace(more={"fields": named(fields)})
        return problem


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Say what went wrong; the request id finds it in the log. What the request has found out so far comes along."""
    refused, carries = _judge(request, error), carried(request)
    request_id = request.scope.get("request_id", "")
    if refused.status >= INTERNAL:
        traceback = error if refused.status == INTERNAL else None
        _log.error("request failed", request_id=request_id, error=repr(error), exc_info=traceback)
    return Response(
        {"error": refused.sentence, "code": refused.code, "request_id": request_id, **refused.more},
        status_code=refused.status,
        headers={**carries.headers, **refused.headers},
        cookies=carries.cookies,
        media_type="application/json",
    )


def _judge(request: Request[Any, Any, Any], error: Exception) -> Refused:
    match error:
        case Problem():
            return error.refused
        case DomainError():
            status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
            return Refused(status, error.code, str(error), more={"details": error.details} if error.details else {})
        case ValidationException():
            fields = fields_of(error)
            return Refused(400, "invalid_request", sentence(fields), more={"fields": named(fields)} if fields else {})
        case HTTPException() if error.status_code < INTERNAL:
            code, words = OF_THE_FRAMEWORK.get(error.status_code, ("refused", "The request is refused."))
            return Refused(error.status_code, code, words, dict(error.headers or {}))
        case _:
            return _of_a_port(request, error)


def _of_a_port(request: Request[Any, Any, Any], error: Exception) -> Refused:
    match error:
        case Conflict():
            words = "Others changed the same thing again and again; nothing was written. Try again."
            return Refused(409, "conflict", words)
        case OutcomeUnknown():
            signer: Signer = request.app.state.signer
            token = consistency_token(signer, error.commit.positions)
            words = (
                "It cannot be told whether this was written; the same request with the same Idempotency-Key settles it."
            )
            return Refused(503, "outcome_unknown", words, AGAIN | {"X-Consistency-Token": token})
        case CommitTooLarge():
            return Refused(422, "too_large", f"This is more than one write takes: {error}.")
        case StoreUnavailable():
            words = "The event store cannot be reached; nothing was written. Try again."
            return Refused(503, "store_unavailable", words, AGAIN)
        case QueriesUnavailable() | ProjectionUnavailable():
            return Refused(503, "read_model_unavailable", "The read model cannot be reached. Try again.", AGAIN)
        case _:
            return Refused(500, "internal", "Something went wrong here; it is logged under this request id.")
