"""Messages into the owner's chat, at the pace Telegram allows."""

import asyncio
import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from services.notifier.adapters.bot_api import BotApi, TelegramAway, TelegramRefuses
from services.notifier.core.parts import is_caption, parts
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

    async def send(self, text: str, *, silent: bool = False, picture: bytes | None = None) -> None:
        """Raises TelegramAway, TelegramRefuses; what was sent of a long text by then is sent again the next time.

        The text goes under the picture, or ahead of it where it is too long for that. A picture that does not arrive
        takes no text along, and raises nothing.
        """
        async with self._one_at_a_time:
            under = picture is not None and is_caption(text)
            if picture is not None and under and await self._shown(picture, text, silent=silent):
                return
            for part in parts(text):
                await self._deliver("sendMessage", self._body(silent, text=_escaped(part)))
            if picture is not None and not under:
                await self._shown(picture, "", silent=silent)

    async def _shown(self, picture: bytes, caption: str, *, silent: bool) -> bool:
        """Whether it arrived, as far as can be known."""
        try:
            await self._deliver("sendPhoto", self._body(silent, caption=_escaped(caption)), picture)
        except (TelegramAway, TelegramRefuses) as e:
            log.warning("a picture was not sent", why=str(e))
            return False
        return True

    def _body(self, silent: bool, **text: str) -> dict[str, Any]:
        return {"chat_id": self.chat_id, **text, "parse_mode": "HTML", "disable_notification": silent}

    async def _deliver(self, method: str, body: dict[str, Any], photo: bytes | None = None) -> None:
        for tries in range(1, TRIES_MAX + 1):
            await self._wait()
            try:
                await self.api.call(method, body, photo=photo)
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


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
