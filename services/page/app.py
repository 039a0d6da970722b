"""Wires the page: screens over the backend's API, a cookie for the owner, one ear for what happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.page.adapters import static_files
from services.page.adapters.backend import HttpBackend
from services.page.adapters.files import HttpFiles
from services.page.adapters.guide_files import GuideFiles
from services.page.adapters.pulse import EventPulse
from services.page.core.sessions import Sessions
from services.page.routes import (
    chart,
    csv,
    door,
    events,
    guide,
    hour,
    jobs,
    log,
    more,
    now,
    panic,
    results,
    sell,
    switch,
    top,
)
from services.page.routes.frame import Page, failed, templates
from services.page.routes.headers import Guarded
from shared.clock import SystemClock
from shared.hosts import TrustedHosts
from shared.http_client import direct_client, streaming_client
from shared.settings import Settings

PARTS = (now, chart, log, hour, results, more, top, switch, sell, panic, jobs, csv, door, events, guide)


def create_app(settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """transport: the way to the backend, for tests."""
    client = direct_client(base_url=settings.backend_url, timeout=5, transport=transport)
    clock = SystemClock()
    stream = streaming_client(base_url=settings.backend_url, transport=transport)
    pulse, static = EventPulse(stream), static_files.address()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ear = asyncio.create_task(pulse.listen())
        try:
            yield
        finally:
            ear.cancel()
            with suppress(asyncio.CancelledError):
                await ear
            await client.aclose()
            await stream.aclose()

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", health),  # it stands alone: a backend that is away is what it shows, not what it waits for
            *(route for part in PARTS for route in part.routes),
            Mount(static, StaticFiles(directory=static_files.FOLDER), middleware=[Middleware(GZipMiddleware)]),
        ],
        middleware=[Middleware(Guarded), Middleware(TrustedHosts, names=settings.api_hosts)],
        lifespan=lifespan,
        exception_handlers=failed,
    )
    app.state.page = Page(
        backend=HttpBackend(client, clock),
        files=HttpFiles(stream),
        guides=GuideFiles(),
        pulse=pulse,
        sessions=Sessions(),
        templates=templates(static),
        language=settings.language,
        api=(settings.api_url or settings.backend_url).rstrip("/"),
        grafana=settings.grafana_url,
        asks_readers=settings.api_require_auth_for_reads,
        clock=clock,
    )
    return app
