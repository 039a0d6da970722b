"""The first screen: is it well, what do I own, what happened this hour and why (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.page.core.cycle_log import CycleLog, cycle_log
from services.page.core.hours import Hour, hours, kind_of
from services.page.core.stages import Dot, dots
from shared.api import bot
from shared.api.cycles import Cycle, CycleDetail, Cycles
from shared.api.panic import PanicResult
from shared.api.portfolio import Coin, Portfolio
from shared.events import Event, Objection, SignalPassed, SignalRejected
from shared.switch import Command, Status
from shared.types import UtcTime

DAY = timedelta(hours=24)
PRESSES: Mapping[Status, Sequence[Command]] = {  # what is worth saying to a bot in this state
    "running": ("exits-only", "pause", "stop"),
    "exits-only": ("resume", "pause", "stop"),
    "paused": ("resume", "exits-only", "stop"),
    "stopped": ("start",),
}


@dataclass(frozen=True, slots=True)
class GateBar:
    """Shares 0..1. limit: None where the cycle's start does not say it. lacking: None where the limit was met."""

    win_rate: float
    limit: float | None
    lacking: float | None
    passed: bool
    others: Sequence[Objection]  # what else the gate had against it


@dataclass(frozen=True, slots=True)
class Card:
    """One market's newest cycle."""

    market: str
    cycle: CycleDetail
    events: Sequence[Event]
    dots: Sequence[Dot]
    gate: GateBar | None
    coin: Coin | None  # what the bot holds of it
    day: Sequence[Hour]


@dataclass(frozen=True, slots=True)
class Now:
    cards: Sequence[Card]
    coins_value: Decimal | None
    day_change: Decimal | None
    values: Sequence[Decimal]  # by the hour, oldest first
    next_run: UtcTime | None
    trades: Sequence[Cycle]


def recent(told: Sequence[PanicResult], at: UtcTime) -> PanicResult | None:
    """The last panic, for a day; the owner alone is told of it."""
    return next((panic for panic in told if panic.last and at - panic.last.at < DAY), None)


def now(
    status: bot.Status,
    portfolio: Portfolio,
    cycles: Sequence[Cycle],
    newest: Mapping[str, CycleDetail],
    stages: Sequence[str],
) -> Now:
    """cycles: of the last day, newest first. newest: the newest cycle of each market, in the order to show."""
    held = {coin.symbol: coin for coin in portfolio.coins if coin.bot_amount > 0}
    until = max((cycle.slot_at for cycle in cycles), default=None)
    cards = [
        _card(market, cycle, stages, held.get(market), hours(cycles, status.missed, market, until=until, span=DAY))
        for market, cycle in newest.items()
        if until is not None
    ]
    values = [valued.total_value_krw for valued in reversed(portfolio.history[:48])]
    total, cash = portfolio.total_value_krw, portfolio.krw_balance
    return Now(
        cards=cards,
        coins_value=total - cash if total is not None and cash is not None else None,
        day_change=_day_change(portfolio),
        values=values,
        trades=[cycle for cycle in cycles if kind_of(cycle) in ("buy", "sell")][:4],
        next_run=next((job.next_run for job in status.jobs if job.id == "trading_job"), None),
    )


def covers_a_day(cycles: Cycles) -> bool:
    """Whether there are none, or no older ones of the newest one's day behind them."""
    found = cycles.cycles
    return cycles.older is None or found[-1].slot_at <= found[0].slot_at - DAY


def place(market: str, markets: Sequence[str]) -> tuple[int, str]:
    """The owner's order of his markets; behind them what he traded once."""
    return (markets.index(market) if market in markets else len(markets), market)


def _card(market: str, cycle: CycleDetail, stages: Sequence[str], coin: Coin | None, day: Sequence[Hour]) -> Card:
    seen = cycle_log(cycle)
    return Card(market, cycle, seen.events, dots(cycle, stages), gate_bar(seen), coin, day)


def gate_bar(seen: CycleLog) -> GateBar | None:
    signal = seen.first(SignalPassed) or seen.first(SignalRejected)
    if signal is None:
        return None
    lacks = {objection.code: objection for objection in signal.objections}
    given = seen.limit("GATE_WIN_RATE_MIN")
    short = lacks.get("WIN_RATE")
    limit = short.limit if short else None if given is None else float(given)
    others = [objection for code, objection in lacks.items() if code != "WIN_RATE"]
    return GateBar(signal.report.win_rate, limit, short.distance if short else None, not lacks, others)


def _day_change(portfolio: Portfolio) -> Decimal | None:
    """What the account is worth more or less than a day before its last valuation."""
    if portfolio.valued_at is None or portfolio.total_value_krw is None:
        return None
    before = [valued for valued in portfolio.history if portfolio.valued_at - valued.at >= DAY]
    return portfolio.total_value_krw - before[0].total_value_krw if before else None
