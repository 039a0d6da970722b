"""Tell a browser that something happened; what it was stands in the screen it then asks for."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from services.page.routes.frame import page_of, session


async def events(request: Request) -> Response:
    pulse = page_of(request).pulse
    if pulse.is_full(is_owner=session(request) is not None):
        return PlainTextResponse("too many browsers listen", 503, headers={"Retry-After": "30"})
    return StreamingResponse(pulse.follow(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


routes = [Route("/events", events)]
