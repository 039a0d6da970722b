"""The guides, read on the page."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.page.core import guide
from services.page.core.words import words
from services.page.ports import Away
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api


async def screen(request: Request) -> Response:
    name, spoken = request.path_params["name"], language(request)
    text = page_of(request).guides.read(name, spoken)
    if text is None:
        raise HTTPException(404, f"there is no such guide; choose one of {', '.join(guide.GUIDES)}")
    told = guide.html(text, words(spoken)["table"])
    try:
        status = [await page_of(request).get(request, api.STATUS)]
    except Away:
        status = []
    bot = status[0].answer if status else None
    return show(request, "guide.html", *status, tab="more", bot=bot, title=guide.title(text), told=told)


routes = [Route("/guide/{name}", screen)]
