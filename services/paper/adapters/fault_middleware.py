"""Faults as a client meets them: late answers, answers of others, connections that break."""

import asyncio
import json
import socket
import struct

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.paper.core.faults import Fault
from services.paper.ports import AppState

AT_ONCE = struct.pack("ii", 1, 0)  # close with a reset, not with a goodbye


class FaultMiddleware:
    """Asks the script about every request; what the routes must play themselves rides in the scope as `fault`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            return await self._app(scope, receive, send)
        state: AppState = scope["app"].state
        fault = state.faults.next(scope["method"], scope["path"], state.exchange.now)
        scope["fault"] = fault
        if fault is None:
            return await self._app(scope, receive, send)
        return await self._play(fault, scope, receive, send)

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.do:
            case "reset_unread":
                await _reset(receive)
            case "reset_read":
                await _read(receive)
                await _reset(receive)
            case "drop_answer":
                await self._app(scope, receive, _nowhere)
                await _reset(receive)
            case "delay":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "answer":
                if fault.after:
                    await self._app(scope, receive, _nowhere)
                await _answer(fault)(scope, receive, send)
            case "maintenance":
                body = {"error": {"name": "market_offline", "message": "The exchange is under maintenance."}}
                await JSONResponse(body, 403)(scope, receive, send)
            case _:
                await self._app(scope, receive, send)


def _answer(fault: Fault) -> Response:
    if isinstance(fault.body, str):
        return Response(fault.body, fault.status, media_type="text/plain")
    return Response(json.dumps(fault.body), fault.status, media_type="application/json")


async def _nowhere(_: Message) -> None:
    pass


async def _read(receive: Receive) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass


async def _reset(receive: Receive) -> None:
    """Break the connection under the server; called without one, as in a test, raise what a client would see."""
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("a fault of the script")
    door = transport.get_extra_info("socket")
    if door is not None:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
