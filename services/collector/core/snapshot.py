"""Puts one look at the market together: only closed candles, complete or refused (pure)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from services.collector.core import safety
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.errors import Permanent
from shared.events import (
    Absent,
    Balances,
    FearGreed,
    OrderBook,
    PastCycle,
    Position,
    Safety,
    SnapshotTaken,
    TradingDue,
)
from shared.settings import Settings
from shared.types import Market, Price, UtcTime

BITCOIN: Market = "KRW-BTC"
DAY, HOUR, MINUTES = 1440, 60, 15
ROWS = 200  # of each window; what Upbit gives in one answer

# Days and hours must be there. Bitcoin's change over 24 h needs 25 hours; a flash crash is usable from
# 15-minute candles only if enough of them show what is usual.
ROWS_MIN = {DAY: 1, HOUR: 25, MINUTES: 48}
# Upbit's maintenance nights take up to five hours; what ends earlier than this is another time's market.
AGE_MAX = {DAY: timedelta(days=2), HOUR: timedelta(days=1), MINUTES: timedelta(hours=1)}

Candles = Mapping[tuple[Market, int], CandleArrays]
Pack = Callable[[Iterable[tuple[CandleWindow, CandleArrays]]], CandleFrame]


class IncompleteSnapshot(Permanent):
    """A part without which nothing may be decided is missing; the text says which."""


class ExchangeData(NamedTuple):
    """What the exchange shows."""

    book: OrderBook
    balances: Balances
    price: Price  # the last one
    warning: bool


class Context(NamedTuple):
    """What is known beside it."""

    position: Position | None
    past: tuple[PastCycle, ...]
    fear_greed: FearGreed | Absent
    history_digest: str


class HazardLimits(NamedTuple):
    """What counts as dangerous; see the settings HAZARD_…"""

    btc_drop_1h: float
    btc_drop_24h: float
    crash_sigma: float

    @classmethod
    def of(cls, settings: Settings) -> "HazardLimits":
        return cls(
            btc_drop_1h=settings.hazard_btc_drop_1h,
            btc_drop_24h=settings.hazard_btc_drop_24h,
            crash_sigma=settings.hazard_crash_sigma,
        )


def windows(market: Market) -> tuple[tuple[Market, int], ...]:
    """The candle windows of a snapshot as (market, minutes of a candle); Bitcoin's once."""
    return tuple((of, unit_min) for of in dict.fromkeys((market, BITCOIN)) for unit_min in (DAY, HOUR, MINUTES))


def boundary(at: UtcTime, unit_min: int) -> UtcTime:
    """The last moment at which a candle of that unit closed: what opens before it has closed."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at - (at - midnight) % timedelta(minutes=unit_min)


def assemble(
    due: TradingDue,
    exchange: ExchangeData,
    context: Context,
    candles: Candles,
    hazards: HazardLimits,
    pack: Pack = CandleFrame.pack,
) -> SnapshotTaken:
    """Join the parts; the snapshot's time is the order book's, the exchange's own clock.

    candles: those of each of `windows(market)`; what had not closed by the slot, or by the book's time
    if that is earlier, is cut off. Raises IncompleteSnapshot.
    """
    until = min(exchange.book.at, due.slot_at)
    closed = {key: window.closed_before(until, timedelta(minutes=key[1]))[-ROWS:] for key, window in candles.items()}
    lacks = {key: _lack(*key, window, until) for key, window in closed.items()}
    for (_, unit_min), why in lacks.items():
        if why and unit_min != MINUTES:
            raise IncompleteSnapshot(f"{due.cycle}: {why}")
    usable = {key: window[:0] if lacks[key] else window for key, window in closed.items()}
    return SnapshotTaken(
        cycle=due.cycle,
        at=exchange.book.at,
        **exchange._asdict(),
        **context._asdict(),
        candles=pack((_window(*key, window, lacks[key]), window) for key, window in usable.items()),
        safety=_safety(due.market, usable, hazards),
    )


def _lack(market: Market, unit_min: int, window: CandleArrays, until: UtcTime) -> str | None:
    """Why a window of closed candles cannot be used; None if it can."""
    name = {DAY: "daily", HOUR: "hourly", MINUTES: "15-minute"}[unit_min]
    if not len(window):
        return f"the exchange has no {name} candles of {market} before {until:%Y-%m-%d %H:%M} UTC"
    if len(window) < ROWS_MIN[unit_min]:
        return f"the exchange has {len(window)} {name} candles of {market}, needed are {ROWS_MIN[unit_min]}"
    end = window.opened_at(-1) + timedelta(minutes=unit_min)
    if until - end > AGE_MAX[unit_min]:
        return f"the {name} candles of {market} end at {end:%Y-%m-%d %H:%M} UTC"
    return None


def _window(market: Market, unit_min: int, candles: CandleArrays, absent: str | None) -> CandleWindow:
    return CandleWindow(market=market, unit_min=unit_min, rows=len(candles), absent=absent)


def _safety(market: Market, candles: Candles, hazards: HazardLimits) -> Safety:
    hours, minutes = candles[market, HOUR], candles[market, MINUTES]
    crash_unit, crash_candles = (MINUTES, minutes) if len(minutes) else (HOUR, hours)
    return Safety(
        market_risk=safety.calculate_market_risk(
            hours, candles[BITCOIN, HOUR], drop_1h=hazards.btc_drop_1h, drop_24h=hazards.btc_drop_24h
        ),
        flash_crash=safety.detect_flash_crash(crash_candles, unit_min=crash_unit, sigma=hazards.crash_sigma),
        rsi_divergence=safety.detect_rsi_divergence(hours),
    )
