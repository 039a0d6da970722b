"""The owner's own sale of a position: what it would bring, and after he said yes, the request."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.page.ports import Away, Refused
from services.page.routes.form import own_form
from services.page.routes.frame import Page, page_of, show
from shared.api import routes as api

_LOOKS, _LOOK_S = 10, 0.2  # the books are a moment behind the log


async def ask(request: Request) -> Response:
    """A part of the first screen: whatever comes, it says it in its dialog."""
    sale, why = None, ""
    try:
        reading = await page_of(request).get(request, api.SALE, request.path_params["market"])
        if not reading.is_fresh:
            raise Away("the backend does not answer, and prices of a while ago are none")
        sale = reading.answer
    except (Away, Refused) as e:
        why = str(e)
    return show(request, "sale.html", sale=sale, why=why)


async def sell(request: Request) -> Response:
    owner, given = await own_form(request)
    page, shown = page_of(request), {"id": given.get("id", ""), "amount": given.get("amount", "")}
    sale = await page.backend.post(api.SELL, request.path_params["market"], token=owner.token, **shown)
    return RedirectResponse(f"/hour/{sale.cycle}" if await _is_booked(page, request, sale.cycle) else "/", 303)


async def _is_booked(page: Page, request: Request, cycle: str) -> bool:
    for _ in range(_LOOKS):
        try:
            await page.get(request, api.CYCLE, cycle)
        except (Away, Refused):
            await asyncio.sleep(_LOOK_S)
        else:
            return True
    return False


routes = [Route("/sell/{market}", ask), Route("/sell/{market}", sell, methods=["POST"])]
