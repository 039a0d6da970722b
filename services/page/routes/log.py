"""What happened, newest first: filtered, with missed slots as ranges."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.hours import gaps
from services.page.core.outcome import row, sentence
from services.page.core.runs import runs
from services.page.routes.csv import TABLES
from services.page.routes.frame import language, page_of, show
from services.page.routes.unsettled import unsettled
from shared.api import routes as api
from shared.glossary import CAUSES

PAGE = 50


async def screen(request: Request) -> Response:
    market, trouble = request.query_params.get("market", ""), request.query_params.get("only") == "trouble"
    start = request.query_params.get("from", "0")
    offset = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 0
    query: dict[str, str | int] = {"limit": PAGE, "offset": offset}
    query |= {"market": market} if market else {}
    query |= {"status": "failed"} if trouble else {}
    page = page_of(request)
    status, cycles, every, orders = await asyncio.gather(
        page.get(request, api.STATUS),
        page.get(request, api.CYCLES, **query),
        page.get(request, api.CYCLES, limit=200),
        unsettled(request),
    )
    markets = sorted({cycle.market for cycle in every.answer.cycles})
    missed = [slot for slot in status.answer.missed if market in ("", slot.market)]
    older = offset + PAGE if offset + PAGE < cycles.answer.total else None
    return show(
        request, "log_rows.html" if request.headers.get("HX-Request") and offset else "log.html",
        status, cycles, *orders,
        tab="log", bot=status.answer, cycles=cycles.answer.cycles, total=cycles.answer.total, markets=markets,
        market=market, trouble=trouble, older=older, gaps=gaps(missed, language(request)), runs=runs, row=row,
        causes=CAUSES[language(request)], unsettled=[order.answer for order in orders],
        sentence=sentence, tables=TABLES,
    )  # fmt: skip


routes = [Route("/log", screen)]
