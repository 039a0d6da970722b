"""What the collector saw in one look at the market."""

from typing import Literal

from pydantic import Field

from shared.candle_frame import CandleFrame
from shared.events.base import Choice, CycleEvent, Part
from shared.reason import Figure
from shared.types import CycleId, Exact, Krw, Price, UtcTime, Volume


class BookLevel(Part):
    """The n-th ask and the n-th bid together, as Upbit pairs them."""

    ask_price: Exact[Price]
    ask_size: Exact[Volume]
    bid_price: Exact[Price]
    bid_size: Exact[Volume]


class OrderBook(Part):
    at: UtcTime
    levels: tuple[BookLevel, ...] = Field(min_length=1)  # best first


class Balances(Part):
    at: UtcTime
    krw_free: Exact[Krw]
    krw_locked: Exact[Krw]
    coin_free: Exact[Volume]
    coin_locked: Exact[Volume]


class Position(Part):
    """What the bot itself bought and still holds; nothing else on the account is its own."""

    volume: Exact[Volume]
    cost: Exact[Krw]  # paid for what is still held, fees included
    opened_by: CycleId | None = None  # the cycle of its first buy
    why: str = ""


class PastCycle(Part):
    """How an earlier cycle of the market ended."""

    cycle: CycleId
    end: str
    decision: Choice
    reason_code: str


class FearGreed(Part):
    at: UtcTime  # the day it stands for, 00:00 UTC
    value: int = Field(ge=0, le=100)
    label: str


class Absent(Part):
    """A part that may be missing, and why it is."""

    absent: str  # of an older event alone, which kept a sentence and no figures
    reason_code: str = ""
    figures: tuple[Figure, ...] = ()


class MarketRisk(Part):
    """How the market hangs on Bitcoin: hourly log returns over 7 days, Bitcoin's own fall and unrest."""

    level: Literal["low", "medium", "high"]
    correlation: float | None
    beta: float | None
    btc_change_1h: float  # share: -0.03 is -3 %
    btc_change_24h: float
    btc_volatility: float  # standard deviation of hourly log returns
    reasons: tuple[str, ...] = ()


class FlashCrash(Part):
    """A fall beyond a multiple of recent volatility."""

    state: Literal["none", "running", "recovered"]
    unit_min: int  # of the candles it was seen in
    fall: float  # deepest fall in the window, share, 0.38 is -38 %
    sigma: float  # that fall in standard deviations of recent returns
    volume_ratio: float | None
    at: UtcTime | None = None


class RsiDivergence(Part):
    """Price and RSI swing points disagree."""

    kind: Literal["none", "bullish", "bearish"]
    first_at: UtcTime | None = None
    second_at: UtcTime | None = None


class Safety(Part):
    market_risk: MarketRisk
    flash_crash: FlashCrash
    rsi_divergence: RsiDivergence

    @property
    def buy_blocked_by(self) -> str | None:
        """The code of the hazard that forbids buying; None if there is none. It never blocks a sell."""
        if self.flash_crash.state == "running":
            return "HAZARD_FLASH_CRASH"
        if self.market_risk.level == "high":
            return "HAZARD_MARKET_RISK"
        return None


class SnapshotTaken(CycleEvent):
    """Everything seen in one look at the market; each part with the exchange's own time."""

    SUBJECT = "ev.snapshot.{market}.{slot}"
    kind: Literal["SnapshotTaken"] = "SnapshotTaken"
    at: UtcTime  # only candles closed by then may be seen
    price: Exact[Price]  # last price
    warning: bool  # Upbit flags the market as a candidate for delisting
    book: OrderBook
    balances: Balances
    position: Position | None  # the bot's own
    past: tuple[PastCycle, ...]  # newest first
    fear_greed: FearGreed | Absent
    candles: CandleFrame
    safety: Safety
    history_digest: str  # which year of candles the gate is to read
