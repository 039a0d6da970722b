"""Reads the hours that a history lacks from the exchange, page by page: the first year, the newest hours, holes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import structlog

from services.collector.core.gaps import gaps
from services.collector.core.topup import HOUR, OVERLAP, Span, hour_of, join, pages_over
from services.collector.ports import HourPages
from shared.errors import Permanent
from shared.history.archive import Archive, Edition
from shared.history.manifest import Correction
from shared.history.months import by_month
from shared.history.objects import Overtaken
from shared.types import Market, UtcTime

log = structlog.get_logger("collector")
YEAR = timedelta(days=366)
PAGES_A_WRITE = 4  # about a month: what was filled before a break stays
OVERTAKEN_MAX = 50  # each time another one has written, so it comes to an end


class NoHours(Permanent):
    """The exchange has no hourly candle of the market in the span that was asked for."""


@dataclass(frozen=True)
class Backfill:
    """edition: the newest now. rows: candles it gained. anew: what lay there was another market's or tape's."""

    edition: Edition
    pages: int
    rows: int
    corrections: tuple[Correction, ...] = ()
    anew: bool = False


async def backfill(
    archive: Archive,
    pages: HourPages,
    market: Market,
    *,
    end: UtcTime,
    span: timedelta = YEAR,
    anew: bool = False,
    on_page: Callable[[int, int], None] = lambda done, of: None,
) -> Backfill:
    """Read every hour that closed since the newest, and the last ones again; from `span` before `end` if none are.

    anew: read all of the span again and keep nothing. Goes on where a fill was broken off. on_page: pages done, of.
    Raises the exchange's errors, NoHours, HistoryUnreachable, Overtaken.
    """
    for _ in range(OVERTAKEN_MAX):
        base = None if anew else await archive.newest(market)
        try:
            first = _since(end, span) if base is None else base.manifest.last - OVERLAP
            filled = await _backfill(archive, pages, market, base, [(first, hour_of(end))], hour_of(end), on_page)
        except Overtaken:
            anew = False  # the other one's is as new
            continue
        if filled is not None:
            return Backfill(filled.edition, filled.pages, filled.rows, filled.corrections, anew)
        log.warning("the history is not this exchange's and is filled anew", market=market)
        anew = True
    raise Overtaken(f"others keep writing the history of {market}")


async def backfill_holes(
    archive: Archive,
    pages: HourPages,
    market: Market,
    *,
    end: UtcTime,
    span: timedelta = YEAR,
    on_page: Callable[[int, int], None] = lambda done, of: None,
) -> Backfill | None:
    """Read what is missing in the `span` before the newest hour: its beginning, and holes; None if nothing is.

    Raises the exchange's errors, HistoryMissing, HistoryUnreachable, Overtaken.
    """
    base = await archive.must(market)
    holes = await _holes(archive, pages, market, base, _since(end, span))
    return await _backfill(archive, pages, market, base, holes, hour_of(end), on_page) if holes else None


def _since(end: UtcTime, span: timedelta) -> UtcTime:
    return hour_of(end - span).replace(hour=0)


async def _holes(archive: Archive, pages: HourPages, market: Market, base: Edition, since: UtcTime) -> list[Span]:
    """What the history lacks that the exchange may have; its own nights are not asked for again."""
    first, holes = base.manifest.first, list[Span]()
    if since < first and not (await pages.hours(market, first)).is_empty():
        holes.append((since, first))
    if base.manifest.missing:
        times = (await archive.candles(base.manifest.months))["open_time"].to_list()
        holes += [(gap.begins, gap.last + HOUR) for gap in gaps(times, {}) if gap.cause == "ours"]
    return holes


async def _backfill(
    archive: Archive,
    pages: HourPages,
    market: Market,
    base: Edition | None,
    spans: Sequence[Span],
    end: UtcTime,
    on_page: Callable[[int, int], None],
) -> Backfill | None:
    """None: what is held is otherwise in most of the hours that were read again."""
    before = await archive.newest(market) if base is None else base
    first, ends = spans[0][0], pages_over(spans, end)
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
            # What lies before all that was held is new, not late.
            known_since = [c for c in joined.corrections if base is None or c.at >= base.manifest.first]
            edition = await archive.revise(
                market,
                edition or before,
                {name: frame for name, frame in now.items() if name in months},
                corrections=known_since,
                anew=edition is None,
            )
            rows += len(joined.frame) - len(held)
            corrections += known_since
    if edition is None:
        raise NoHours(f"the exchange has no hourly candles of {market} from {first:%Y-%m-%d} to {end:%Y-%m-%d %H:%M}Z")
    return Backfill(edition, len(ends), rows, tuple(corrections))
