"""No order while the log lies behind the journal, whatever the owner's switch says: it lies in the same broker."""

import asyncio
from collections.abc import Callable

import structlog

from services.executor import log_rollback
from services.executor.adapters.bucket_switch import BucketSwitch
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


class RollbackGuard:
    """The owner's switch, paused as long as the log lies behind. gauge: 1 while the log lies behind, else 0."""

    def __init__(
        self, events: EventLog, journal: Journal, switch: BucketSwitch, gauge: Callable[[float], None], clock: Clock
    ) -> None:
        self._log, self._journal, self._switch, self._gauge, self._clock = events, journal, switch, gauge, clock
        self._last_why = ""

    async def status(self) -> Status:
        return "paused" if self._journal.read().behind else await self._switch.status()

    async def pause(self, by: str, at: UtcTime) -> bool:
        return await self._switch.pause(by, at)

    async def begin(self) -> None:
        """Look, tell what is lost, and pause the bot over it."""
        why = await log_rollback.check_log(self._log, self._journal)
        self._gauge(1 if why else 0)
        if why and why != self._last_why:
            log.error("the bot starts paused", why=log_rollback.rollback_text(self._journal.read(), why))
            await self._switch.pause(BY, self._clock.now())
        self._last_why = why or ""

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
        self._journal.write(Behind(why=why), if_=lambda state: state.behind is None)


def create_rollback_guard(stage: Stage, journal: Journal, switch: BucketSwitch) -> RollbackGuard:
    """The switch of a stage that checks the log before its first message, and goes on checking."""
    behind = stage.metrics.gauge("log_restored", "1 while the event log lies behind the journal and nobody took over")
    gate = RollbackGuard(stage.log, journal, switch, behind.set, SystemClock())
    stage.before(gate.begin)
    stage.on_restored(gate.note)
    stage.task(gate.watch)
    return gate
