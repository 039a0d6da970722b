"""The candles, and the gate's figure of each cycle beside its threshold."""

from typing import Literal

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


class GateDecision(Shape):
    """What the gate said of the year before a cycle. figure, threshold: of the winning trades; 0.55 is 55 %."""

    cycle: str
    market: str
    slot_at: Time
    outcome: Literal["passed", "exit_only", "rejected"]
    figure: float | None = Field(description="share of winning trades")
    threshold: float | None = Field(description="GATE_WIN_RATE_MIN as the cycle had it")
    trades: int | None = Field(description="that the figure counts")


class GateSeries(Shape):
    """Newest slot first. older: give it as `before` to go on; null where nothing is older."""

    decisions: tuple[GateDecision, ...]
    older: str | None
