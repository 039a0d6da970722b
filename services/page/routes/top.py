"""The bar on top of a screen that stays open: what the bot does now, and whether it is known."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.ports import Away
from services.page.routes.frame import page_of, show
from shared.api import routes as api


async def top(request: Request) -> Response:
    status = await page_of(request).get(request, api.STATUS)
    return show(request, "top.html", status, tab="", bot=status.answer)


async def back(request: Request) -> Response:
    """Load the screen anew once there is something to show."""
    try:
        await page_of(request).get(request, api.STATUS)
    except Away:
        return Response(status_code=204)
    return Response(status_code=204, headers={"HX-Refresh": "true"})


routes = [Route("/top", top), Route("/back", back)]
