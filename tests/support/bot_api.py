"""A Bot API server that misbehaves by script; on a free port, in a thread of its own.

    with bot_api() as server:
        server.plays("sendMessage", floods(2), ok)       # a step for each call, then all is well
        server.says("/status")                            # the owner writes in his chat
        ... TELEGRAM_BASE_URL=server.url, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_CHAT_ID=CHAT ...
        assert server.texts == ["…"]

getUpdates waits, confirms by offset and lets only one wait, as Telegram does: the other gets a 409.
"""

import asyncio
import html
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.clock import SystemClock
from tests.support.served import served

TOKEN = "12345:not-a-real-token"
CHAT = "4711"
Step = Callable[[], Awaitable[Response] | Response]


def refuses(status: int, description: str, **more: Any) -> Step:
    return lambda: JSONResponse({"ok": False, "error_code": status, "description": description} | more, status)


def floods(retry_after: float | None) -> Step:
    more = {} if retry_after is None else {"parameters": {"retry_after": retry_after}}
    return refuses(429, "Too Many Requests: retry later", **more)


ok: Step = lambda: JSONResponse({"ok": True, "result": {"message_id": 1}})  # noqa: E731
blocked = refuses(403, "Forbidden: bot was blocked by the user")
unauthorized = refuses(401, "Unauthorized")
conflict = refuses(409, "Conflict: terminated by other getUpdates request; make sure that only one bot is running")
no_photos = refuses(400, "Bad Request: not enough rights to send photos to the chat")
no_chat = refuses(400, "Bad Request: chat not found")
garbage: Step = lambda: Response(b"<html>\xff\xfe not a bot", 200)  # noqa: E731
broken: Step = lambda: Response("Bad Gateway", 502)  # noqa: E731


async def hangs() -> Response:
    await asyncio.sleep(3600)
    return Response()


@dataclass
class FakeBotApi:
    url: str = ""
    script: dict[str, list[Step]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # method and body, in order
    sent: list[dict[str, Any]] = field(default_factory=list)  # messages that were taken, pictures among them
    updates: list[dict[str, Any]] = field(default_factory=list)
    _next_id: int = 1000
    _waiting: int = 0

    @property
    def texts(self) -> list[str]:
        """What the owner reads, under pictures too."""
        return [html.unescape(body.get("text") or body.get("caption", "")) for body in list(self.sent)]

    @property
    def photos(self) -> list[bytes]:
        return [body["photo"] for body in list(self.sent) if "photo" in body]

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in list(self.asked))

    def plays(self, method: str, *script: Step) -> None:
        self.script[method] = list(script)

    def says(self, text: str, *, chat: str = CHAT, sender: str = "", ago_s: float = 0, **more: Any) -> None:
        """Somebody writes to the bot; in a private chat he has the chat's number."""
        message = {
            "message_id": self._next_id,
            "date": int(SystemClock().now().timestamp() - ago_s),
            "chat": {"id": int(chat)},
            "from": {"id": int(sender or chat)},
        }
        self.updates.append({"update_id": self._next_id, "message": message | {"text": text} | more})
        self._next_id += 1

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        body = _body(request.headers["content-type"], await request.body())
        self.asked.append((method, body))
        if steps := self.script.get(method):
            step = steps.pop(0)
            if step is not ok:
                return await self._plain(step)
        if request.path_params["token"] != TOKEN:
            return await self._plain(unauthorized)
        if method == "getUpdates":
            return await self._updates(body)
        if fault := _unfit(method, body):
            return await self._plain(refuses(400, f"Bad Request: {fault}"))
        if method in ("sendMessage", "sendPhoto"):
            self.sent.append(body)
        return await self._plain(ok)

    async def _plain(self, step: Step) -> Response:
        made = step()
        return made if isinstance(made, Response) else await made

    async def _updates(self, body: dict[str, Any]) -> Response:
        self._waiting += 1
        mine = self._waiting
        self.updates = [u for u in self.updates if u["update_id"] >= body.get("offset", 0)]
        deadline = time.monotonic() + body.get("timeout", 0)
        while not self.updates and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
            if mine != self._waiting:
                return await self._plain(conflict)
        return JSONResponse({"ok": True, "result": self.updates})


def _unfit(method: str, body: dict[str, Any]) -> str:
    """Why Telegram would not take it."""
    name, most = ("text", 4096) if method == "sendMessage" else ("caption", 1024)
    if len(html.unescape(body.get(name, "")).encode("utf-16-le")) // 2 > most:
        return "message is too long" if name == "text" else "message caption is too long"
    return "IMAGE_PROCESS_FAILED" if method == "sendPhoto" and not body["photo"].startswith(b"\x89PNG") else ""


def _body(content_type: str, body: bytes) -> dict[str, Any]:
    """JSON, or a form with a file in it, as Telegram takes them; of a form all values are texts."""
    if content_type == "application/json":
        given: dict[str, Any] = json.loads(body)
        return given
    form, found = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body), {}
    for part in form.get_payload():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        found[name] = value if part.get_filename() else value.decode()
    return found


@contextmanager
def bot_api() -> Iterator[FakeBotApi]:
    server = FakeBotApi()
    app = Starlette(routes=[Route("/bot{token}/{method}", server.answer, methods=["POST"])])
    with served(app, "Bot API server") as server.url:
        yield server
