"""Messages into the owner's chat, at the pace Telegram allows."""

import asyncio
import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from services.notifier.adapters.bot_api import BotApi, TelegramAway, TelegramRefuses
from services.notifier.core.parts import parts
from shared.clock import monotonic

log = structlog.get_logger("notifier")
GAP_S = 1.05  # Telegram allows one message a second to a chat
TRIES_MAX = 5
WAIT_MAX_S = 60.0  # a longer wait is the bus's: the message is handed back, and Telegram not asked before


@dataclass(slots=True)
class Telegram:
    api: BotApi
    chat_id: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], float] = monotonic
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _next_at: float = 0.0
    _shut: TelegramRefuses | None = None  # it stands until _next_at

    async def send(self, text: str, *, silent: bool = False) -> None:
        """Raises TelegramAway, TelegramRefuses; what was sent of a long text by then is sent again the next time."""
        async with self._one_at_a_time:
            for part in parts(text):
                body = {"chat_id": self.chat_id, "text": html.escape(part, quote=False), "parse_mode": "HTML"}
                await self._deliver(body | {"disable_notification": silent})

    async def _deliver(self, body: dict[str, Any]) -> None:
        for tries in range(1, TRIES_MAX + 1):
            await self._wait()
            try:
                await self.api.call("sendMessage", body)
            except TelegramAway as e:
                self._shut = None
                self._pause(max(GAP_S, e.wait_s or 2.0 ** (tries - 1)))
            except TelegramRefuses as e:
                if e.moved_to is None or e.moved_to == self.chat_id:
                    self._refused(e)
                    raise
                self._moved(e.moved_to)
                body["chat_id"] = self.chat_id
            else:
                self._pause(GAP_S)
                self._shut = None
                return
        raise TelegramAway(f"not delivered in {TRIES_MAX} tries")

    async def _wait(self) -> None:
        wait_s = self._next_at - self.now()
        if wait_s > 0 and self._shut is not None:
            raise self._shut.with_traceback(None)
        if wait_s > WAIT_MAX_S:
            raise TelegramAway(f"Telegram asks to wait {wait_s:.0f} s more")
        await self.sleep(max(0.0, wait_s))

    def _moved(self, chat_id: str) -> None:
        """The owner's group has become a supergroup: Telegram takes its old id for no chat any more."""
        log.error("the owner's group has another id now; set TELEGRAM_CHAT_ID to it", was=self.chat_id, now=chat_id)
        self.chat_id, self._shut = chat_id, None
        self._pause(GAP_S)

    def _refused(self, fault: TelegramRefuses) -> None:
        self._pause(WAIT_MAX_S if fault.shuts else GAP_S)
        if fault.shuts and self._shut is None:
            log.error("the owner cannot be told", why=str(fault))
        self._shut = fault if fault.shuts else None

    def _pause(self, seconds: float) -> None:
        self._next_at = self.now() + seconds
