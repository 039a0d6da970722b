"""A request's body may be small at most: nothing here asks for one."""

from starlette.types import ASGIApp, Receive, Scope, Send

from services.backend.routes.problems import refusal

MOST_BYTES = 65_536


class SmallBodies:
    """Refuse by the length that is announced; a body without one is never read by any route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = dict(scope.get("headers", ())).get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > MOST_BYTES:
            said = f"the body is longer than {MOST_BYTES} bytes, and nothing here asks for one"
            await refusal(scope["path"], 413, said)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
