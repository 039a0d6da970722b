"""The owner's panic: what it would cancel and sell, and after he said yes, the request."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.page.ports import Away, Refused
from services.page.routes.form import own_form
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api
from shared.switch import SELLS


async def ask(request: Request) -> Response:
    """A part of the first screen. What cannot be shown keeps nobody from asking: it may be an emergency."""
    panic, why = None, ""
    try:
        reading = await page_of(request).get(request, api.PANIC, language=language(request))
        if not reading.is_fresh:
            raise Away("the backend does not answer")
        panic = reading.answer
    except (Away, Refused) as e:
        why = str(e)
    return show(request, "panic.html", panic=panic, why=why, sells=SELLS)


async def panic(request: Request) -> Response:
    owner, given = await own_form(request)
    if given.get("sell") not in ("true", "false"):
        raise HTTPException(400, "say whether to sell: true or false")
    asked = {"sell": given["sell"], "language": language(request)}
    await page_of(request).backend.post(api.ASK_PANIC, token=owner.token, **asked)
    return RedirectResponse("/", 303)


routes = [Route("/panic", ask), Route("/panic", panic, methods=["POST"])]
