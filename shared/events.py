"""Every event, in pipeline order; each names its subject and what may be published only once.

`SUBJECT` says where an event lies in the log, `ONCE` which subjects together may hold no message yet
(or none after a named one) when it is published: the server enforces it, see `shared/bus/log.py`.
Events are frozen, tolerate unknown fields (yesterday's messages are still in the log) and refuse
missing ones. A change that old readers cannot bear is a new class.
"""

from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.candles import CandleFrame
from shared.types import CycleId, Exact, Krw, Price, Ratio, UtcTime, Volume, split_cycle

Side = Literal["buy", "sell"]
Choice = Literal["buy", "sell", "hold"]
Confidence = Literal["high", "medium", "low"]


class Part(BaseModel):
    """A piece of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Event(Part):
    SUBJECT: ClassVar[str]
    ONCE: ClassVar[str]

    kind: str

    @property
    def subject(self) -> str:
        raise NotImplementedError(type(self).__name__)

    @property
    def once(self) -> str:
        return self.subject


class CycleEvent(Event):
    """Something that happened in a cycle."""

    cycle: CycleId

    @property
    def market(self) -> str:
        return split_cycle(self.cycle)[0]

    @property
    def slot(self) -> str:
        return split_cycle(self.cycle)[1]

    @classmethod
    def subject_of(cls, cycle: str) -> str:
        market, slot = split_cycle(cycle)
        return cls.SUBJECT.format(market=market, slot=slot)

    @property
    def subject(self) -> str:
        return self.subject_of(self.cycle)

    @property
    def once(self) -> str:
        return getattr(type(self), "ONCE", self.SUBJECT).format(market=self.market, slot=self.slot)


# --- 0 clock -----------------------------------------------------------------------------------

# Starting a slot and missing it exclude each other: whichever lies first under this pattern stays.
STARTED_OR_MISSED = "ev.*.{market}.{slot}"


class TradingDue(CycleEvent):
    """The clock says: look at this market now."""

    SUBJECT = "ev.tick.{market}.{slot}"
    ONCE = STARTED_OR_MISSED
    kind: Literal["TradingDue"] = "TradingDue"
    slot_at: UtcTime
    settings: dict[str, str]  # every setting that decides, as it stood; never a secret
    settings_digest: str  # sha256 of them
    code: str  # version and digest of the code that is to decide


class CycleMissed(CycleEvent):
    """This slot will never be traded. Not an end: nothing was started."""

    SUBJECT = "ev.missed.{market}.{slot}"
    ONCE = STARTED_OR_MISSED
    kind: Literal["CycleMissed"] = "CycleMissed"
    reason: Literal["late", "previous_unfinished", "paused", "stopped"]
    detail: str


# --- 1 collector -------------------------------------------------------------------------------


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

    absent: str


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


# --- 2 filter ----------------------------------------------------------------------------------


FEW_TRADES = 30


class BacktestReport(Part):
    """The breakout rule over the year before; money compounded trade by trade, at their closes."""

    days: int
    trades: int
    win_rate: Ratio  # 0 if there was no trade
    total_return: float  # net of fees and slippage; 0.1 is +10 %
    mean_return: float  # of a trade
    expectancy: float  # mean net return of a trade after fees; what one trade is worth
    drawdown: Ratio  # deepest fall of the equity from its peak
    worst_trade: float
    profit_factor: float | None  # gains over losses; None without a loss
    sharpe: float | None  # of trade returns, by the year; None below two trades
    buy_and_hold: float

    @property
    def thin(self) -> bool:
        """Too few trades for their shares to say much: at 30, a win rate of 0.55 is good to about 0.09."""
        return self.trades < FEW_TRADES


class Objection(Part):
    """One reason the gate says no, and how far off it is."""

    code: Literal["WIN_RATE", "DRAWDOWN", "TRADES", "EXPECTANCY"]
    value: float
    limit: float
    distance: float  # always positive: how much is missing


class SignalPassed(CycleEvent):
    SUBJECT = "ev.signal.{market}.{slot}"
    kind: Literal["SignalPassed"] = "SignalPassed"
    report: BacktestReport
    exit_only: bool  # the gate said no, but a position is held: it may be closed
    objections: tuple[Objection, ...] = ()  # what the gate had against it, where exit_only


class SignalRejected(CycleEvent):
    SUBJECT = "ev.signal.{market}.{slot}"
    kind: Literal["SignalRejected"] = "SignalRejected"
    report: BacktestReport
    objections: tuple[Objection, ...] = Field(min_length=1)
    price: Exact[Price]


# --- 3 analyst ---------------------------------------------------------------------------------


class Vote(Part):
    """What one indicator says: +1 buy, -1 sell, 0 nothing."""

    name: str
    value: float
    vote: Literal[-1, 0, 1]


class DecisionMade(CycleEvent):
    SUBJECT = "ev.decision.{market}.{slot}"
    kind: Literal["DecisionMade"] = "DecisionMade"
    decision: Choice
    confidence: Confidence | None
    reason: str
    reason_code: str
    analyst: Literal["rules", "model"]  # who spoke
    votes: tuple[Vote, ...] = ()
    buy_blocked_by: str | None = None  # why a buy was excluded, if it was
    price: Exact[Price]  # last price of the snapshot


# --- 4 executor --------------------------------------------------------------------------------

# One intent or end may follow the last of them that the writer knows of: so there is one end, and no
# intent after a failure.
INTENT_OR_END = "ev.*.*.{market}.{slot}"


class OrderIntended(CycleEvent):
    """Stored before the request leaves. Whoever finds it asks the exchange and never sends again."""

    SUBJECT = "ev.intent.executor.{market}.{slot}"
    ONCE = INTENT_OR_END
    kind: Literal["OrderIntended"] = "OrderIntended"
    client_order_id: str = Field(max_length=64)
    side: Side
    funds: Exact[Krw] | None = None  # of a buy: won to spend, fee not counted
    volume: Exact[Volume] | None = None  # of a sell: coins to give
    expected_price: Exact[Price]  # best price of the other side when it was decided


class FillRecorded(CycleEvent):
    """What was executed. The books read this and nothing else."""

    SUBJECT = "ev.fill.{market}.{slot}"
    kind: Literal["FillRecorded"] = "FillRecorded"
    client_order_id: str
    exchange_order_id: str
    side: Side
    price: Exact[Price]  # funds / volume
    volume: Exact[Volume]
    funds: Exact[Krw]  # sum over the trades, without fee
    fee: Exact[Krw]
    trades: int
    executed_at: UtcTime  # of the last trade
    slippage: float  # against the snapshot's price, positive is worse
    position: Position  # the bot's own, after this
    confidence: Confidence | None
    reason: str


class CycleEnded(CycleEvent):
    """A cycle's one end. These fields are its result, whatever the kind."""

    SUBJECT = "ev.ended.{stage}.{market}.{slot}"
    ONCE = INTENT_OR_END
    stage: str
    decision: Choice  # what was done: hold unless an order was executed or may have been
    confidence: Confidence | None = None
    reason: str
    reason_code: str
    price: Exact[Price] | None = None
    amount: Exact[Volume] = Volume(Decimal(0))
    total: Exact[Krw] = Krw(Decimal(0))

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(stage=self.stage, market=self.market, slot=self.slot)


class CycleRejected(CycleEnded):
    """The gate said no."""

    kind: Literal["CycleRejected"] = "CycleRejected"
    objections: tuple[Objection, ...]


class OrderFilled(CycleEnded):
    """Something was bought or sold."""

    kind: Literal["OrderFilled"] = "OrderFilled"
    fee: Exact[Krw]
    executed_at: UtcTime


class OrderSkipped(CycleEnded):
    """The analyst said hold."""

    kind: Literal["OrderSkipped"] = "OrderSkipped"


class OrderDenied(CycleEnded):
    """Our own risk rules said no."""

    kind: Literal["OrderDenied"] = "OrderDenied"
    wanted: Side


class OrderRejected(CycleEnded):
    """The exchange said no."""

    kind: Literal["OrderRejected"] = "OrderRejected"
    wanted: Side


class OrderUnresolved(CycleEnded):
    """An order may exist and could not be cleared up: a person must look."""

    kind: Literal["OrderUnresolved"] = "OrderUnresolved"
    client_order_id: str


class CycleFailed(CycleEnded):
    """A stage gave up; its message lies among the dead letters."""

    kind: Literal["CycleFailed"] = "CycleFailed"


# --- beside the cycle --------------------------------------------------------------------------


class ControlGiven(Event):
    """The owner (or a service on its way up or down) changed what the bot is to do."""

    SUBJECT = "ev.control.{command}.{id}"
    kind: Literal["ControlGiven"] = "ControlGiven"
    command: Literal["start", "stop", "pause", "resume"]
    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    by: str
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(command=self.command, id=self.id)


def _leaves(cls: type[Event]) -> list[type[Event]]:
    below = cls.__subclasses__()
    return [leaf for sub in below for leaf in _leaves(sub)] if below else [cls]


KINDS: dict[str, type[Event]] = {cls.__name__: cls for cls in _leaves(Event)}  # in pipeline order
SUCCESS = {"CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied"}  # ends that are no failure


def result(end: CycleEnded) -> dict[str, Any]:
    """The owner's result of a cycle; money as JSON numbers, as he wrote it."""
    return {
        "status": "success" if end.kind in SUCCESS else "failed",
        "decision": end.decision,
        "confidence": end.confidence,
        "reason": end.reason,
        "reason_code": end.reason_code,
        "price": None if end.price is None else float(end.price),
        "amount": float(end.amount),
        "total": float(end.total),
    }
