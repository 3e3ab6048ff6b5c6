"""Rows for those who run the shop."""

from typing import Any

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from core.ports.event_store import EventStore, StoreUnavailable
from core.ports.projection_store import ProjectionStore
from entrypoints.http.background import ProjectorThread
from entrypoints.http.documents import Row, refusals

AnyRequest = Request[Any, Any, Any]
FIGURES = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""Litestar adds the charset to every text."""


class Health:
    """Looks at the parts whose loss the shop's users would notice."""

    def __init__(self, store: EventStore, projections: ProjectionStore, projectors: list[ProjectorThread]) -> None:
        """Look at these."""
        self._store = store
        self._projections = projections
        self._projectors = projectors

    def report(self) -> dict[str, Any]:
        """Say `ready`, `degraded` (streams are parked) or `unready` (a backend is away or a projector died), and why."""
        backends = {"event_store": self._event_store()}
        projectors = {projector.name: self._projector(projector) for projector in self._projectors}
        states = {each["status"] for each in [*backends.values(), *projectors.values()]}
        status = "unready" if states & {"away", "died"} else "degraded" if "parked" in states else "ready"
        return {"status": status, "backends": backends, "projectors": projectors}

    def _event_store(self) -> dict[str, Any]:
        try:
            self._store.incarnation()
        except StoreUnavailable as error:
            return {"status": "away", "detail": str(error)}
        return {"status": "ready"}

    def _projector(self, thread: ProjectorThread) -> dict[str, Any]:
        parked = len(self._projections.parked_streams())
        status = "died" if thread.died else "waiting" if thread.projector.trouble else "parked" if parked else "running"
        facts = {"status": status, "lag_seconds": round(thread.projector.feed.lag_seconds(), 3), "parked": parked}
        detail = thread.died or thread.projector.trouble
        return facts | ({"detail": detail} if detail else {})


@get("/healthz", operation_class=Row)
async def healthz() -> dict[str, str]:
    """Tell that the process lives."""
    return {"status": "alive"}


@get("/readyz", operation_class=Row, responses=refusals(503))
async def readyz(request: AnyRequest) -> Response[dict[str, Any]]:
    """Tell whether the shop can be used, and name what is in its way; 503 when it cannot."""
    health: Health = request.app.state.health
    report = await sync_to_thread(health.report)
    if report["status"] != "unready":
        return Response(report)
    troubled = [
        name
        for part in ("backends", "projectors")
        for name, each in report[part].items()
        if each["status"] in {"away", "died"}
    ]
    sentence = {
        "error": f"Not ready: {', '.join(troubled)}.",
        "code": "unready",
        "request_id": request.scope.get("request_id", ""),
    }
    return Response(report | sentence, status_code=503, headers={"Retry-After": "5"})


@get("/metrics", operation_class=Row, media_type="text/plain")
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Give the figures as Prometheus reads them."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=FIGURES)


ROWS: list[Any] = [healthz, readyz, metrics]
