"""One cycle in full: what was known, said and done, with every figure the log has of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core import chart
from services.page.core.after import LATER, later
from services.page.core.cycle_log import cycle_log
from services.page.core.evidence import cited
from services.page.core.margins import margins
from services.page.core.now import gate_bar
from services.page.core.outcome import sentence
from services.page.core.stages import dots
from services.page.core.story import sections
from services.page.ports import Away, Reading, Refused
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api
from shared.api.chart import Candle, Candles
from shared.api.cycles import CycleDetail
from shared.events import DecisionMade, OrderDenied, OrderIntended
from shared.prompt.request import OPENAI
from shared.services import PIPELINE
from shared.types import UtcTime

BOOK_LEVELS = 5
_MANY = 200
BEFORE, AFTER = timedelta(hours=48), timedelta(hours=LATER[-1])


async def screen(request: Request) -> Response:
    page, spoken = page_of(request), language(request)
    status = await page.get(request, api.STATUS)
    found = await page.get(request, api.CYCLE, request.path_params["cycle"], language=spoken)
    cycle = found.answer
    seen = cycle_log(cycle)
    decision, denied = seen.first(DecisionMade), seen.first(OrderDenied)
    asked = decision is not None and decision.call is not None
    then, *sent = await asyncio.gather(
        _candles(request, cycle, cycle.slot_at), *([page.get(request, api.PROMPT, cycle.cycle)] if asked else ())
    )
    prompt = sent[0].answer if sent else None
    evidence = cited(decision, prompt) if decision else []
    return show(
        request, "hour.html", status, found, then, *sent, tab="log", bot=status.answer, cycle=cycle,
        sentence=sentence(cycle), dots=dots(cycle, PIPELINE), 
        sections=sections(cycle.why, spoken, without="evidence" if evidence else None),
        gate=gate_bar(seen), decision=decision, prompt=prompt, evidence=evidence,
        intent=seen.first(OrderIntended), denied=denied, margins=margins(seen),
        then=then.answer.candles, drawn=_drawn(then.answer.candles, chart.past(seen.look.past) if seen.look else []),
        book=seen.look.book.levels[:BOOK_LEVELS] if seen.look else [],
        api=page.api, address=api.CYCLE.at(cycle.cycle),
        prompt_address=api.PROMPT.at(cycle.cycle), openai=OPENAI, asks_readers=page.asks_readers,
    )  # fmt: skip


async def prompt(request: Request) -> Response:
    """A part of the screen, asked for once it is unfolded: whatever comes, it says it in its place."""
    try:
        found = await page_of(request).get(request, api.PROMPT, request.path_params["cycle"])
    except (Away, Refused) as e:
        return show(request, "hour_prompt.html", prompt=None, refusal=str(e))
    return show(request, "hour_prompt.html", found, prompt=found.answer, refusal="")


async def after(request: Request) -> Response:
    """The same chart further on, and the prices; nothing of it is in the screen."""
    page = page_of(request)
    found = await page.get(request, api.CYCLE, request.path_params["cycle"], language=language(request))
    cycle = found.answer
    came = await _candles(request, cycle, cycle.slot_at + AFTER)
    look = cycle_log(cycle).look
    price = look.price if look else cycle.price
    own = chart.hours([cycle], cycle.slot_at)
    return show(
        request, "hour_after.html", found, came, drawn=_drawn(came.answer.candles, own), price=price,
        later=later(came.answer.candles, cycle.slot_at, price) if price else [],
    )  # fmt: skip


async def _candles(request: Request, cycle: CycleDetail, until: UtcTime) -> Reading[Candles]:
    """As they were known then."""
    span = {"from": (cycle.slot_at - BEFORE).isoformat(), "to": until.isoformat()}
    return await page_of(request).get(request, api.CANDLES, market=cycle.market, limit=_MANY, **span)


def _drawn(candles: Sequence[Candle], marks: Sequence[chart.Hour]) -> dict[str, Any]:
    fills = [chart.Fill(mark.t, mark.kind, "") for mark in marks if mark.kind in ("buy", "sell")]
    return asdict(chart.Drawn(chart.bars(candles), hours=marks, fills=fills))


routes = [Route("/hour/{cycle}", screen), Route("/hour/{cycle}/prompt", prompt), Route("/hour/{cycle}/after", after)]
