"""What the process of a stage serves: its readers, and its pages for health and metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.stage.stage import Stage
from shared.telemetry import CONTENT_TYPE


def asgi(stage: Stage) -> ASGIApp:
    """The process of a stage: its readers, and /health, /ready, /metrics."""

    async def health(_: Request) -> Response:
        connected = stage.broker.connection.is_connected
        return PlainTextResponse("ok" if connected else "no connection to the broker", 200 if connected else 503)

    async def ready(_: Request) -> Response:
        lacks = await stage.ready()
        return PlainTextResponse(lacks or "ok", 503 if lacks else 200)

    async def metrics(_: Request) -> Response:
        return Response(stage.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with stage.running():
            yield

    routes = [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]
    return Starlette(routes=routes, lifespan=lifespan)
