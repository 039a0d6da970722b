"""No order while the log lies behind the journal, whatever the owner's switch says: it lies in the same broker."""

import asyncio
from collections.abc import Callable

import structlog

from services.executor import restored
from services.executor.adapters.bucket_wishes import BucketWishes
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Behind
from shared.bus.event_log import EventLog
from shared.clock import SystemClock
from shared.errors import Transient
from shared.fixed_clock import Clock
from shared.stage import Stage
from shared.switch import Status
from shared.types import UtcTime

log = structlog.get_logger("executor")
BY = "a restored event log"
_EVERY_S = 10.0


class LogGate:
    """The owner's wishes, and before them the log's. gauge: told 1 while the log lies behind, else 0."""

    def __init__(
        self, events: EventLog, journal: Journal, wishes: BucketWishes, gauge: Callable[[float], None], clock: Clock
    ) -> None:
        self._log, self._journal, self._wishes, self._gauge, self._clock = events, journal, wishes, gauge, clock
        self._told = ""

    async def status(self) -> Status:
        return "paused" if self._journal.read().behind else await self._wishes.status()

    async def pause(self, by: str, at: UtcTime) -> bool:
        return await self._wishes.pause(by, at)

    async def begin(self) -> None:
        """Look, tell what is lost, and pause the bot over it."""
        why = await restored.look(self._log, self._journal)
        self._gauge(1 if why else 0)
        if why and why != self._told:
            log.error("the bot starts paused", why=restored.told(self._journal.read(), why))
            await self._wishes.pause(BY, self._clock.now())
        self._told = why or ""

    async def watch(self) -> None:
        """Hear of a person's word, and of a log that was put back while nobody asked."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.begin()
            except Transient as e:
                log.warning("the log cannot be held against the journal now", why=str(e))

    def note(self, why: str) -> None:
        """Keep what this process saw for the next one, which may see no trace of it."""
        self._journal.write(Behind(why=why), if_=lambda kept: kept.behind is None)


def gated(stage: Stage, journal: Journal, wishes: BucketWishes) -> LogGate:
    """The wishes of a stage that looks before its first message, and goes on looking."""
    behind = stage.metrics.gauge("log_restored", "1 while the event log lies behind the journal and nobody took over")
    gate = LogGate(stage.log, journal, wishes, behind.set, SystemClock())
    stage.before(gate.begin)
    stage.on_restored(gate.note)
    stage.task(gate.watch)
    return gate
