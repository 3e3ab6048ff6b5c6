"""The Litestar application around one shop."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.plugins.pydantic import PydanticPlugin
from prometheus_client import CollectorRegistry

from config.settings import Settings
from config.shop import Shop, secret_key
from entrypoints.http import admin, carts, catalogue, health, orders
from entrypoints.http.access_log import AccessLog
from entrypoints.http.background import Background
from entrypoints.http.bodies import StrictRequest
from entrypoints.http.body_schemas import BodySchemas
from entrypoints.http.consistency import CatchUp
from entrypoints.http.crossing import Crossing
from entrypoints.http.desk import Desk
from entrypoints.http.document_page import assets, openapi_config
from entrypoints.http.draining import Draining
from entrypoints.http.figures import Figures
from entrypoints.http.health import Health
from entrypoints.http.manners import Manners, methods_of
from entrypoints.http.problems import answer
from entrypoints.http.request_figures import RequestFigures
from entrypoints.http.telemetry import Telemetry
from entrypoints.http.tokens import Signer

LARGEST_BODY = 1024 * 1024
ROWS = {
    "Products": catalogue.ROWS,
    "Cart": carts.ROWS,
    "Orders": orders.ROWS,
    "Admin": admin.ROWS,
    "Operations": health.ROWS,
}
"""The rows by the heading under which the OpenAPI page shows them."""

HEADERS = (
    "X-Consistency-Token",
    "X-Consistency",
    "Idempotency-Key",
    "Prefer",
    "X-User-ID",
    "X-Request-ID",
    "Retry-After",
    "Link",
    "ETag",
)


def create_app(shop: Shop) -> Litestar:
    """Serve a shop; its projectors run while the app does. The in-memory shop is one process: give it one worker."""
    settings: Settings = shop.settings()
    registry = CollectorRegistry()
    signer = Signer(secret_key(settings))
    background = Background(shop)
    request_figures = RequestFigures()
    registry.register(Figures(background, shop))
    registry.register(request_figures)
    desk = Desk(settings, shop.commands(), shop.queries(), shop.history(), shop.post(), CatchUp(shop.queries()), signer)

    @asynccontextmanager
    async def working(_app: Litestar) -> AsyncIterator[None]:
        background.start()
        try:
            yield
        finally:
            await asyncio.to_thread(background.stop)

    app = Litestar(
        [*(Router("/", route_handlers=rows, tags=[tag]) for tag, rows in ROWS.items()), assets()],
        request_class=StrictRequest,
        plugins=[BodySchemas(), PydanticPlugin(validate_strict=True)],
        exception_handlers={Exception: answer},
        request_max_body_size=LARGEST_BODY,
        cors_config=CORSConfig(
            allow_origins=list(settings.cors_allowed_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", *HEADERS],
            expose_headers=list(HEADERS),
            allow_credentials=True,
        ),
        openapi_config=openapi_config(),
        lifespan=[working],
        logging_config=None,
        state=State(
            {
                "settings": settings,
                "signer": signer,
                "desk": desk,
                "registry": registry,
                "health": Health(shop.event_store(), shop.probes(), background, settings.ready_max_lag),
            }
        ),
    )
    access_log = AccessLog(_to_standard_error) if settings.log_level in {"debug", "info"} else None
    app.asgi_handler = Telemetry(
        Manners(Draining(Crossing(app.asgi_handler)), methods_of(app)), request_figures, access_log
    )
    return app


def _to_standard_error(lines: bytes) -> None:
    sys.stderr.buffer.write(lines)
    sys.stderr.buffer.flush()
