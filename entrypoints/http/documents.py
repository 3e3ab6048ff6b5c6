"""What the OpenAPI document says of a row: who may ask, its headers, and why it may refuse."""

from dataclasses import dataclass

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityRequirement,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from entrypoints.http.body_schemas import may_be_empty


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was refused: a sentence, a name for programs, the request's id, and where they help the facts."""

    error: str
    code: str
    request_id: str
    details: dict[str, object] | None = None
    fields: dict[str, str] | None = None


REASONS = {
    400: "The request cannot be read.",
    401: "The token is missing or wrong, or guests are switched off.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    408: "The body was not there in time.",
    409: "The state of things does not allow it, or others changed them again and again.",
    412: "The product is at another version than If-Match names.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not JSON in UTF-8.",
    422: "A value is out of bounds, or the Idempotency-Key came with another body.",
    503: "Something that is needed cannot be reached.",
}

ADMIN: list[SecurityRequirement] = [{"admin": []}]
SHOPPER: list[SecurityRequirement] = [{"guest": []}, {"guest_cookie": []}]
OWNER_OR_ADMIN: list[SecurityRequirement] = [*ADMIN, *SHOPPER]


def read_refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Document the refusals of a read: those that every read has, and these."""
    return refusals(400, *statuses, 503)


def write_refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Document the refusals of a write: those that every write has, and these."""
    return refusals(400, 401, 403, *statuses, 408, 409, 413, 415, 422, 503)


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Document these refusals and no others."""
    return {status: ResponseSpec(Refusal, description=REASONS[status], generate_examples=False) for status in statuses}


NOT_MODIFIED = {
    304: ResponseSpec(None, description="The client has it: If-None-Match names its ETag.", generate_examples=False)
}

IDS = ("product_id", "order_id")
KEY = "^[!-~]{1,128}$"
FIRST_REFUSAL = "400"
AFTER_A_WRITE = {"X-Consistency-Token": "Send it with a read that must see this write."}
AFTER_A_READ = {"X-Consistency": "`stale` where the read model has not caught up with the token in time."}
WITH_A_TAG = {
    "ETag": "The versions of the product and of its inventory.",
    "Cache-Control": "`no-cache`: ask each time.",
}
AFTER_A_LIST = {"Link": 'The page behind this one, as `<...>; rel="next"`.'}
AWAY = {"Retry-After": "Seconds until it is worth trying again."}


def _header(name: str, description: str, pattern: str | None = None) -> Parameter:
    schema = Schema(type=OpenAPIType.STRING, pattern=pattern)
    return Parameter(name, "header", schema=schema, description=description)


@dataclass
class Row(Operation):
    """A row whose summary is its handler's first sentence."""

    def __post_init__(self) -> None:
        """Say what it does instead of how its function is called."""
        self.summary = (self.description or "").rstrip(".")
        for parameter in self.parameters or []:
            if isinstance(parameter, Parameter) and parameter.name in IDS and isinstance(parameter.schema, Schema):
                parameter.schema.format = OpenAPIFormat.UUID
        self._answers_with(AWAY, {"503"})

    def _answers_with(self, headers: dict[str, str], statuses: set[str] | None = None) -> None:
        """Describe headers of the answers with these statuses, or of the good ones."""
        for status, response in (self.responses or {}).items():
            if isinstance(response, OpenAPIResponse) and (status in statuses if statuses else status < FIRST_REFUSAL):
                described: dict[str, OpenAPIHeader | Reference] = {
                    name: OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING), description=text)
                    for name, text in headers.items()
                }
                response.headers = (response.headers or {}) | described


@dataclass
class Read(Row):
    """A read that may wait for a write."""

    def __post_init__(self) -> None:
        """Add the headers that every read takes."""
        super().__post_init__()
        self.parameters = [
            *(self.parameters or []),
            _header("X-Consistency-Token", "Tokens of earlier writes, comma-separated; the read waits for them."),
            _header("Prefer", "`wait=<seconds>`, at most 10, default 2."),
        ]
        listed = any(parameter.name == "after" for parameter in self.parameters if isinstance(parameter, Parameter))
        self._answers_with(AFTER_A_READ | (AFTER_A_LIST if listed else {}))


@dataclass
class TaggedRead(Read):
    """A read whose answer has a tag, by which a copy of it can be found to be good still."""

    def __post_init__(self) -> None:
        """Add the header that asks so."""
        super().__post_init__()
        self.parameters = [
            *(self.parameters or []),
            _header("If-None-Match", "ETags of copies, or `*`; 304 if one is good."),
        ]
        self._answers_with(WITH_A_TAG)


@dataclass
class Write(Row):
    """A write that may be repeated safely."""

    def __post_init__(self) -> None:
        """Add the header that every write takes."""
        super().__post_init__()
        key = _header("Idempotency-Key", "A repeat with the same key gives the first answer and does nothing.", KEY)
        self.parameters = [*(self.parameters or []), key]
        self._answers_with(AFTER_A_WRITE)
        if isinstance(self.request_body, RequestBody):
            (media_type,) = self.request_body.content.values()
            reference = media_type.schema
            self.request_body.required = not (isinstance(reference, Reference) and may_be_empty(reference.ref))


@dataclass
class ConditionalWrite(Write):
    """A write that may be meant for one version only."""

    def __post_init__(self) -> None:
        """Add the header that says so."""
        super().__post_init__()
        meant_for = _header(
            "If-Match", "ETags of the versions that it is meant for, or `*`; only the product's part counts."
        )
        self.parameters = [*(self.parameters or []), meant_for]
