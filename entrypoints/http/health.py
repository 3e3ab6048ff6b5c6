"""Rows for those who run the shop."""

from typing import Any, Literal, NotRequired, TypedDict

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.openapi import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from core.ports.event_store import EventStore, StoreUnavailable
from core.ports.projection_store import ProjectionStore
from entrypoints.http.background import ProjectorThread
from entrypoints.http.documents import REASONS, Row

AnyRequest = Request[Any, Any, Any]

Ready = Literal["ready", "degraded", "unready"]
TROUBLE = {"away", "died"}
"""What keeps the shop from being used."""


class Backend(TypedDict):
    """Something that the shop asks; `detail` says why it is away."""

    status: Literal["ready", "away"]
    detail: NotRequired[str]


class Projecting(TypedDict):
    """A projector; `lag_seconds` is the age of the oldest event not dealt with, `parked` counts streams."""

    status: Literal["running", "parked", "waiting", "died"]
    lag_seconds: float
    parked: int
    detail: NotRequired[str]


class Readiness(TypedDict):
    """Whether the shop can be used; `degraded` is where streams are parked."""

    status: Ready
    backends: dict[str, Backend]
    projectors: dict[str, Projecting]


class Unready(Readiness):
    """The same as a refusal."""

    error: str
    code: str
    request_id: str


FIGURES = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""Litestar adds the charset to every text."""


class Health:
    """Looks at the parts whose loss the shop's users would notice."""

    def __init__(self, store: EventStore, projections: ProjectionStore, projectors: list[ProjectorThread]) -> None:
        """Look at these."""
        self._store = store
        self._projections = projections
        self._projectors = projectors

    def report(self) -> Readiness:
        """Say `ready`, `degraded` (streams are parked) or `unready` (a backend is away or a projector died), and why."""
        backends = {"event_store": self._event_store()}
        projectors = {projector.name: self._projector(projector) for projector in self._projectors}
        states = {each["status"] for each in backends.values()} | {each["status"] for each in projectors.values()}
        status: Ready = "unready" if states & TROUBLE else "degraded" if "parked" in states else "ready"
        return {"status": status, "backends": backends, "projectors": projectors}

    def _event_store(self) -> Backend:
        try:
            self._store.incarnation()
        except StoreUnavailable as error:
            return {"status": "away", "detail": str(error)}
        return {"status": "ready"}

    def _projector(self, thread: ProjectorThread) -> Projecting:
        parked = len(self._projections.parked_streams())
        trouble = thread.died or thread.projector.trouble
        lag = round(thread.projector.feed.lag_seconds(), 3)
        if trouble:
            status: Literal["died", "waiting"] = "died" if thread.died else "waiting"
            return {"status": status, "lag_seconds": lag, "parked": parked, "detail": trouble}
        return {"status": "parked" if parked else "running", "lag_seconds": lag, "parked": parked}


@get("/healthz", operation_class=Row)
async def healthz() -> dict[str, str]:
    """Tell that the process lives."""
    return {"status": "alive"}


@get(
    "/readyz",
    operation_class=Row,
    responses={503: ResponseSpec(Unready, description=REASONS[503], generate_examples=False)},
)
async def readyz(request: AnyRequest) -> Response[Readiness]:
    """Tell whether the shop can be used, and name what is in its way; 503 when it cannot."""
    health: Health = request.app.state.health
    report = await sync_to_thread(health.report)
    if report["status"] != "unready":
        return Response(report)
    parts = [*report["backends"].items(), *report["projectors"].items()]
    unready: Unready = {
        **report,
        "error": f"Not ready: {', '.join(name for name, part in parts if part['status'] in TROUBLE)}.",
        "code": "unready",
        "request_id": str(request.scope.get("request_id", "")),
    }
    return Response(unready, status_code=503, headers={"Retry-After": "5"})


@get("/metrics", operation_class=Row, media_type="text/plain")
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Give the figures as Prometheus reads them."""
    registry: CollectorRegistry = request.app.state.registry
    # Some figures are looked up where parked streams are kept, which may be a database.
    return Response(await sync_to_thread(generate_latest, registry), media_type=FIGURES)


ROWS: list[Any] = [healthz, readyz, metrics]
