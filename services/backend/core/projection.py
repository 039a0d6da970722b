"""What one event of the log means for the books: event in, row out.

The trades are read from fills, never from ends: a fill may be recorded long after its cycle has ended.
A row names its table's columns. Events come in the order of the log, each perhaps more than once;
whoever stores the rows sees to that.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, TypeAlias

from services.backend.core.commands import STATUS_AFTER
from services.backend.core.reasons import code_of, columns_of, figures_of, storable
from shared.catalogue import sentence
from shared.events import (
    SUCCESS,
    ControlGiven,
    CycleEnded,
    CycleEvent,
    CycleMissed,
    DecisionMade,
    Event,
    ExitDue,
    FillRecorded,
    PortfolioValued,
    SaleDue,
    SignalPassed,
    SignalRejected,
    SnapshotTaken,
    TradingDue,
)
from shared.switch import Status
from shared.types import UtcTime, slot_time


@dataclass(frozen=True)
class TradeRow:
    """A new trade. The owner's columns are rounded to what they hold; `…_exact` are not."""

    cycle: str
    symbol: str
    side: str
    price: Decimal
    amount: Decimal
    total_krw: Decimal
    fee: Decimal
    funds_exact: Decimal
    fee_exact: Decimal
    ai_decision: str
    ai_confidence: str | None
    created_at: UtcTime
    updated_at: UtcTime
    held_volume: Decimal
    held_cost: Decimal
    reason: str | None = None
    reason_code: str | None = None
    figures: str | None = None
    said: str | None = None
    slippage_krw: Decimal = Decimal(0)
    opened_for: str | None = None  # whoever stores it knows what is held
    profit_exact: Decimal | None = None  # of a sale; where the fill does not say, whoever stores it works it out


@dataclass(frozen=True)
class CycleRow:
    """What an event adds to its cycle's row; None says nothing and leaves what is there."""

    cycle: str
    market: str
    slot_at: UtcTime
    started_at: UtcTime | None = None
    price: Decimal | None = None
    analyst: str | None = None
    ai_decision: str | None = None
    ai_confidence: str | None = None
    ended_at: UtcTime | None = None
    end_kind: str | None = None
    end_seq: int | None = None
    stage: str | None = None
    status: str | None = None
    decision: str | None = None
    confidence: str | None = None
    reason: str | None = None
    reason_code: str | None = None
    figures: str | None = None
    said: str | None = None
    amount: Decimal | None = None
    total: Decimal | None = None
    gate: str | None = None
    gate_distance: float | None = None
    gate_win_rate: float | None = None
    gate_win_rate_min: float | None = None
    gate_trades: int | None = None
    model_cost: Decimal | None = None


@dataclass(frozen=True)
class MissedRow:
    cycle: str
    market: str
    slot_at: UtcTime
    reason: str
    detail: str
    reason_code: str
    figures: str  # JSON, which holds any sign of a text


@dataclass(frozen=True)
class StatusRow:
    """The owner switched the bot; the figures beside it come from the books as they stand then."""

    status: Status
    at: UtcTime


@dataclass(frozen=True)
class SnapshotRow:
    """What the account held of one coin, and what all of it was worth."""

    krw_balance: Decimal
    coin_balance: Decimal
    coin_price: Decimal
    total_value_krw: Decimal
    created_at: UtcTime
    symbol: str
    price_exact: Decimal


Row: TypeAlias = TradeRow | CycleRow | MissedRow | StatusRow


def row_of(event: Event, seq: int, at: UtcTime) -> Row | None:  # noqa: PLR0911
    """seq, at: where in the log the event lies, and when the log stored it."""
    match event:
        case TradingDue():
            return _cycle(event, started_at=at, gate_win_rate_min=_win_rate_min(event))
        case SignalPassed():
            return _cycle(event, gate="exit_only" if event.exit_only else "passed", **_gate(event))
        case SignalRejected():
            return _cycle(event, gate="rejected", **_gate(event))
        case SaleDue():
            return _cycle(event, started_at=at)
        case ExitDue():
            return _cycle(event, started_at=at, price=rounded(event.price, 8), analyst="guard")
        case SnapshotTaken():
            return _cycle(event, price=rounded(event.price, 8))
        case DecisionMade():
            said = {"analyst": event.analyst, "ai_decision": event.decision, "ai_confidence": event.confidence}
            return _cycle(event, **said, model_cost=model_cost(event))
        case FillRecorded():
            return _trade(event)
        case CycleEnded():
            return _end(event, seq, at)
        case CycleMissed():
            code, figures = code_of(event.reason_code), figures_of(event.figures)
            slot_at, detail = slot_time(event.slot), storable(event.detail)
            return MissedRow(event.cycle, event.market, slot_at, event.reason, detail, code, figures)
        case ControlGiven():
            return StatusRow(STATUS_AFTER[event.command], event.at)
        case _:
            return None


def model_cost(decision: DecisionMade) -> Decimal | None:
    """None if no model was asked; what a crash lost was asked too."""
    costs = [told.cost_krw for told in (decision.call, decision.lost) if told is not None]
    return sum(costs, Decimal(0)) if costs else None


def snapshots_of(valued: PortfolioValued) -> list[SnapshotRow]:
    """A row for each market that was asked for; none of a partial valuation, whose total would look like a loss."""
    whole = () if valued.left_out else valued.holdings
    return [
        SnapshotRow(
            krw_balance=rounded(valued.krw, 2),
            coin_balance=rounded(coin.volume, 8),
            coin_price=rounded(coin.price, 2),
            total_value_krw=rounded(valued.total, 2),
            created_at=valued.at,
            symbol=coin.market,
            price_exact=coin.price,
        )
        for coin in whole
    ]


def rounded(value: Decimal, places: int) -> Decimal:
    """To `places` decimals, half away from zero, as PostgreSQL rounds."""
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _cycle(event: CycleEvent, **told: object) -> CycleRow:
    return CycleRow(event.cycle, event.market, slot_time(event.slot), **told)  # type: ignore[arg-type]


def _gate(signal: SignalPassed | SignalRejected) -> dict[str, Any]:
    """gate_distance: what the share of winning trades lacked."""
    lacked = next((no.distance for no in signal.objections if no.code == "WIN_RATE"), None)
    return {
        "gate_distance": lacked,
        "gate_win_rate": signal.report.win_rate,
        "gate_trades": signal.report.trades,
    }


def _win_rate_min(due: TradingDue) -> float | None:
    try:
        return float(due.settings["GATE_WIN_RATE_MIN"])
    except (LookupError, ValueError):
        return None  # of a tick from before there was one


def _slippage(fill: FillRecorded) -> Decimal:
    """Won lost against the snapshot's price: what was paid above it, or not brought below it."""
    with localcontext(prec=60):
        share = Decimal(str(fill.slippage))
        expected = 1 + share if fill.side == "buy" else 1 - share
        return rounded(fill.funds * share / expected, 8) if expected > 0 else Decimal(0)


def _trade(fill: FillRecorded) -> TradeRow:
    return TradeRow(
        cycle=fill.cycle,
        symbol=fill.market,
        side=fill.side,
        price=rounded(fill.price, 8),
        amount=rounded(fill.volume, 8),
        total_krw=rounded(fill.funds, 2),
        fee=rounded(fill.fee, 2),
        funds_exact=fill.funds,
        fee_exact=fill.fee,
        ai_decision=storable(sentence(fill, "ko")),
        ai_confidence=fill.confidence,
        created_at=fill.executed_at,
        updated_at=fill.executed_at,
        held_volume=fill.position.volume,
        held_cost=fill.position.cost,
        slippage_krw=_slippage(fill),
        profit_exact=fill.profit,
        **columns_of(fill),
    )


def _end(end: CycleEnded, seq: int, at: UtcTime) -> CycleRow:
    return _cycle(
        end,
        ended_at=at,
        end_kind=end.kind,
        end_seq=seq,
        stage=end.stage,
        status="success" if end.kind in SUCCESS else "failed",
        decision=end.decision,
        confidence=end.confidence,
        price=None if end.price is None else rounded(end.price, 8),
        amount=rounded(end.amount, 8),
        total=rounded(end.total, 2),
        **columns_of(end),
    )
