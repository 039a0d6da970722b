"""Read which orders are still in doubt, for the screens that tell of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from services.page.core.doubt import is_settled, may_be_open
from services.page.ports import Reading
from services.page.routes.frame import language, page_of
from shared.api import routes as api

_LOOKED_AT, _TOLD = 200, 10  # failed cycles; orders, each with its events


async def unsettled(request: Request) -> Sequence[Reading[Any]]:
    """The cycles of the orders that nobody has settled, newest first."""
    page = page_of(request)
    failed = await page.get(request, api.CYCLES, status="failed", limit=_LOOKED_AT)
    doubtful = [cycle.cycle for cycle in failed.answer.cycles if may_be_open(cycle)][:_TOLD]
    details = await asyncio.gather(
        *(page.get(request, api.CYCLE, cycle, language=language(request)) for cycle in doubtful)
    )
    return [detail for detail in details if not is_settled(detail.answer)]
