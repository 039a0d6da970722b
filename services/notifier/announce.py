"""Tells the owner that the bot came up, and that it goes down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from services.notifier.core.messages import BotStatus, bot_status
from services.notifier.ports import Messenger
from shared.errors import Permanent, Transient
from shared.fixed_clock import Clock
from shared.types import Language

log = structlog.get_logger("notifier")
_GOODBYE_S = 5.0  # a process that is told to stop must not wait for Telegram


@dataclass(slots=True)
class Announcement:
    messenger: Messenger
    clock: Clock
    language: Language
    about: str
    _up: bool = False

    async def started(self) -> None:
        self._up = True
        await self._tell("started")

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if self._up:
                await self._tell("stopped", within_s=_GOODBYE_S)

    async def _tell(self, status: BotStatus, *, within_s: float | None = None) -> None:
        text = bot_status(status, self.about, self.clock.now(), self.language)
        try:
            async with asyncio.timeout(within_s):
                await self.messenger.tell("status", text)
        except (Transient, Permanent, TimeoutError) as e:  # no reason not to trade, or not to end
            log.error("could not tell the owner", status=status, error=f"{type(e).__name__}: {e}")
