"""The shapes of the answers, as the owner curls them. Numbers are JSON numbers, times carry +09:00."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from shared.missed import Cause
from shared.types import UtcTime

KST = timezone(timedelta(hours=9))
JOBS = ("trading_job", "portfolio_snapshot_job", "daily_report_job")


def seoul(at: datetime) -> str:
    return at.astimezone(KST).isoformat(timespec="seconds")


def number(value: Decimal) -> int | float:
    """A JSON number: 50000, not 50000.0; 0.0115."""
    return int(value) if value == value.to_integral_value() else float(value)


Time = Annotated[UtcTime, PlainSerializer(seoul, return_type=str, when_used="json")]
Number = Annotated[Decimal, PlainSerializer(number, return_type=int | float, when_used="json")]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True)


class NextRun(Shape):
    id: str
    next_run: Time | None


class Missed(Shape):
    """A slot that was to be traded and has no end."""

    cycle: str
    market: str
    slot_at: Time
    cause: Cause
    detail: str


class Status(Shape):
    """What the bot is to do, for how long the clock has been up, when the jobs run next, and what was missed."""

    status: Literal["running", "paused", "stopped"]
    trouble: str = Field("", description="what is wrong with the switch, and what to do; empty where nothing is")
    uptime_seconds: int
    last_trade_time: Time | None
    jobs: tuple[NextRun, ...]
    missed: tuple[Missed, ...] = Field(description="slots of the last 24 hours without an end, and why")


class Switched(Shape):
    """What the bot is to do from now on, and who said so when."""

    status: Literal["running", "paused", "stopped"]
    by: str
    at: Time | None


class Trade(Shape):
    id: int
    symbol: str
    side: Literal["buy", "sell"]
    price: Number
    amount: Number
    total: Number
    created_at: Time


class TradeDetail(Trade):
    fee: Number
    ai_decision: str | None = Field(description="the analyst's reason")
    ai_confidence: str | None
    cycle: str
    profit: Number | None = Field(description="of a sale, fees in; null of a buy")


class Trades(Shape):
    trades: tuple[Trade, ...]
    total: int = Field(description="how many there are under this filter, whatever the page")


class Figures(Shape):
    trades: int
    buys: int
    sells: int
    volume: Number = Field(description="won bought and sold, fees not counted")
    fees: Number
    profit: Number = Field(description="of the sales: what they brought less what was paid, average cost, fees in")
    win_rate: float | None = Field(description="share of the sales that made a profit; null without a sale")


class MarketFigures(Figures):
    symbol: str


class PeriodFigures(Figures):
    period: str = Field(description="a month or a day in Seoul: 2026-01, 2026-01-05")


class TradeStats(Figures):
    markets: tuple[MarketFigures, ...]
    periods: tuple[PeriodFigures, ...] = Field(description="newest first; those without a trade are left out")


class Cycle(Shape):
    """A cycle and its result; what is not known yet is null."""

    cycle: str
    market: str
    slot_at: Time
    started_at: Time | None
    ended_at: Time | None
    analyst: str | None
    ai_decision: str | None = Field(description="the analyst's own word, whatever became of it")
    ai_confidence: str | None
    gate: str | None = Field(description="passed, exit_only or rejected")
    model_cost: Number | None
    end_kind: str | None
    stage: str | None
    status: Literal["success", "failed"] | None
    decision: Literal["buy", "sell", "hold"] | None
    confidence: str | None
    reason: str | None
    reason_code: str | None
    price: Number | None
    amount: Number | None
    total: Number | None


class Cycles(Shape):
    cycles: tuple[Cycle, ...]
    total: int


class Logged(Shape):
    """An event of the cycle as it lies in the log."""

    seq: int
    stored_at: Time
    subject: str
    event: dict[str, Any]


class Decision(Shape):
    """What the analyst said, and what became of it."""

    cycle: str
    symbol: str
    slot_at: Time
    analyst: str | None
    decision: str = Field(description="the analyst's own word: buy, sell or hold")
    confidence: str | None
    done: str | None = Field(description="what was done; null while the cycle runs")
    end_kind: str | None
    reason: str | None = Field(description="why it was done so: the analyst's reason, or what stood against it")
    reason_code: str | None
    price: Number | None
    model_cost: Number | None = Field(description="won; null where no model was asked")


class Decisions(Shape):
    decisions: tuple[Decision, ...]
    total: int


class Coin(Shape):
    """A coin on the account, and of it what the bot itself bought and still holds."""

    symbol: str
    coin_balance: Number
    coin_price: Number
    value: Number
    bot_amount: Number
    bot_cost: Number = Field(description="paid for bot_amount, fees in, average cost")
    unrealised: Number = Field(description="bot_amount at coin_price less bot_cost")


class Valued(Shape):
    at: Time
    total_value_krw: Number


class Portfolio(Shape):
    """The account as last valued, with the bot's own trades since; before that all is null or empty."""

    valued_at: Time | None = Field(description="of the prices; balances hold the bot's trades after it, too")
    krw_balance: Number | None
    total_value_krw: Number | None
    coins: tuple[Coin, ...]
    realised: Number = Field(description="profit of all sales so far, fees in")
    unrealised: Number
    history: tuple[Valued, ...] = Field(description="newest first, one an hour")


class JobState(Shape):
    id: str
    next_run: Time | None
    note: str = Field(description="why it does not run, if it does not")
    paused: bool
    by: str | None = Field(description="who last paused or resumed it")
    at: Time | None


class Jobs(Shape):
    jobs: tuple[JobState, ...]


class CycleDetail(Cycle):
    why: str = Field(description="the whole chain in words, as `upcycle why` prints it")
    events: tuple[Logged, ...]
