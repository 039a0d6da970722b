"""The exit guard on the machine's time: look every few seconds at what was traded since.

By Upbit's WebSocket, or by REST where there is none (on paper) or while it is silent. A feed that fails is tried again,
told in the log once it is stale, and shown as `exit_guard_silence_seconds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.clock.guard import ExitGuard
from services.clock.ports import Alarm, Tickers
from shared.bus.log import NoLog
from shared.clock import monotonic
from shared.errors import Transient
from shared.types import Market

log = structlog.get_logger("clock")
EVERY_S = 3.0
STALE_S = 30.0
_LONGEST_S = 30.0


@dataclass(frozen=True, slots=True)
class TickerWatch:
    """silence: a gauge of the seconds since prices were last seen."""

    markets: Sequence[Market]
    tickers: Tickers
    guard: ExitGuard
    alarm: Alarm
    silence: Any

    async def run(self) -> None:
        seen, pause_s, stale = monotonic(), EVERY_S, False
        while True:
            try:
                await self.look()
                seen, pause_s = monotonic(), EVERY_S
            except (Transient, NoLog) as e:
                pause_s = min(2 * pause_s, _LONGEST_S)
                log.info("the exit guard sees nothing", why=str(e), pause_s=pause_s)
            silent_s = monotonic() - seen
            self.silence.set(silent_s)
            if (silent_s > STALE_S) is not stale:
                stale = not stale
                log.error("the exit guard is blind", seconds=round(silent_s)) if stale else log.info("it sees again")
            await self.alarm.sleep(pause_s)

    async def look(self) -> None:
        held = [market for market in self.markets if await self.guard.holds(market)]
        for seen in await self.tickers.tickers(held) if held else ():
            await self.guard.on_price(seen.market, seen.price, seen.at)
