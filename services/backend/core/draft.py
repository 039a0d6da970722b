"""A batch of the log as the rows it adds to the books (pure): one event or a thousand, the rows are the same.

What a row needs to know of the books before it (ids, the position a sale was made from) is `BooksState`, and
goes on with each event.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from services.backend.core.projection import (
    CycleRow,
    MissedRow,
    StatusRow,
    TradeRow,
    model_cost,
    row_of,
    snapshots_of,
)
from shared.events import (
    DecisionMade,
    FillRecorded,
    LogAccepted,
    PortfolioValued,
    ReportDue,
    ReportReady,
    TradingDue,
    ValuationDue,
)
from shared.reach import Reach
from shared.stored import Stored
from shared.types import UtcTime, slot_time
from shared.writing import seoul_day

NOTHING = Decimal(0)
ALL = "all"  # the period that never ends
JOB_OF = {
    "ValuationDue": "portfolio_snapshot_job",
    "PortfolioValued": "portfolio_snapshot_job",
    "ReportDue": "daily_report_job",
    "ReportReady": "daily_report_job",
}
TallyKey = tuple[str, str, str]  # kind, market, word


@dataclass(frozen=True)
class Holding:
    volume: Decimal = NOTHING
    cost: Decimal = NOTHING
    opened_for: str | None = None  # the code of the purchase that opened it


@dataclass(frozen=True)
class JobRun:
    """A question to a job beside the cycle and its answer, by their places in the log."""

    job: str
    asked_seq: int
    asked_at: UtcTime
    done_seq: int | None = None
    done_at: UtcTime | None = None


@dataclass
class BooksState:
    """The books before a batch. Ids run from 1 without a gap, so the last one is also how many there are."""

    trades: int = 0
    statuses: int = 0
    snapshots: int = 0
    last_trade_at: UtcTime | None = None
    held: dict[str, Holding] = field(default_factory=dict)  # by symbol
    waiting: dict[str, JobRun] = field(default_factory=dict)  # by job: its question that has no answer yet
    changes: int = 0  # of settings
    settings: dict[str, str | None] = field(default_factory=dict)  # of the last tick, by name


class FigureKey(NamedTuple):
    """What trades are added up by. opened_for, reason_code: as in trades, "" where nobody knows."""

    period: str
    symbol: str
    side: str
    opened_for: str = ""
    reason_code: str = ""


@dataclass(frozen=True)
class Sum:
    """Trades added up, exactly."""

    trades: int = 0
    volume: Decimal = NOTHING
    fees: Decimal = NOTHING
    profit: Decimal = NOTHING
    wins: int = 0
    slippage: Decimal = NOTHING

    def __add__(self, other: "Sum") -> "Sum":
        with localcontext(prec=60):
            return Sum(
                self.trades + other.trades,
                self.volume + other.volume,
                self.fees + other.fees,
                self.profit + other.profit,
                self.wins + other.wins,
                self.slippage + other.slippage,
            )


@dataclass(frozen=True)
class ModelSum:
    """Questions to the model added up, exactly."""

    calls: int = 0
    cost: Decimal = NOTHING

    def __add__(self, other: "ModelSum") -> "ModelSum":
        with localcontext(prec=60):
            return ModelSum(self.calls + other.calls, self.cost + other.cost)


@dataclass
class Draft:
    """Rows by table, as their columns are named. A cycle's row holds only what became known of it."""

    trades: list[dict[str, Any]] = field(default_factory=list)
    cycles: dict[str, dict[str, Any]] = field(default_factory=dict)
    missed: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[FigureKey, Sum] = field(default_factory=dict)
    tallies: Counter[TallyKey] = field(default_factory=Counter)
    job_runs: dict[int, JobRun] = field(default_factory=dict)  # by the question's place
    model: dict[str, ModelSum] = field(default_factory=dict)  # by period
    settings: list[dict[str, Any]] = field(default_factory=list)


def draft_of(events: Iterable[Stored], books: BooksState) -> Draft:
    """books: brought up to date on the way."""
    draft = Draft()
    for stored in events:
        match stored.event:
            case ValuationDue() | ReportDue():
                _job_due(draft, books, stored)
                continue
            case PortfolioValued() as valued:
                for row in snapshots_of(valued):
                    books.snapshots += 1
                    draft.snapshots.append({"id": books.snapshots} | asdict(row))
                _job_done(draft, books, stored)
                continue
            case ReportReady():
                _job_done(draft, books, stored)
                continue
            case TradingDue() as due:
                _settings(draft, books, due, stored.at)
            case DecisionMade() as decision:
                _model(draft, decision)
        match row_of(stored.event, stored.seq, stored.at):
            case TradeRow() as trade:
                _trade(draft, books, trade)
            case CycleRow() as cycle:
                _cycle(draft, cycle)
            case MissedRow() as slot:
                draft.missed.append(asdict(slot))
            case StatusRow() as status:
                books.statuses += 1
                draft.statuses.append(_status(status, books))
    return draft


def reach_of(events: Iterable[Stored], reach: Reach) -> Reach:
    """How far the log reaches once these are booked, too."""
    for stored in events:
        fill = stored.event.cycle if isinstance(stored.event, FillRecorded) else None
        reach = reach.after(stored.seq, stored.stamp, fill)
        if isinstance(stored.event, LogAccepted):
            reach = reach.model_copy(update={"accepted_at": stored.event.at})
    return reach


def profit_of(trade: TradeRow, before: Holding) -> Decimal | None:
    """What a sale brought less what was paid for it, fees in; None of a buy.

    What was sold beyond the bot's own coins (SELL_SCOPE=all) is no profit of the bot's.
    """
    if trade.side == "buy":
        return None
    if trade.profit_exact is not None:
        return trade.profit_exact
    with localcontext(prec=60):
        volume = trade.amount or Decimal(1)
        own = min(Decimal(1), before.volume / volume)
        brought = (trade.funds_exact - trade.fee_exact) * own
        return (brought - (before.cost - trade.held_cost)).quantize(Decimal("0.00000001"))


def periods(at: UtcTime) -> tuple[str, str, str]:
    """All time, and the month and the day in Seoul: "all", "2026-01", "2026-01-05"."""
    day = seoul_day(at).isoformat()
    return ALL, day[:7], day


def _settings(draft: Draft, books: BooksState, due: TradingDue, at: UtcTime) -> None:
    """One row for each value that is another one than the last tick's; a tick that says nothing changes nothing."""
    now: dict[str, str | None] = dict.fromkeys(books.settings) | due.settings if due.settings else {}
    for name, value in sorted(now.items()):
        if name not in books.settings or books.settings[name] != value:
            books.changes += 1
            row = {"id": books.changes, "name": name, "value": value, "before": books.settings.get(name), "at": at}
            draft.settings.append(row)
    books.settings |= now


def _model(draft: Draft, decision: DecisionMade) -> None:
    asked = int(decision.call is not None) + (decision.lost.calls if decision.lost else 0)
    if asked:
        one = ModelSum(asked, model_cost(decision) or NOTHING)
        for period in periods(slot_time(decision.slot)):
            draft.model[period] = draft.model.get(period, ModelSum()) + one


def _job_due(draft: Draft, books: BooksState, stored: Stored) -> None:
    """Whoever did not answer before the next question has failed; it is known only then, and stays so."""
    run = JobRun(JOB_OF[stored.event.kind], stored.seq, stored.at)
    draft.tallies["failed", "", run.job] += int(run.job in books.waiting)
    books.waiting[run.job] = draft.job_runs[run.asked_seq] = run


def _job_done(draft: Draft, books: BooksState, stored: Stored) -> None:
    job = JOB_OF[stored.event.kind]
    draft.tallies["job", "", job] += 1
    if run := books.waiting.pop(job, None):
        draft.job_runs[run.asked_seq] = replace(run, done_seq=stored.seq, done_at=stored.at)


def _trade(draft: Draft, books: BooksState, row: TradeRow) -> None:
    before = books.held.get(row.symbol, Holding())
    opened_for = before.opened_for if before.volume or row.side == "sell" else row.reason_code
    row = replace(row, profit_exact=profit_of(row, before), opened_for=opened_for)
    books.trades += 1
    books.last_trade_at = max(books.last_trade_at or row.created_at, row.created_at)
    books.held[row.symbol] = Holding(row.held_volume, row.held_cost, opened_for)
    draft.trades.append({"id": books.trades} | asdict(row))
    profit = row.profit_exact or NOTHING
    one = Sum(1, row.funds_exact, row.fee_exact, profit, int(profit > 0), row.slippage_krw)
    for period in periods(row.created_at):
        place = FigureKey(period, row.symbol, row.side, opened_for or "", row.reason_code or "")
        draft.figures[place] = draft.figures.get(place, Sum()) + one


def _cycle(draft: Draft, row: CycleRow) -> None:
    told = {name: value for name, value in asdict(row).items() if value is not None}
    draft.cycles.setdefault(row.cycle, {}).update(told)
    if row.status is not None:
        draft.tallies["end", row.market, row.status] += 1
    if row.ai_decision is not None:
        draft.tallies["decision", row.market, row.ai_decision] += 1


def _status(row: StatusRow, books: BooksState) -> dict[str, Any]:
    return {
        "id": books.statuses,
        "status": row.status,
        "last_trade_time": books.last_trade_at,
        "total_trades": books.trades,
        "uptime_seconds": None,  # no event says it; /api/bot/status does
        "created_at": row.at,
        "updated_at": row.at,
    }
