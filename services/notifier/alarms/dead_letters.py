"""Looks after the dead letters: more than a few in an hour is an alarm of its own, once an hour."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.notifier.core.messages import too_many_letters
from services.notifier.ports import Messenger
from shared.fixed_clock import Clock
from shared.types import Language, UtcTime

log = structlog.get_logger("notifier")
HOUR = timedelta(hours=1)
FEW = 3


@dataclass(slots=True)
class DeadLetterAlarm:
    """since: how many were buried since a time. told: after a restart an alarm may come a second time."""

    since: Callable[[UtcTime], Awaitable[int]]
    messenger: Messenger
    clock: Clock
    language: Language
    gauge: Callable[[int], None] = lambda _: None
    _reported_at: UtcTime | None = field(default=None)

    async def check(self) -> None:
        now = self.clock.now()
        letters = await self.since(now - HOUR)
        self.gauge(letters)
        if letters <= FEW or (self._reported_at is not None and now - self._reported_at < HOUR):
            return
        log.error("many dead letters", in_the_last_hour=letters, look="upcycle dead list")
        await self.messenger.tell("error", too_many_letters(letters, now, self.language))
        self._reported_at = now
