"""Does it earn: what the books say, and what so few trades can prove."""

import asyncio
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.figures import BY, added, grouped, likely, since
from services.page.core.worth import worth
from services.page.routes.csv import TABLES
from services.page.routes.frame import page_of, show
from shared.api import routes as api
from shared.writing import seoul_day

SPANS = ("7", "30", "365")  # days
FAIR = 30  # sales; below it a share of winners says little


async def screen(request: Request) -> Response:
    page, query = page_of(request), request.query_params
    span = query.get("span", "30") if query.get("span") in SPANS else "30"
    by = next((name for name in BY if name == query.get("by")), BY[0])
    status, stats, money = await asyncio.gather(
        page.get(request, api.STATUS),
        page.get(request, api.STATS, by="day"),
        page.get(request, api.PORTFOLIO, hours=24 * int(span)),
    )
    until = money.answer.valued_at or page.clock.now()
    days = since(stats.answer.periods, seoul_day(until - timedelta(days=int(span))))
    whole = added("", days)
    return show(
        request, "results.html", status, stats, money, tab="results", bot=status.answer, money=money.answer,
        spans=SPANS, span=span, every_by=BY, by=by, worth=worth(money.answer.history), whole=whole,
        rows=grouped(days, by), likely=likely(whole.wins, whole.sells) if whole.sells else None, fair=FAIR,
        markets=stats.answer.markets, tables=TABLES,
    )  # fmt: skip


routes = [Route("/results", screen)]
