"""The owner's switch: only from a form of this page, in a browser that was shown the token."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.page.routes.form import own_form
from services.page.routes.frame import page_of
from shared.api import routes as api


async def give(request: Request) -> Response:
    owner, _ = await own_form(request)
    command = request.path_params["command"]
    if command not in api.SWITCH:
        raise HTTPException(404, f"there is no such command; choose one of {', '.join(api.SWITCH)}")
    await page_of(request).backend.post(api.SWITCH[command], token=owner.token)
    return RedirectResponse("/", 303)


routes = [Route("/switch/{command}", give, methods=["POST"])]
