"""The OpenAPI document and its page, served from here: it works without any other host."""

from importlib.util import find_spec
from pathlib import Path

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from litestar.response import File

ASSETS = "/schema/assets"


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


def assets() -> HTTPRouteHandler:
    """Serve the page's scripts and styles from the package that ships them; the package itself is never imported.

    By name among those that are there: what a client asks for is never looked for in the file system.
    """
    package = find_spec("flask_swagger_ui")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("flask-swagger-ui is not installed; it ships the files of the OpenAPI page")
    files = {file.name: file for file in (Path(package.origin).parent / "dist").iterdir() if file.is_file()}

    @get(f"{ASSETS}/{{name:str}}", include_in_schema=False, sync_to_thread=False)
    def asset(name: FromPath[str]) -> File:
        if name not in files:
            raise NotFoundException
        return File(files[name], filename=name, content_disposition_type="inline")

    return asset
