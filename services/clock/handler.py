"""One slot of one market: start its cycle, or record why it was not started."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import structlog

from services.clock.core.schedule import TRADING, DueSlot, LateSlot, MistimedSlot
from services.clock.ports import CycleLog, OwnerControl
from shared.catalogue import missed_slots
from shared.events import CycleMissed, TradingDue
from shared.reason import Reason
from shared.settings import Settings
from shared.types import CycleId, Market, UtcTime, cycle_id

log = structlog.get_logger("clock")


@dataclass(frozen=True, slots=True)
class CycleStarter:
    """settings, settings_digest, code: what is to decide, as it stands; every start carries it."""

    log: CycleLog
    owner: OwnerControl
    settings: Mapping[str, str]
    settings_digest: str
    code: str

    @classmethod
    def of(cls, settings: Settings, *, log: CycleLog, owner: OwnerControl, code: str) -> "CycleStarter":
        return cls(log, owner, settings.deciding(), settings.digest(), code)

    async def __call__(self, market: Market, slot: DueSlot | LateSlot | MistimedSlot) -> None:
        cycle = cycle_id(market, slot.slot)
        if isinstance(slot, LateSlot):
            return await self._miss(cycle, "late", missed_slots.LATE.because({"late": slot.seconds}))
        if isinstance(slot, MistimedSlot):
            return await self._miss(cycle, "clock", missed_slots.skewed(missed_slots.CLOCK_OFF, slot.skew_s))
        wish = await self.owner.state()
        match wish.status:
            case "paused" | "stopped" as halted:
                return await self._miss(cycle, halted, missed_slots.HALTED_BY.because({"by": wish.by}))
            case "running" | "exits-only":
                pass
        if (job := await self.owner.job(TRADING)).paused:
            by = {"job": TRADING, "by": job.by or "?"}
            return await self._miss(cycle, "paused", missed_slots.JOB_PAUSED_BY.because(by))
        before = await self.log.last_started(market)
        if before is not None and before != cycle and not await self.log.has_ended(before):
            return await self._miss(cycle, "previous_unfinished", missed_slots.NOT_ENDED.because({"before": before}))
        return await self.start(market, slot.slot)

    async def start(self, market: Market, at: UtcTime) -> None:
        due = TradingDue(
            cycle=cycle_id(market, at),
            slot_at=at,
            settings=dict(self.settings),
            settings_digest=self.settings_digest,
            code=self.code,
        )
        if not await self.log.put(due) and await self.log.has_ended(due.cycle):
            log.warning("the slot is spent: it was started or missed before", cycle=due.cycle)

    async def _miss(
        self, cycle: CycleId, cause: Literal["late", "previous_unfinished", "paused", "stopped", "clock"], more: Reason
    ) -> None:
        await self.log.put(CycleMissed(cycle=cycle, reason=cause, reason_code=more.code, figures=more.figures))
