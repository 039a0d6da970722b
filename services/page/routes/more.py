"""How it is set up: the look, the jobs, where else to look."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.routes.frame import page_of, show
from shared.api import routes as api
from shared.version import code_version


async def screen(request: Request) -> Response:
    page = page_of(request)
    status, jobs = await asyncio.gather(page.get(request, api.STATUS), page.get(request, api.JOBS))
    return show(
        request, "more.html", status, jobs, tab="more", bot=status.answer, jobs=jobs.answer.jobs,
        version=code_version(), api=page.api, grafana=page.grafana,
    )  # fmt: skip


routes = [Route("/more", screen)]
