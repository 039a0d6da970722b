"""A proxy between an executor's process and its exchange, which does to an order what `LyingEdge` does in process."""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.lying_edge import HELD_UP_S, NAMES, ORDER_LIES
from tests.support.odd import PAGE

_QUIET = ("not connected", "odd answer")  # lies that only an edge in process tells
LIES = tuple(lie for lie in ORDER_LIES if lie not in _QUIET)


class LyingProxy:
    """on_way: orders it holds up, until they are answered. undelivered: those that nobody behind it has seen."""

    def __init__(self, upstream: int, dice: random.Random, share: float) -> None:
        self._upstream, self._dice, self._share = upstream, dice, share
        self.lies, self.on_way, self.undelivered, self.calm = Counter[str](), Counter[str](), Counter[str](), False
        self.url = ""
        self._later: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["LyingProxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            while request := await _message(reader):
                answer = await self._answer(request)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def _answer(self, request: bytes) -> bytes | None:
        """None: the connection ends without one."""
        if self.calm or not request.startswith(b"POST /v1/orders ") or self._dice.random() >= self._share:
            return await self._forward(request)
        lie, name = self._dice.choice(LIES), json.loads(request.partition(b"\r\n\r\n")[2])["identifier"]
        self.lies[lie] += 1
        if lie == "held up":
            self.on_way[name] += 1
            self.undelivered[name] += 1
            later = asyncio.ensure_future(self._deliver(request, name, 10 + self._dice.uniform(0, HELD_UP_S)))
            self._later.add(later)
            await asyncio.sleep(11)
            return None
        if lie in ("a no", "a page"):
            return self._no() if lie == "a no" else self._page()
        if await self._forward(request) is None or lie == "answer lost":
            return None
        if lie == "sent twice":
            return await self._forward(request)
        given = {
            "sent twice, signed anew": lambda: _error(400, "duplicated_identifier"),
            "done, then a no": self._no,
            "quota, though done": lambda: _error(429, "too_many_requests"),
        }
        return given.get(lie, self._page)()

    def _page(self) -> bytes:
        return _made(self._dice.choice((401, 403, 404, 502, 504)), PAGE, "text/html")

    async def _deliver(self, request: bytes, name: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.undelivered[name] -= 1
        await self._forward(request)
        self.on_way[name] -= 1

    async def _forward(self, request: bytes) -> bytes | None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            return await _message(reader)
        finally:
            writer.close()

    def _no(self) -> bytes:
        return _error(self._dice.choice((400, 401, 403, 404)), self._dice.choice(NAMES))


async def _message(reader: asyncio.StreamReader) -> bytes | None:
    """A request or an answer as it stands; None where the other side has closed."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    return head + await reader.readexactly(int(fields.get(b"content-length", 0)))


def _error(status: int, name: str) -> bytes:
    body = json.dumps({"error": {"name": name, "message": "so says the proxy"}}).encode()
    return _made(status, body, "application/json")


def _made(status: int, body: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
