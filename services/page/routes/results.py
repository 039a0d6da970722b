"""Does it earn: what the books say, and what so few trades can prove."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.routes.frame import page_of, show
from shared.api import routes as api

FAIR = 30  # sales; below it a share of winners says little


async def screen(request: Request) -> Response:
    page = page_of(request)
    status, stats, money = await asyncio.gather(
        page.get(request, api.STATUS), page.get(request, api.STATS, by="month"), page.get(request, api.PORTFOLIO)
    )
    values = [valued.total_value_krw for valued in reversed(money.answer.history)]
    return show(
        request, "results.html", status, stats, money, tab="results", bot=status.answer, stats=stats.answer,
        money=money.answer, values=values, fair=FAIR,
    )  # fmt: skip


routes = [Route("/results", screen)]
