"""The exit guard on the machine's time: look every few seconds at what was traded since.

By Upbit's WebSocket, or by REST where there is none (on paper) or while it is silent. A feed that fails is tried again,
told in the log once it is stale, and shown as `exit_guard_silence_seconds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from services.clock.guard import ExitGuard
from services.clock.ports import Ticker, Tickers, Timer
from shared.bad_rows import BadRows
from shared.bus.event_log import NoLog
from shared.clock import monotonic
from shared.errors import Transient
from shared.types import Market

log = structlog.get_logger("clock")
EVERY_S = 3.0
STALE_S = 30.0
_LONGEST_S = 30.0


class MarketNotWatched(Transient):
    """A market could not be looked at."""


@dataclass(slots=True)
class TickerWatch:
    """tickers: what was traded. last: the last prices, traded now or not.

    silence: a gauge of the seconds since prices were last seen, of the market where that is longest ago.
    """

    markets: Sequence[Market]
    tickers: Tickers
    last: Tickers
    guard: ExitGuard
    timer: Timer
    silence: Any
    odd: BadRows = field(default_factory=BadRows)
    _price_at: dict[Market, float] = field(default_factory=dict)

    async def run(self) -> None:
        pause_s, stale = EVERY_S, False
        self._price_at = dict.fromkeys(self.markets, monotonic())
        while True:
            try:
                await self.check()
                pause_s = EVERY_S
            except (Transient, NoLog) as e:
                pause_s = min(2 * pause_s, _LONGEST_S)
                log.info("the exit guard sees nothing", why=str(e), pause_s=pause_s)
            blind = min(self._price_at, key=self._price_at.__getitem__)
            silent_s = monotonic() - self._price_at[blind]
            self.silence.set(silent_s)
            if (silent_s > STALE_S) is not stale:
                stale = not stale
                if stale:
                    log.error("the exit guard is blind", market=blind, seconds=round(silent_s))
                else:
                    log.info("it sees again")
            await self.timer.sleep(pause_s)

    async def check(self) -> None:
        """Each market by itself: one's trouble hides no other. Raises a trouble where all of them have one."""
        held, troubles = list[Market](), list[_Trouble]()
        for market in self.markets:
            try:
                if await self.guard.holds(market):
                    held.append(market)
                else:
                    self._price_at[market] = monotonic()
            except Exception as e:  # whatever it is, it is this market's
                troubles.append(self._trouble(market, e))
        for ticker in await self.tickers.tickers(held) if held else ():
            try:
                await self._show(ticker)
                self._price_at[ticker.market] = monotonic()
            except Exception as e:
                troubles.append(self._trouble(ticker.market, e))
        if len({trouble.market for trouble in troubles}) == len(self.markets):
            raise troubles[0].why

    async def _show(self, ticker: Ticker) -> None:
        """Show the guard a price. An exit that has begun goes on where nobody trades any more."""
        if ticker.price is not None:
            await self.guard.on_price(ticker.market, ticker.price, ticker.at)
        elif await self.guard.continues(ticker.market):
            for last in await self.last.tickers([ticker.market]):
                if last.price is not None:
                    await self.guard.on_price(last.market, last.price, last.at)

    def _trouble(self, market: Market, e: Exception) -> "_Trouble":
        self.odd.leave_out("exit_guard", f"{market}: {type(e).__name__}: {e}")
        why = e if isinstance(e, Transient | NoLog) else MarketNotWatched(f"{market}: {type(e).__name__}: {e}")
        return _Trouble(market, why)


@dataclass(frozen=True, slots=True)
class _Trouble:
    market: Market
    why: Transient | NoLog
