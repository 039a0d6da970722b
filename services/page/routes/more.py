"""How it is set up: the look, the jobs, where else to look."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.account import key, short
from services.page.core.guide import GUIDES, title
from services.page.core.setup import sorted_out
from services.page.core.words.settings import about
from services.page.routes.frame import language, page_of, session, show
from shared.api import routes as api
from shared.version import code_version


async def screen(request: Request) -> Response:
    page, spoken = page_of(request), language(request)
    status, jobs, costs, account, histories, *settings = await asyncio.gather(
        page.get(request, api.STATUS),
        page.get(request, api.JOBS),
        page.get(request, api.COSTS, limit=1),
        page.get(request, api.ACCOUNT),
        page.get(request, api.HISTORIES),
        *([page.get(request, api.SETTINGS)] if session(request) else []),
    )
    return show(
        request, "more.html", status, jobs, costs, account, histories, *settings,
        tab="more", bot=status.answer, jobs=jobs.answer.jobs, budget=costs.answer.model_budget,
        account=account.answer, short=short(account.answer),
        key=key(account.answer, status.answer.mode, page.clock.now()), histories=histories.answer.histories,
        settings=sorted_out(settings[0].answer) if settings else None,
        guides=[(name, title(text)) for name in GUIDES if (text := page.guides.read(name, spoken))],
        about=about, version=code_version(), api=page.api, grafana=page.grafana,
    )  # fmt: skip


routes = [Route("/more", screen)]
