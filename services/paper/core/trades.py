"""Single trades, which a tape of candles does not hold: each closed bar tells four, at its own prices (pure)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.paper.core.bars import Bar, from_ms, to_ms
from services.paper.core.tape import Tape

PARTS = 4
DAY = timedelta(days=1)


class Tick(NamedTuple):
    at: datetime
    price: float
    volume: float
    bought: bool  # the taker's side
    sequential_id: int


def ticks(bar: Bar) -> list[Tick]:
    """Newest first: close, the two extremes in the likelier order, open; a quarter of the volume each."""
    rising = bar.close >= bar.open
    path = (bar.open, bar.low, bar.high, bar.close) if rising else (bar.open, bar.high, bar.low, bar.close)
    step = (bar.known_ms - bar.start_ms) // PARTS
    path_ticks = []
    for n, price in enumerate(path):
        ms = bar.known_ms if n == PARTS - 1 else bar.start_ms + n * step
        up = price >= path[n - 1] if n else rising
        path_ticks.append(Tick(from_ms(ms), price, round(bar.volume / PARTS, 8), up, ms * 10_000 + n))
    return path_ticks[::-1]


def ticks_of_day(tape: Tape, market: str, at: datetime, midnight: datetime, until: datetime, count: int) -> list[Tick]:
    """Those known at `at`, of the day, at or before `until`, newest first, at most `count`."""
    bars = tape.closed_between(market, midnight, min(at, midnight + DAY + timedelta(minutes=tape.unit_min[market])))
    found: list[Tick] = []
    for bar in reversed(bars):
        if bar.volume and to_ms(midnight) <= bar.start_ms < to_ms(midnight + DAY):
            found += [tick for tick in ticks(bar) if tick.at <= until]
        if len(found) >= count:
            break
    return found[:count]
