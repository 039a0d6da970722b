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
    uptime_seconds: int
    last_trade_time: Time | None
    jobs: tuple[NextRun, ...]
    missed: tuple[Missed, ...] = Field(description="slots of the last 24 hours without an end, and why")


class Switched(Shape):
    """What the bot is to do from now on."""

    status: Literal["running", "paused", "stopped"]


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


class Trades(Shape):
    trades: tuple[Trade, ...]
    total: int = Field(description="how many there are under this filter, whatever the page")


class Figures(Shape):
    trades: int
    buys: int
    sells: int
    volume: Number = Field(description="won bought and sold, fees not counted")
    fees: Number


class MarketFigures(Figures):
    symbol: str


class TradeStats(Figures):
    markets: tuple[MarketFigures, ...]


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


class CycleDetail(Cycle):
    why: str = Field(description="the whole chain in words, as `upcycle why` prints it")
    events: tuple[Logged, ...]
