"""The first screen."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core import now as view
from services.page.core.account import key, short
from services.page.core.alarms import alarms
from services.page.core.hours import counts, kind_of
from services.page.core.outcome import sentence
from services.page.ports import Reading
from services.page.routes.frame import language, page_of, session, show
from services.page.routes.todo import todo
from shared.api import routes as api
from shared.api.bot import Status
from shared.api.cycles import CycleDetail, Cycles
from shared.api.panic import PanicResult
from shared.services import PIPELINE
from shared.switch import COMMANDS

_A_DAY, _MOST = 30, 500  # cycles: of a market, a slot each hour and some exits; of one answer


async def screen(request: Request, template: str = "now.html") -> Response:
    page = page_of(request)
    (status, cycles, details), portfolio, account, open_ends, panics = await asyncio.gather(
        _day(request),
        page.get(request, api.PORTFOLIO),
        page.get(request, api.ACCOUNT),
        todo(request),
        _last_panic(request),
    )
    markets = status.answer.markets
    cards = {
        detail.answer.market: detail.answer
        for detail in sorted(details, key=lambda detail: view.place(detail.answer.market, markets))
    }
    seen = view.now(status.answer, portfolio.answer, cycles.answer.cycles, cards, PIPELINE)
    found = alarms(
        unresolved=len(open_ends.orders) + len(open_ends.foreign),
        short=len(short(account.answer)),
        key=key(account.answer, status.answer.mode, page.clock.now()),
        dead=len(open_ends.dead),
        missed=len(status.answer.missed),
    )
    return show(
        request, template, status, portfolio, account, cycles, *details, *open_ends.readings, *panics,
        tab="now", bot=status.answer, money=portfolio.answer, seen=seen, alarms=found, counts=counts,
        kind_of=kind_of, sentence=sentence, at=status.at, presses=view.PRESSES, commands=COMMANDS,
        panic=view.recent([told.answer for told in panics], page.clock.now()),
    )  # fmt: skip


async def _day(request: Request) -> tuple[Reading[Status], Reading[Cycles], Sequence[Reading[CycleDetail]]]:
    """What the bot does, its cycles of a day, and the newest of each market in full."""
    page = page_of(request)
    status = await page.get(request, api.STATUS)
    cycles = await page.get(request, api.CYCLES, limit=min(_MOST, _A_DAY * len(status.answer.markets)))
    if not view.covers_a_day(cycles.answer):  # a slot each quarter of an hour
        cycles = await page.get(request, api.CYCLES, limit=_MOST)
    newest: dict[str, str] = {}
    for cycle in cycles.answer.cycles:
        if "-" not in cycle.cycle.removeprefix(f"{cycle.market}-"):  # of an hour, no exit's
            newest.setdefault(cycle.market, cycle.cycle)
    details = (page.get(request, api.CYCLE, name, language=language(request)) for _, name in sorted(newest.items()))
    return status, cycles, await asyncio.gather(*details)


async def _last_panic(request: Request) -> Sequence[Reading[PanicResult]]:
    """Of which the owner alone may read."""
    if session(request) is None:
        return ()
    return (await page_of(request).get(request, api.LAST_PANIC, language=language(request)),)


async def live(request: Request) -> Response:
    return await screen(request, "now_live.html")


routes = [Route("/", screen), Route("/now/live", live)]
