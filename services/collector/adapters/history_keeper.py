"""Keeps the history of each market up to date: filled at first, topped up once an hour, corrections noticed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import structlog

from services.collector.core.topup import OVERLAP, hour_of, join, stretches
from services.collector.ports import HourPages
from shared.errors import Permanent, Transient
from shared.history import Archive, Correction, Edition, Overtaken
from shared.history.manifest import by_month
from shared.telemetry import Metrics
from shared.types import Market, UtcTime

log = structlog.get_logger("collector")
YEAR = timedelta(days=366)
STALE = timedelta(days=1)  # a history that ends earlier is no year before now
PAGES_A_WRITE = 4  # about a month: what was filled before a break stays
OVERTAKEN_MAX = 50  # each time another one has written, so it comes to an end


class NoHours(Permanent):
    """The exchange has no hourly candle of the market in the span that was asked for."""


@dataclass(frozen=True)
class Filled:
    """edition: the newest now. rows: candles it gained. anew: what lay there was another market's or tape's."""

    edition: Edition
    pages: int
    rows: int
    corrections: tuple[Correction, ...] = ()
    anew: bool = False


async def fill(
    archive: Archive,
    pages: HourPages,
    market: Market,
    *,
    end: UtcTime,
    span: timedelta = YEAR,
    anew: bool = False,
    on_page: Callable[[int, int], None] = lambda done, of: None,
) -> Filled:
    """Read every closed hour that is missing up to `end`, and the last ones again; from `span` before it if none are.

    anew: read all of the span again and keep nothing. Goes on where a fill was broken off. on_page: pages done, of.
    Raises the exchange's errors, NoHours, HistoryUnreachable, Overtaken.
    """
    for _ in range(OVERTAKEN_MAX):
        base = None if anew else await archive.newest(market)
        try:
            filled = await _fill(archive, pages, market, base, hour_of(end), span, on_page)
        except Overtaken:
            anew = False  # the other one's is as new
            continue
        if filled is not None:
            return Filled(filled.edition, filled.pages, filled.rows, filled.corrections, anew)
        log.warning("the history is not this exchange's and is filled anew", market=market)
        anew = True
    raise Overtaken(f"others keep writing the history of {market}")


async def _fill(
    archive: Archive,
    pages: HourPages,
    market: Market,
    base: Edition | None,
    end: UtcTime,
    span: timedelta,
    on_page: Callable[[int, int], None],
) -> Filled | None:
    """None: what is held is otherwise in most of the hours that were read again."""
    before = await archive.newest(market) if base is None else base
    first = hour_of(end - span).replace(hour=0) if base is None else base.manifest.last - OVERLAP
    ends = stretches(first, end)
    rows, corrections, gathered, edition = 0, list[Correction](), list[pl.DataFrame](), base
    for n, to in enumerate(ends, 1):
        gathered.append(await pages.hours(market, to))
        on_page(n, len(ends))
        if n % PAGES_A_WRITE and n < len(ends):
            continue
        oldest = first if edition is None else min(first, edition.manifest.first)
        read = pl.concat(gathered).unique("open_time", keep="last").sort("open_time")
        read, gathered = read.filter(pl.col("open_time") >= oldest), []
        if read.is_empty():
            continue
        months = by_month(read)
        held = await archive.candles(edition.manifest.named(months)) if edition else read.clear()
        joined = join(held, read)
        if joined.foreign:
            return None
        if joined.changed:
            now = by_month(joined.frame)
            edition = await archive.revise(
                market,
                edition or before,
                {name: frame for name, frame in now.items() if name in months},
                corrections=joined.corrections,
                anew=edition is None,
            )
            rows += len(joined.frame) - len(held)
            corrections += joined.corrections
    if edition is None:
        raise NoHours(f"the exchange has no hourly candles of {market} from {first:%Y-%m-%d} to {end:%Y-%m-%d %H:%M}Z")
    return Filled(edition, len(ends), rows, tuple(corrections))


class HistoryKeeper:
    """Which history a snapshot is taken with: the newest, after what had closed by its slot was added."""

    def __init__(self, archive: Archive, pages: HourPages, metrics: Metrics, markets: tuple[Market, ...]) -> None:
        self._archive, self._pages = archive, pages
        self._locks: defaultdict[Market, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked: dict[Market, UtcTime] = {}  # the hour up to which the exchange was asked already
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
            if edition and (edition.manifest.ends >= end or self._asked.get(market) == end):
                return edition.digest
            try:
                filled = await fill(self._archive, self._pages, market, end=end)
            except Transient as e:
                self._topups.add(1, {"market": market, "outcome": "failed"})
                if edition is None or end - edition.manifest.ends > STALE:
                    raise
                log.warning("the history was not topped up", market=market, ends=f"{edition.manifest.ends}", why=str(e))
                return edition.digest
            self._asked[market] = end
            self._tell(market, filled)
            return filled.edition.digest

    def _tell(self, market: Market, filled: Filled) -> None:
        changed = filled.rows or filled.corrections
        self._topups.add(1, {"market": market, "outcome": "filled" if changed else "nothing_new"})
        self._corrections.add(len(filled.corrections), {"market": market})
        if filled.corrections or filled.pages > 1:
            log.info(
                "history filled", market=market, hours=filled.rows, requests=filled.pages,
                corrected=[f"{c.at:%Y-%m-%dT%H:%MZ}" for c in filled.corrections[:5]], anew=filled.anew,
                ends=f"{filled.edition.manifest.ends}",
            )  # fmt: skip
