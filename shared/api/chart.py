"""The candles."""

from pydantic import Field

from shared.api.shape import Number, Shape, Time


class Candle(Shape):
    """at: when it opened. Prices in won, the volume in coins."""

    at: Time
    open: Number
    high: Number
    low: Number
    close: Number
    volume: Number


class Candles(Shape):
    """Closed candles as the cycles' snapshots hold them, oldest first; an hour that nobody traded in has none.

    None of them closed after `to`, nor is one as it was corrected later: what is here was known then.
    """

    market: str
    interval_minutes: int = Field(description="of one candle, whatever the minutes between cycles")
    candles: tuple[Candle, ...]
