"""Whether this process is well, and its metrics."""

from fastapi import APIRouter, HTTPException, Response

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep
from services.backend.routes.examples import answers
from services.backend.routes.problems import documented
from shared.api import routes
from shared.api.health import Health, Ready
from shared.telemetry import CONTENT_TYPE

router = APIRouter(tags=["health"])


@router.get(
    routes.HEALTH.path, summary="Whether this process is well", responses=answers(examples.HEALTH) | documented(503)
)
async def health(backend: BackendDep) -> Health:
    """200 while the broker is connected; an absent database, a bad switch and a wrong clock are told."""
    if not backend.connected():
        raise HTTPException(503, "no connection to the broker")
    database = await backend.books.lacks() or backend.books_fault() or "ok"
    switch, time = backend.switch_trouble() or "ok", backend.time_fault() or backend.clock_stopped() or "ok"
    return Health(status="ok", database=database, switch=switch, time=time)


@router.get(
    routes.READY.path, summary="Whether all it needs is there", responses=answers(examples.READY) | documented(503)
)
async def ready(backend: BackendDep) -> Ready:
    """200 if broker, its topology and the database are all there, and the clock has not given its tape up."""
    if lacks := await backend.lacks() or await backend.books.lacks() or backend.clock_stopped():
        raise HTTPException(503, lacks)
    return Ready(status="ok")


@router.get(
    routes.METRICS, summary="The metrics", response_class=Response, responses=answers(examples.METRICS, CONTENT_TYPE)
)
async def metrics(backend: BackendDep) -> Response:
    """Prometheus text, version 0.0.4."""
    return Response(await backend.metrics(), headers={"Content-Type": CONTENT_TYPE})
