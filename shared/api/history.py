"""The candles that the gate judges by, market by market: how far they reach, and what they lack."""

from pydantic import Field

from shared.api.shape import Shape, Time


class MonthGap(Shape):
    month: str = Field(description="of the UTC calendar, as Upbit's: 2026-01")
    hours: int = Field(description="without a candle: nobody traded, or it was never read")


class MarketHistory(Shape):
    """Hourly candles from `first` until `until`; null where there are none."""

    market: str
    first: Time | None = Field(description="when the oldest candle opened")
    until: Time | None = Field(description="when the newest closed")
    candles: int
    missing: int = Field(description="hours in between without a candle")
    gaps: tuple[MonthGap, ...] = Field(description="the same by month, oldest first")
    corrected: int = Field(description="candles that came otherwise when they were read again")
    synthetic: bool = Field(description="made up for practice, no real prices")


class Histories(Shape):
    """Of each market that is traded, in the owner's order."""

    histories: tuple[MarketHistory, ...]
