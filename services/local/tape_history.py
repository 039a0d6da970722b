"""The hours of a tape as the history of its markets, so that nobody has to ask the paper exchange for a year."""

from datetime import datetime, timedelta

import polars as pl

from services.paper.core.tape import BadTape, Tape
from shared.candles import closed_before
from shared.clock import SystemClock
from shared.history.archive import Archive
from shared.history.months import by_month
from shared.settings import Settings
from shared.types import Market

HOUR_MIN = 60


async def keep_tape(archive: Archive, tape: Tape, settings: Settings) -> None:
    """Put the tape's hours in the place of what lay there. Raises BadTape where it has no hours.

    A tape that plays now is cut at now, and the collector tops it up from the exchange every hour. One that is
    stepped is kept whole: who reads it cuts at the snapshot's time, and its digest stays the same all along.
    """
    until = SystemClock().now() if settings.paper_clock == "wall" else None
    for market in tape.markets:
        hours = hours_of(tape, market, until)
        if not hours.is_empty():
            base = await archive.newest(market)
            await archive.revise(market, base, by_month(hours), anew=True, synthetic=tape.synthetic)


def hours_of(tape: Tape, market: Market, until: datetime | None = None) -> pl.DataFrame:
    """Its hours in shared.candles.SCHEMA, those that had closed at `until`. Raises BadTape."""
    hours = tape.frame(market, HOUR_MIN)
    if hours is None:
        raise BadTape(f"{market}: candles of {tape.unit_min[market]} minutes make no hours; give a finer tape")
    return hours if until is None else closed_before(hours, until, timedelta(hours=1))
