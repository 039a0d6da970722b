"""One cycle in full: what was known, said and done, with every figure the log has of it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core.evidence import cited
from services.page.core.known import known
from services.page.core.margins import margins
from services.page.core.now import gate_bar
from services.page.core.outcome import sentence
from services.page.core.stages import dots
from services.page.core.story import sections
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api
from shared.events import DecisionMade, OrderDenied, OrderIntended
from shared.services import PIPELINE

BOOK_LEVELS = 5


async def screen(request: Request) -> Response:
    page, spoken = page_of(request), language(request)
    status = await page.get(request, api.STATUS)
    found = await page.get(request, api.CYCLE, request.path_params["cycle"], language=spoken)
    cycle = found.answer
    seen = known(cycle)
    decision, denied = seen.first(DecisionMade), seen.first(OrderDenied)
    return show(
        request, "hour.html", status, found, tab="log", bot=status.answer, cycle=cycle,
        sentence=sentence(cycle), dots=dots(cycle, PIPELINE), sections=sections(cycle.why, spoken),
        gate=gate_bar(seen), decision=decision, evidence=cited(decision) if decision else [],
        intent=seen.first(OrderIntended), denied=denied, margins=margins(seen),
        book=seen.look.book.levels[:BOOK_LEVELS] if seen.look else [],
        api=page.api, address=api.CYCLE.at(cycle.cycle), asks_readers=page.asks_readers,
    )  # fmt: skip


routes = [Route("/hour/{cycle}", screen)]
