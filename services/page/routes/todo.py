"""Read what waits for the owner: orders in doubt, and messages that nobody could handle."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from services.page.core.doubt import is_settled, may_be_open
from services.page.ports import Reading
from services.page.routes.frame import language, page_of, session
from shared.api import routes as api
from shared.api.cycles import CycleDetail
from shared.api.trouble import DeadLetter, UnresolvedOrder

_FAILED, _TOLD = 200, 10  # cycles a stranger's list is made of; orders that are told, each with its events


@dataclass(frozen=True, slots=True)
class Todo:
    """orders: cycles of ours, with all that is known. foreign: of the exchange, unknown to the log."""

    readings: Sequence[Reading[Any]]
    orders: Sequence[CycleDetail]
    foreign: Sequence[UnresolvedOrder] = ()
    dead: Sequence[DeadLetter] = ()


async def todo(request: Request) -> Todo:
    """The owner alone may read the lists; a stranger is told of what stands in the cycles that he may read."""
    page, spoken = page_of(request), language(request)
    if session(request) is None:
        failed = await page.get(request, api.CYCLES, status="failed", limit=_FAILED)
        doubtful = [cycle.cycle for cycle in failed.answer.cycles if may_be_open(cycle)]
        details = [detail for detail in await _details(request, doubtful[:_TOLD]) if not is_settled(detail.answer)]
        return Todo([failed, *details], [detail.answer for detail in details])
    unresolved, dead = await asyncio.gather(
        page.get(request, api.UNRESOLVED, language=spoken), page.get(request, api.DEAD)
    )
    orders = unresolved.answer.orders
    ours = [order.cycle for order in orders if order.kind == "unresolved"]
    details = await _details(request, ours[:_TOLD])
    return Todo(
        [unresolved, dead, *details],
        [detail.answer for detail in details],
        [order for order in orders if order.kind == "foreign"],
        dead.answer.letters,
    )


async def _details(request: Request, cycles: Sequence[str]) -> list[Reading[CycleDetail]]:
    page, spoken = page_of(request), language(request)
    return list(await asyncio.gather(*(page.get(request, api.CYCLE, cycle, language=spoken) for cycle in cycles)))
