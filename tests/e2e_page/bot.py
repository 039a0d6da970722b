"""A bot that trades on paper over a stepped tape, every service its own process, the page too."""

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from time import sleep as pause
from typing import Any, TypeVar

import httpx

from services.cli.commands.demo import LOOSER, OWNERS_HOURS, stretches
from services.local.nats_server import free_port
from services.local.system import System, system
from services.paper.adapters.tape_settings import open_tape
from shared.events import CycleEnded, CycleMissed, Event
from shared.settings import Settings

Result = TypeVar("Result")
# Hours of the synthetic tape under the demo's looser gate, counted from its second stretch.
BEFORE_BUY, BEFORE_SALE, AFTER_SALES = 14, 45, 48
_START_S, _HOUR_S = 120, 60


class Bot:
    """Its processes live in a loop of their own, in a thread of their own: what drives a browser blocks."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.model_construct(
            data_dir=folder, paper_clock="stepped", paper_tape="", trading_symbol="KRW-ETH,KRW-BTC"
        )
        self.hours = 0  # played
        self.port, self.api_port = free_port(), free_port()
        self._first = stretches(open_tape(self.settings), AFTER_SALES + OWNERS_HOURS)[1].start
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._system: System
        self._life: Future[None]

    def __enter__(self) -> "Bot":
        self._thread.start()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        self._life.add_done_callback(lambda _: self._ready.set())
        assert self._ready.wait(_START_S), "the bot was not ready in time"
        if self._life.done():
            self._life.result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._life.result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _live(self) -> None:
        async with system(self.settings, api_port=self.api_port, page_port=self.port, say=print) as self._system:
            await self._system.supervisor.stop("filter")
            await self._system.supervisor.start("filter", env=LOOSER)
            self._ready.set()
            await self._over.wait()

    def _do(self, work: Coroutine[Any, Any, Result], within_s: float = _HOUR_S) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(within_s)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.settings.data_dir / "api_token").read_text().strip()

    @property
    def status(self) -> str:
        return str(self.get("/api/bot/status")["status"])

    def coins(self) -> dict[str, bool]:
        """Whether the bot holds any, by market."""
        return {coin["symbol"]: coin["bot_amount"] > 0 for coin in self.get("/api/portfolio")["coins"]}

    @property
    def last_cycle(self) -> str:
        """The last of an hour that bought or sold, or else the last."""
        self.play_to(1)
        cycles = [one for one in self.get("/api/cycles?limit=200")["cycles"] if one["cycle"].count("-") == 2]
        return str(next((one for one in cycles if one["amount"]), cycles[0])["cycle"])

    def get(self, path: str) -> Any:
        return httpx.get(f"http://127.0.0.1:{self.api_port}{path}", timeout=30).raise_for_status().json()

    def post(self, path: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        httpx.post(f"http://127.0.0.1:{self.api_port}{path}", headers=headers, timeout=30).raise_for_status()

    def begin(self, hours: int) -> None:
        """Set the clock going for that many hours more."""
        self._do(self._begin(hours))

    async def _begin(self, hours: int) -> None:
        while not self._system.heard.empty():
            self._system.heard.get_nowait()
        start = self._first + timedelta(hours=self.hours)
        await self._system.supervisor.stop("clock")
        self.hours += hours
        times = {"TAPE_FROM": start.isoformat(), "TAPE_HOURS": str(hours)}
        await self._system.supervisor.start("clock", env=times | LOOSER)

    def ended(self, hours: int) -> list[Event]:
        """What happened until that many hours of all markets have ended, and the books have them."""
        events = self._do(self._ended(hours), _HOUR_S + 5 * hours)
        last = next(event for event in reversed(events) if isinstance(event, CycleEnded))
        until = monotonic() + _HOUR_S
        while not self._is_booked(last) and monotonic() < until:
            pause(0.05)
        return events

    def _is_booked(self, end: CycleEnded) -> bool:
        path = f"http://127.0.0.1:{self.api_port}/api/cycles/{end.cycle}"
        answer = httpx.get(path, timeout=30)
        return answer.is_success and answer.json()["end_kind"] is not None

    async def _ended(self, hours: int) -> list[Event]:
        events: list[Event] = []
        left = hours * len(self.settings.markets)
        while left:
            events.append(event := await asyncio.wait_for(self._system.heard.get(), _HOUR_S))
            left -= isinstance(event, CycleEnded | CycleMissed) and "-" not in event.slot
        return events

    def play_to(self, hours: int) -> list[Event]:
        """Play until that many hours of the tape have been played; those that were stay."""
        more = hours - self.hours
        if more <= 0:
            return []
        self.begin(more)
        return self.ended(more)

    @contextmanager
    def held(self, service: str) -> Iterator[None]:
        """Let a service stand still, so that a cycle stands at it."""
        pid = self._system.supervisor.children[service].process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def kill(self, service: str) -> None:
        process = self._system.supervisor.children[service].process
        process.kill()
        process.wait()

    def start(self, service: str) -> None:
        port = self._system.supervisor.children[service].port
        self._do(self._system.supervisor.start(service, ports={service: port}))
