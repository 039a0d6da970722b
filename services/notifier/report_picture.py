"""The picture of a report's day: what is asked of the API for it, and when there is none."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog

from services.notifier.core.picture import MARKETS_MAX, MarketDay, PictureDay, picture
from services.notifier.ports import Api
from shared.api import routes
from shared.api.portfolio import Valued
from shared.api.trades import Trade
from shared.errors import Permanent, Transient
from shared.events import ReportReady
from shared.types import Market
from shared.writing import seoul_iso

log = structlog.get_logger("notifier")
_WITHIN_S = 30.0  # for all of it: the report waits
_PAGE, _PAGES_MAX = 500, 4
_WORTH_HOURS = 24 * 9  # a report is made up for a week, and is over the day before
_JUST_AFTER = timedelta(minutes=1)  # the valuation of the day's last moment is made a moment after it


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """markets: in the owner's order."""

    api: Api
    mode: Literal["paper", "live"]
    markets: tuple[Market, ...]

    async def __call__(self, report: ReportReady) -> bytes | None:
        """Make it; None where there is nothing to draw, or where it cannot be had: the report never waits for it."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                day = await self._day(report)
            return None if day.is_empty else picture(day)
        except (Transient, Permanent, TimeoutError) as e:
            log.warning("a report goes without its picture", why=f"{type(e).__name__}: {e}")
        except Exception:  # whatever the drawing met: the owner is told all the same
            log.exception("a report goes without its picture: it cannot be drawn")
        return None

    async def _day(self, report: ReportReady) -> PictureDay:
        fills = await self._fills(report)
        traded = {market: sum(fill.symbol == market for fill in fills) for market in self.markets}
        shown = sorted(self.markets, key=lambda market: -traded[market])[:MARKETS_MAX]
        days = [await self._market(report, market, fills) for market in self.markets if market in shown]
        worth = await self._worth(report)
        left_out = len(self.markets) - len(days)
        return PictureDay(self.mode, report.day, report.from_at, report.to_at, tuple(days), left_out, worth)

    async def _market(self, report: ReportReady, market: Market, fills: list[Trade]) -> MarketDay:
        span = {"from": seoul_iso(report.from_at), "to": seoul_iso(report.to_at)}
        told = await self.api.get(routes.CANDLES, market=market, **span)
        mine = tuple(fill for fill in fills if fill.symbol == market)
        return MarketDay(market, timedelta(minutes=told.interval_minutes), told.candles, mine)

    async def _fills(self, report: ReportReady) -> list[Trade]:
        """The day's trades, oldest first."""
        found: list[Trade] = []
        before: dict[str, int] = {}
        for _ in range(_PAGES_MAX):
            page = (await self.api.get(routes.TRADES, limit=_PAGE, **before)).trades  # newest first
            found += [trade for trade in page if report.from_at <= trade.created_at < report.to_at]
            if len(page) < _PAGE or page[-1].created_at < report.from_at:
                break
            before = {"before": page[-1].id}
        return found[::-1]

    async def _worth(self, report: ReportReady) -> tuple[Valued, ...]:
        """Oldest first."""
        history = (await self.api.get(routes.PORTFOLIO, hours=_WORTH_HOURS)).history
        return tuple(v for v in reversed(history) if report.from_at <= v.at <= report.to_at + _JUST_AFTER)
