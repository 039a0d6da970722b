"""Weeks, months and years made of the tape's days (pure)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from services.paper.core.bars import DAY_MIN, Bar, from_ms, merged, to_ms
from services.paper.core.tape import COUNT_MAX, Tape

FirstDay = Callable[[datetime], datetime]


def week(day: datetime) -> datetime:
    return day - timedelta(days=day.weekday())


def month(day: datetime) -> datetime:
    return day.replace(day=1)


def year(day: datetime) -> datetime:
    return day.replace(month=1, day=1)


def periods(
    tape: Tape, market: str, first_day: FirstDay, at: datetime, count: int, before: datetime | None
) -> list[Bar]:
    """Newest first, at most 200, the forming one as far as it is known; `before` is exclusive and means their start."""
    count = min(count, COUNT_MAX)
    found: list[Bar] = []
    for start, days in groupby(_days(tape, market, at), key=lambda bar: first_day(from_ms(bar.start_ms))):
        if before is not None and start >= before:
            continue
        whole = merged(to_ms(start), list(days)[::-1])
        found += [whole] if whole else []
        if len(found) == count:
            break
    return found


def _days(tape: Tape, market: str, at: datetime) -> Iterator[Bar]:
    """Newest first, page by page."""
    before = None
    while days := tape.candles(market, DAY_MIN, at, COUNT_MAX, before):
        yield from days
        before = from_ms(days[-1].start_ms)
