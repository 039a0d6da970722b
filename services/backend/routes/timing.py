"""How long each route takes to answer, by its template: pure ASGI, so a stream is not held back."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import monotonic

_UNTIMED = ("/metrics", "/health", "/ready")


class Timing:
    """histogram: anything with `record(seconds, labels)`. Time to the first byte is what counts."""

    def __init__(self, app: ASGIApp, histogram: Any) -> None:
        self._app, self._histogram = app, histogram

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = monotonic()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An address that no route has is not a label: anybody could make up new ones.
                endpoint = getattr(scope.get("route"), "path_format", "unmatched")
                if endpoint not in _UNTIMED:
                    self._histogram.record(monotonic() - began, {"method": _method(scope), "endpoint": endpoint})
            await send(message)

        await self._app(scope, receive, timed)


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS") else "other"
