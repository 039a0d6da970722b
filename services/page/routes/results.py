"""Does it earn: what the books say, and what so few trades can prove."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.figures import BY, added, grouped, likely, spent, wins
from services.page.core.gate_record import gate_record
from services.page.core.holding import holding
from services.page.core.worth import deepest_fall, worth
from services.page.ports import Away
from services.page.routes.csv import TABLES
from services.page.routes.frame import page_of, show
from shared.api import routes as api
from shared.api.chart import Candle, GateDecision
from shared.types import UtcTime
from shared.writing import seoul_day, seoul_iso

SPANS = ("7", "30", "365")  # days
_BEFORE = timedelta(hours=24)  # an hour that nobody traded in has no candle
_PAGES_OF_CANDLES = 9  # a year's
_PAGES = 5
FAIR = 30  # sales; below it a share of winners says little


async def screen(request: Request) -> Response:
    page, query = page_of(request), request.query_params
    span = query.get("span", "30") if query.get("span") in SPANS else "30"
    by = next((name for name in BY if name == query.get("by")), BY[0])
    status, money = await asyncio.gather(
        page.get(request, api.STATUS), page.get(request, api.PORTFOLIO, hours=24 * int(span))
    )
    line = worth(money.answer.history)
    since_when = (money.answer.valued_at or page.clock.now()) - timedelta(days=int(span))
    first = seoul_day(since_when)
    stats, costs, gate, *prices = await asyncio.gather(
        page.get(request, api.STATS, by="day", **{"from": first.isoformat()}),
        page.get(request, api.COSTS, limit=366),
        _gate(request, since_when),
        *(_candles(request, market, line.line[0].at) for market in status.answer.markets if line),
    )
    days = stats.answer.periods
    sums = added("", days)
    return show(
        request, "results.html", status, stats, money, costs, tab="results", bot=status.answer, money=money.answer,
        spans=SPANS, span=span, every_by=BY, by=by, stats=stats.answer, wins=wins, tables=TABLES, fair=FAIR,
        worth=line, hold=holding(line.line, prices) if line else None, deepest_fall=deepest_fall,
        sums=sums, rows=grouped(days, by), likely=likely(sums.wins, sums.sells) if sums.sells else None,
        gate=gate_record(gate), spent=spent(costs.answer.periods, first),
    )  # fmt: skip


async def _candles(request: Request, market: str, first: UtcTime) -> Sequence[Candle]:
    """Oldest first, from a little before a time on; none where the log cannot be read now."""
    found: list[Candle] = []
    query: dict[str, str | int] = {"market": market, "limit": 1000, "from": seoul_iso(first - _BEFORE)}
    for _ in range(_PAGES_OF_CANDLES):
        try:
            page = (await page_of(request).get(request, api.CANDLES, **query)).answer.candles
        except Away:
            return []
        found[:0] = page
        if len(page) < 1000:
            break
        query["to"] = seoul_iso(page[0].at)
    return found


async def _gate(request: Request, since_when: UtcTime) -> Sequence[GateDecision]:
    """Newest first, as far back as a few pages go."""
    found: list[GateDecision] = []
    query: dict[str, str | int] = {"limit": 1000}
    for _ in range(_PAGES):
        page = (await page_of(request).get(request, api.GATE, **query)).answer
        found += [decision for decision in page.decisions if decision.slot_at >= since_when]
        if page.older is None or len(found) % 1000:
            break
        query["before"] = page.older
    return found


routes = [Route("/results", screen)]
