"""Keeps the history of each market up to date: filled at first, topped up once an hour, corrections noticed."""

import asyncio
from collections import defaultdict
from datetime import timedelta

import structlog

from services.collector.adapters.history_backfill import Backfill, backfill, backfill_holes
from services.collector.core.topup import hour_of
from services.collector.ports import HourPages
from shared.errors import Permanent, Transient
from shared.history.archive import Archive
from shared.telemetry import Metrics
from shared.types import Market, UtcTime

log = structlog.get_logger("collector")
STALE = timedelta(days=1)  # a history that ends earlier is no year before now


class HistoryKeeper:
    """Which history a snapshot is taken with: the newest, after what had closed by its slot was added."""

    def __init__(self, archive: Archive, pages: HourPages, metrics: Metrics, markets: tuple[Market, ...]) -> None:
        self._archive, self._pages = archive, pages
        self._locks: defaultdict[Market, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._topped_up_to: dict[Market, UtcTime] = {}  # the hour up to which the exchange was asked already
        self._topups = metrics.counter(
            "history_topups",
            "Looks for newly closed hours, by how they ended",
            known=[{"market": m, "outcome": how} for m in markets for how in ("filled", "nothing_new", "failed")],
        )
        self._corrections = metrics.counter(
            "history_corrections",
            "Stored hours that came otherwise, or late, when they were read again",
            known=[{"market": m} for m in markets],
        )

    async def digest(self, market: Market, at: UtcTime) -> str:
        """Raises the exchange's errors where there is no history that reaches to a day before."""
        async with self._locks[market]:
            end, edition = hour_of(at), await self._archive.newest(market)
            if edition and (edition.manifest.ends >= end or self._topped_up_to.get(market) == end):
                return edition.digest
            try:
                filled = await backfill(self._archive, self._pages, market, end=end)
            except Transient as e:
                self._topups.add(1, {"market": market, "outcome": "failed"})
                if edition is None or end - edition.manifest.ends > STALE:
                    raise
                log.warning("the history was not topped up", market=market, ends=f"{edition.manifest.ends}", why=str(e))
                return edition.digest
            self._report(market, filled)
            if edition is not None and market not in self._topped_up_to:
                filled = await self._without_holes(market, filled)
            self._topped_up_to[market] = end
            return filled.edition.digest

    async def _without_holes(self, market: Market, topped_up: Backfill) -> Backfill:
        """The history with its holes filled: looked for once, since those that stay are the exchange's.

        What goes wrong there costs no cycle: the newest hours are in already.
        """
        try:
            filled = await backfill_holes(self._archive, self._pages, market, end=topped_up.edition.manifest.ends)
        except (Transient, Permanent) as e:
            log.warning("the history's holes were not filled", market=market, why=str(e))
            return topped_up
        if filled is None:
            return topped_up
        self._report(market, filled)
        return filled

    def _report(self, market: Market, filled: Backfill) -> None:
        changed = filled.rows or filled.corrections
        self._topups.add(1, {"market": market, "outcome": "filled" if changed else "nothing_new"})
        self._corrections.add(len(filled.corrections), {"market": market})
        if filled.corrections or filled.pages > 1:
            log.info(
                "history filled", market=market, hours=filled.rows, requests=filled.pages,
                corrected=[f"{c.at:%Y-%m-%dT%H:%MZ}" for c in filled.corrections[:5]], anew=filled.anew,
                ends=f"{filled.edition.manifest.ends}",
            )  # fmt: skip
