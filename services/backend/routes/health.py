"""Whether this process is well, and its metrics."""

from fastapi import APIRouter, HTTPException, Response

from services.backend.routes.asked import Asked
from services.backend.routes.problems import documented
from shared.telemetry import CONTENT_TYPE

router = APIRouter(tags=["health"])


@router.get("/health", responses=documented(503))
async def health(backend: Asked) -> dict[str, str]:
    """200 while the broker is connected; an absent database is told, and the events wait for it."""
    if not backend.connected():
        raise HTTPException(503, "no connection to the broker")
    return {"status": "ok", "database": await backend.books.lacks() or "ok"}


@router.get("/ready", responses=documented(503))
async def ready(backend: Asked) -> dict[str, str]:
    """200 if broker, its topology and the database are all there."""
    if lacks := await backend.lacks() or await backend.books.lacks():
        raise HTTPException(503, lacks)
    return {"status": "ok"}


@router.get("/metrics", response_class=Response)
async def metrics(backend: Asked) -> Response:
    """Prometheus text, version 0.0.4."""
    return Response(await backend.metrics(), headers={"Content-Type": CONTENT_TYPE})
