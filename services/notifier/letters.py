"""Looks after the dead letters: more than a few in an hour is an alarm of its own, once an hour."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.notifier.core.messages import Language, too_many_letters
from services.notifier.ports import Messenger
from shared.clock import Clock
from shared.errors import Permanent, Transient
from shared.types import UtcTime

log = structlog.get_logger("notifier")
HOUR = timedelta(hours=1)
FEW = 3
_LOOK_EVERY_S = 60.0


@dataclass(slots=True)
class LetterWatch:
    """since: how many were buried since a time. told: after a restart an alarm may come a second time."""

    since: Callable[[UtcTime], Awaitable[int]]
    messenger: Messenger
    clock: Clock
    language: Language
    gauge: Callable[[int], None] = lambda _: None
    _told_at: UtcTime | None = field(default=None)

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (Transient, Permanent) as e:
                log.warning("cannot look at the dead letters", error=f"{type(e).__name__}: {e}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def look(self) -> None:
        now = self.clock.now()
        letters = await self.since(now - HOUR)
        self.gauge(letters)
        if letters <= FEW or (self._told_at is not None and now - self._told_at < HOUR):
            return
        log.error("many dead letters", in_the_last_hour=letters, look="upcycle dead list")
        await self.messenger.send(too_many_letters(letters, now, self.language))
        self._told_at = now
