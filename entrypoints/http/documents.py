"""The OpenAPI document and its page, served from here: it works without any other host."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, Operation, Parameter, Schema, SecurityRequirement, SecurityScheme
from litestar.openapi.spec.enums import OpenAPIType
from litestar.router import Router
from litestar.static_files import create_static_files_router

ASSETS = "/schema/assets"


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
    409: "The state of things does not allow it, or others changed them again and again.",
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
    return refusals(400, 401, 403, *statuses, 409, 413, 415, 422, 503)


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Document these refusals and no others."""
    return {status: ResponseSpec(Refusal, description=REASONS[status], generate_examples=False) for status in statuses}


def _header(name: str, description: str, longest: int) -> Parameter:
    schema = Schema(type=OpenAPIType.STRING, max_length=longest)
    return Parameter(name, "header", schema=schema, description=description)


@dataclass
class Row(Operation):
    """A row whose summary is its handler's first sentence."""

    def __post_init__(self) -> None:
        """Say what it does instead of how its function is called."""
        self.summary = (self.description or "").rstrip(".")


@dataclass
class Read(Row):
    """A read that may wait for a write."""

    def __post_init__(self) -> None:
        """Add the headers that every read takes."""
        super().__post_init__()
        self.parameters = [
            *(self.parameters or []),
            _header("X-Consistency-Token", "Tokens of earlier writes, comma-separated; the read waits for them.", 4096),
            _header("Prefer", "`wait=<seconds>`, at most 10, default 2.", 100),
        ]


@dataclass
class Write(Row):
    """A write that may be repeated safely."""

    def __post_init__(self) -> None:
        """Add the header that every write takes."""
        super().__post_init__()
        key = _header("Idempotency-Key", "A repeat with the same key gives the first answer and does nothing.", 128)
        self.parameters = [*(self.parameters or []), key]


def openapi_config() -> OpenAPIConfig:
    """Describe the API; the page is at /schema, the document at /schema/openapi.json."""
    return OpenAPIConfig(
        title="EC Shop",
        use_handler_docstrings=True,
        version="0.1.0",
        description="A shop whose writes are events. Money is yen, times are UTC, a write answers with an X-Consistency-Token.",
        path="/schema",
        render_plugins=[
            SwaggerRenderPlugin(
                path="/",
                js_url=f"{ASSETS}/swagger-ui-bundle.js",
                css_url=f"{ASSETS}/swagger-ui.css",
                standalone_preset_js_url=f"{ASSETS}/swagger-ui-standalone-preset.js",
                favicon=f'<link rel="icon" href="{ASSETS}/favicon-32x32.png">',
            )
        ],
        components=Components(
            security_schemes={
                "admin": SecurityScheme(type="http", scheme="bearer", description="The ADMIN_TOKEN of the settings."),
                "guest": SecurityScheme(type="apiKey", name="X-User-ID", security_scheme_in="header"),
                "guest_cookie": SecurityScheme(type="apiKey", name="guest_id", security_scheme_in="cookie"),
            }
        ),
    )


def assets() -> Router:
    """Serve the page's scripts and styles from the package that ships them; the package itself is never imported."""
    package = find_spec("flask_swagger_ui")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("flask-swagger-ui is not installed; it ships the files of the OpenAPI page")
    folder = Path(package.origin).parent / "dist"
    return create_static_files_router(path=ASSETS, directories=[folder], include_in_schema=False)
