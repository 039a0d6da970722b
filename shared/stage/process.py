"""The process of a service: its pages for health and metrics, and how it is run."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.errors import Permanent
from shared.sentry import set_up_sentry
from shared.services import NAMED
from shared.settings import PRIVATE, BadSetting, Settings
from shared.stage.stage import Stage
from shared.telemetry import CONTENT_TYPE, set_up_logs


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


def serve(name: str, create: Callable[[Settings], ASGIApp], **how: Any) -> None:
    """Run a service's process until SIGINT or SIGTERM; `how`: more of uvicorn's settings.

    A wrong setting ends it with one sentence.
    """
    os.umask(PRIVATE)
    try:
        settings = Settings.load()
        set_up_logs(settings.log_level, service=name)
        set_up_sentry(settings, service=name)
        app = create(settings)
    except (BadSetting, Permanent) as e:
        sys.exit(f"{name}: {e}")
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port or NAMED[name].port,
        log_config=None,
        access_log=False,
        date_header=name != "paper",
        **how,
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(3)
