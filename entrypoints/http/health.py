"""Rows for those who run the shop."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, NotRequired, TypedDict

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.openapi import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from core.delivery.projector import AWAY
from core.ports.event_feed import FeedUnavailable
from core.ports.event_store import EventStore
from entrypoints.http.background import Background
from entrypoints.http.background import Projecting as AtWork
from entrypoints.http.documents import REASONS, Row
from entrypoints.http.looks import Looks
from entrypoints.workers import relay

AnyRequest = Request[Any, Any, Any]

Ready = Literal["ready", "degraded", "unready"]
ProjectorStatus = Literal["running", "parked", "waiting", "lagging", "away", "died"]
DOUBT = {"parked", "waiting"}
TROUBLE = {"away", "died", "lagging"}
"""What keeps the shop from being used."""

PATIENCE = 3.0
"""Seconds that a part has to answer: who asks gives up soon."""

SILENT = f"no answer within {PATIENCE:g} seconds"


class Backend(TypedDict):
    """Something that the shop asks; `detail` says why it is away, or what a relay waits for."""

    status: Literal["ready", "waiting", "away"]
    detail: NotRequired[str]


class Projecting(TypedDict):
    """A projector; `lag_seconds` is the age of the oldest event not dealt with, as far as that can be told, `parked` counts streams."""

    status: ProjectorStatus
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

    def __init__(
        self, store: EventStore, probes: Mapping[str, Callable[[], object]], background: Background, most_lag: float
    ) -> None:
        """Look at these; a projector that is `most_lag` seconds behind is not ready."""
        self._probes = {"event_store": store.incarnation, **probes}
        self._background = background
        self._most_lag = most_lag
        self._backend_looks: Looks[Backend] = Looks()
        self._projector_looks: Looks[Projecting] = Looks()

    async def report(self) -> Readiness:
        """Say `ready`, `degraded` (streams are parked) or `unready` (a backend is away or a projector died), and why."""
        at_work = self._background.projectors
        asked, looked = await asyncio.gather(
            self._backend_looks.at({name: partial(_asked, probe) for name, probe in self._probes.items()}, PATIENCE),
            self._projector_looks.at(
                {name: partial(self._projector, each) for name, each in at_work.items()}, PATIENCE
            ),
        )
        backends = {name: each or {"status": "away", "detail": SILENT} for name, each in asked.items()}
        backends |= {
            each.name: {"status": "away", "detail": each.died} for each in self._background.others if each.died
        }
        backends |= {
            each.name: {"status": "waiting", "detail": each.trouble}
            for each in self._background.others
            if each.name == relay.NAME and each.trouble and not each.died
        }
        projectors = {name: each or _away(at_work[name].thread.died or SILENT) for name, each in looked.items()}
        states = {each["status"] for each in backends.values()} | {each["status"] for each in projectors.values()}
        status: Ready = "unready" if states & TROUBLE else "degraded" if states & DOUBT else "ready"
        return {"status": status, "backends": backends, "projectors": projectors}

    def _projector(self, at_work: AtWork) -> Projecting:
        thread, projector, projections = at_work
        try:
            lag, parked = round(projector.feed.lag_seconds(), 3), len(projections.parked_streams())
            hindrance = projector.feed.hindrance() if lag > self._most_lag else ""
        except AWAY as error:
            lag = error.lag_seconds if isinstance(error, FeedUnavailable) else 0.0
            return _away(thread.died or str(error), lag)
        status: ProjectorStatus = "parked" if parked else "running"
        detail = thread.trouble
        if thread.died:
            status = "died"
        elif lag > self._most_lag:
            status, detail = "lagging", detail or hindrance or f"it is more than {self._most_lag:g} seconds behind"
        elif detail:
            status = "waiting"
        told: Projecting = {"status": status, "lag_seconds": lag, "parked": parked}
        return {**told, "detail": detail} if detail else told


def _away(detail: str, lag_seconds: float = 0.0) -> Projecting:
    return {"status": "away", "lag_seconds": round(lag_seconds, 3), "parked": 0, "detail": detail}


def _asked(probe: Callable[[], object]) -> Backend:
    try:
        probe()
    except AWAY as error:
        return {"status": "away", "detail": str(error)}
    return {"status": "ready"}


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
    report = await health.report()
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
