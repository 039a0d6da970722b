"""What happened, newest first: filtered, with missed slots as ranges."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.hours import EVERY, KINDS, gaps, kind_of
from services.page.core.outcome import row, sentence
from services.page.core.runs import runs
from services.page.ports import Reading
from services.page.routes.csv import TABLES
from services.page.routes.frame import language, page_of, show
from services.page.routes.todo import todo
from shared.api import routes as api
from shared.api.cycles import Cycle
from shared.glossary import CAUSES
from shared.types import UtcTime

ROWS, LOOKED_AT, LOOKS = 50, 200, 5  # of one page; cycles that one look for a kind brings; looks for one page


async def screen(request: Request) -> Response:
    given = request.query_params
    market, kind, before = given.get("market", ""), given.get("kind", ""), given.get("before", "")
    kind = kind if kind in KINDS else ""
    page, spoken = page_of(request), language(request)
    status, found, stats, open_ends = await asyncio.gather(
        page.get(request, api.STATUS),
        _found(request, market, kind, before),
        page.get(request, api.STATS),
        todo(request),
    )
    readings, cycles, older = found
    traded = {each.symbol for each in stats.answer.markets} | {cycle.market for cycle in cycles}
    markets = sorted(traded | set(status.answer.markets))
    missed = [slot for slot in status.answer.missed if market in ("", slot.market)]
    return show(
        request, "log_rows.html" if request.headers.get("HX-Request") and before else "log.html",
        status, *readings, *open_ends.readings,
        tab="log", bot=status.answer, cycles=cycles, markets=markets, kinds=KINDS, kind=kind, market=market,
        older=older, reached=reached(readings), runs=runs, row=row, sentence=sentence, tables=TABLES,
        causes=CAUSES[spoken], gaps=gaps(missed, spoken) if kind in ("", "trouble") and not before else (),
        todo=open_ends,
    )  # fmt: skip


async def _found(
    request: Request, market: str, kind: str, before: str
) -> tuple[Sequence[Reading[Any]], Sequence[Cycle], str | None]:
    """What was read, the cycles of a kind in it, and where the next page begins. The books know no kinds but failed."""
    query: dict[str, str | int] = {"limit": LOOKED_AT if kind in EVERY else ROWS, "language": language(request)}
    query |= {"market": market} if market else {}
    query |= {"status": "failed"} if kind == "trouble" else {}
    readings: list[Reading[Any]] = []
    cycles: list[Cycle] = []
    older: str | None = before or None
    for _ in range(LOOKS):
        query |= {"before": older} if older else {}
        reading = await page_of(request).get(request, api.CYCLES, **query)
        readings.append(reading)
        cycles += [cycle for cycle in reading.answer.cycles if kind not in EVERY or kind_of(cycle) == kind]
        older = reading.answer.older
        if older is None or kind not in EVERY or len(cycles) >= ROWS:
            break
    return readings, cycles, older


def reached(readings: Sequence[Reading[Any]]) -> UtcTime | None:
    """The oldest hour that was looked at."""
    return min((reading.answer.cycles[-1].slot_at for reading in readings if reading.answer.cycles), default=None)


routes = [Route("/log", screen)]
