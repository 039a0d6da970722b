"""One cycle in full, as `why` tells it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.outcome import sentence
from services.page.core.stages import dots
from services.page.core.story import sections
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api
from shared.services import PIPELINE


async def screen(request: Request) -> Response:
    page, spoken = page_of(request), language(request)
    status = await page.get(request, api.STATUS)
    found = await page.get(request, api.CYCLE, request.path_params["cycle"], language=spoken)
    cycle = found.answer
    return show(
        request, "hour.html", status, found, tab="log", bot=status.answer, cycle=cycle,
        sentence=sentence(cycle), dots=dots(cycle, PIPELINE), sections=sections(cycle.why),
        address=api.CYCLE.at(cycle.cycle),
    )  # fmt: skip


routes = [Route("/hour/{cycle}", screen)]
