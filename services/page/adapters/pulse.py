"""That the log has grown: one ear at the backend for all browsers, so that no stranger takes another's place there.

What happened stands in the screens; a browser is only told to look again, a few times a second at most.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import structlog

from shared.api.routes import STREAM
from shared.telemetry import Trouble

log = structlog.get_logger("page")
MOST, OWNERS = 40, 10  # browsers at once; the last places are for those that were shown the token
_TOGETHER_S = 0.25  # what happens within it is one message
_BOOKED_S = 2.0  # the books are a moment behind the log: a browser is told once more, after the last and after it came
_PING_S = 15.0
_AGAIN_S = (1.0, 2.0, 5.0, 10.0)
MESSAGE = "event: log\ndata: \n\n"


@dataclass(slots=True, eq=False)
class EventPulse:
    """client: with the backend's address. token: of any owner that is here; a backend may show strangers nothing."""

    client: httpx.AsyncClient
    token: str | None = None
    _browsers: set[asyncio.Event] = field(default_factory=set)

    def is_full(self, *, is_owner: bool) -> bool:
        return len(self._browsers) >= (MOST if is_owner else MOST - OWNERS)

    async def listen(self) -> None:
        """Follow the backend's stream for ever; its coming and going are news, too."""
        trouble, tries = Trouble(log, "the backend's events cannot be followed"), 0
        while True:
            try:
                async for _ in self._lines():
                    if tries:
                        trouble.over()
                    tries = 0
                    self._tell()
            except (httpx.HTTPError, httpx.StreamError) as e:
                if not tries:
                    self._tell()
                trouble.met(f"{type(e).__name__}: {e}"[:200])
            await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])
            tries += 1

    async def _lines(self) -> AsyncIterator[str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = httpx.Timeout(5.0, read=3 * _PING_S)
        async with self.client.stream("GET", STREAM.path, headers=headers, timeout=timeout) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith(("event:", ": the log")):
                    yield line

    def _tell(self) -> None:
        for grown in self._browsers:
            grown.set()

    async def follow(self) -> AsyncIterator[str]:
        """The messages for one browser."""
        grown = asyncio.Event()
        self._browsers.add(grown)
        try:
            yield ": here\n\n"
            was_told = True  # once, of what happened since its page was made
            while True:
                try:
                    await asyncio.wait_for(grown.wait(), _BOOKED_S if was_told else _PING_S)
                except TimeoutError:
                    yield MESSAGE if was_told else ": still here\n\n"
                    was_told = False
                    continue
                await asyncio.sleep(_TOGETHER_S)
                grown.clear()
                was_told = True
                yield MESSAGE
        finally:
            self._browsers.discard(grown)
