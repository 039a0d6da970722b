"""The first screen."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core import now as view
from services.page.core.account import key, short
from services.page.core.alarms import alarms
from services.page.core.hours import counts, kind_of
from services.page.core.outcome import sentence
from services.page.routes.frame import language, page_of, show
from services.page.routes.todo import todo
from shared.api import routes as api
from shared.services import PIPELINE
from shared.switch import COMMANDS

_A_DAY = 24 * 20  # cycles: of twenty markets


async def screen(request: Request, template: str = "now.html") -> Response:
    page, spoken = page_of(request), language(request)
    status, portfolio, account, cycles, open_ends = await asyncio.gather(
        page.get(request, api.STATUS),
        page.get(request, api.PORTFOLIO),
        page.get(request, api.ACCOUNT),
        page.get(request, api.CYCLES, limit=_A_DAY),
        todo(request),
    )
    newest: dict[str, str] = {}
    for cycle in cycles.answer.cycles:
        if "-" not in cycle.cycle.removeprefix(f"{cycle.market}-"):  # of an hour, no exit's
            newest.setdefault(cycle.market, cycle.cycle)
    details = await asyncio.gather(
        *(page.get(request, api.CYCLE, name, language=spoken) for _, name in sorted(newest.items()))
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
        request, template, status, portfolio, account, cycles, *details, *open_ends.readings,
        tab="now", bot=status.answer, money=portfolio.answer, seen=seen, alarms=found, counts=counts,
        kind_of=kind_of, sentence=sentence, at=status.at, presses=view.PRESSES, commands=COMMANDS,
    )  # fmt: skip


async def live(request: Request) -> Response:
    return await screen(request, "now_live.html")


routes = [Route("/", screen), Route("/now/live", live)]
