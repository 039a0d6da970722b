"""Upbit's request quotas at the door, the Remaining-Req header, and the exchange's own time on every answer."""

from email.utils import format_datetime

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.paper.core.quotas import BROWSER_PER_S, Verdict, remaining_req
from services.paper.ports import AppState
from shared.upbit_quota import Group, group_of

TOO_MANY = "Too many API requests."


class QuotaMiddleware:
    """Every answer carries the exchange's time and what is left of the quota; the admin's requests are not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        state: AppState = scope["app"].state
        group = group_of(scope["method"], scope["path"])
        verdict = _count(state, group, scope)

        async def stamp(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"date", format_datetime(state.exchange.now, usegmt=True).encode()),
                    (b"remaining-req", remaining_req(group, verdict.left).encode()),
                ]
            await send(message)

        app = self._app if verdict.status == 200 else _refusal(group, verdict)
        return await app(scope, receive, stamp)


def _count(state: AppState, group: Group, scope: Scope) -> Verdict:
    if not scope["path"].startswith("/v1/"):
        return Verdict(200, group.per_s - 1)
    if not group.public:
        return state.quotas.take(group, "the account")
    address = scope["client"][0] if scope.get("client") else ""
    if "origin" in Headers(scope=scope):
        return state.quotas.take(group, f"a browser at {address}", BROWSER_PER_S)
    return state.quotas.take(group, address)


def _refusal(group: Group, verdict: Verdict) -> Response:
    """429 as plain text on quotes and as JSON on private routes: both have been seen. 418's body is not documented."""
    if verdict.status == 418:
        message = f"Blocked for {verdict.blocked_s:.0f} seconds: requests went on after 429."
        return JSONResponse({"error": {"name": 418, "message": message}}, 418)
    if group.public:
        return PlainTextResponse(TOO_MANY, 429)
    return JSONResponse({"error": {"name": "too_many_requests", "message": TOO_MANY}}, 429)
