"""Sees to it that a wrong time is told: by a wrong clock no slot is started, and so no end of a cycle tells of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from services.notifier.core.messages import wrong_time
from services.notifier.ports import Messenger
from shared.catalogue import sentence
from shared.fixed_clock import Clock
from shared.switch import Heartbeat
from shared.types import Language

log = structlog.get_logger("notifier")


@dataclass(slots=True)
class ClockAlarm:
    """beat: the clock's last. Told once, until it is over; after a restart it may be told a second time."""

    beat: Callable[[], Awaitable[Heartbeat | None]]
    messenger: Messenger
    clock: Clock
    language: Language
    _reported: bool = False

    async def check(self) -> None:
        beat = await self.beat()
        if beat is None:
            return  # a clock that shows no life is told elsewhere
        fault = beat.wrong_time
        if fault and not self._reported:
            log.error("the time is wrong", why=sentence(fault, "en"))
            await self.messenger.tell("error", wrong_time(fault, self.clock.now(), self.language))
        self._reported = fault is not None
