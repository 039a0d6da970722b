"""The report of a day, from what the books hold of it (pure). Profit: average cost, fees in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext

from services.backend.core.draft import Holding
from services.backend.core.valuation import Valuation, unrealised
from shared.events import MissedHour, ReportDue, ReportReady
from shared.missed import Cause, cause_of_miss
from shared.reason import Reason
from shared.types import Krw, Market, UtcTime, cycle_id
from shared.writing import seoul_day


@dataclass(frozen=True)
class Deal:
    """A trade of the day; money exact."""

    side: str
    funds: Decimal
    fee: Decimal
    profit: Decimal | None
    cycle: str = ""


@dataclass(frozen=True)
class DayCycle:
    cycle: str
    status: str | None  # None: it has not ended
    gate: str | None
    gate_distance: float | None
    ai_decision: str | None
    analyst: str | None
    model_cost: Decimal | None


@dataclass(frozen=True)
class Day:
    """What the books hold of a day. first: the oldest slot each market ever had; before it nothing was to be traded."""

    deals: tuple[Deal, ...]
    cycles: tuple[DayCycle, ...]
    missed: Mapping[str, tuple[Cause, Reason | None]]  # by cycle: the cause, and what more is known
    first: Mapping[Market, UtcTime]
    valuation: Valuation | None  # the account's last valuation by then
    held: Mapping[str, Holding]  # what the bot itself held when that was made


def report(due: ReportDue, day: Day) -> ReportReady:
    sells = [deal for deal in day.deals if deal.side == "sell"]
    profit = sum((deal.profit or Decimal(0) for deal in sells), Decimal(0))
    gates = [cycle.gate for cycle in day.cycles]
    words = [cycle.ai_decision for cycle in day.cycles]
    lacks = [cycle.gate_distance for cycle in day.cycles if cycle.gate_distance is not None]
    costs = [cycle.model_cost for cycle in day.cycles if cycle.model_cost is not None]
    with localcontext(prec=60):
        return ReportReady(
            slot=due.slot,
            day=seoul_day(due.from_at),
            from_at=due.from_at,
            to_at=due.to_at,
            trades=len(day.deals),
            buys=len(day.deals) - len(sells),
            sells=len(sells),
            volume=Krw(sum((deal.funds for deal in day.deals), Decimal(0))),
            fees=Krw(sum((deal.fee for deal in day.deals), Decimal(0))),
            profit_loss=Krw(profit),
            profit_rate=_rate(sells, profit),
            unrealised=_unrealised(day),
            current_value=None if day.valuation is None else Krw(day.valuation.total),
            valued_at=None if day.valuation is None else day.valuation.at,
            cycles=len(day.cycles),
            failed=sum(cycle.status == "failed" for cycle in day.cycles),
            gate_passed=gates.count("passed"),
            gate_exit_only=gates.count("exit_only"),
            gate_rejected=gates.count("rejected"),
            gate_distance=sum(lacks) / len(lacks) if lacks else None,
            decisions={"buy": words.count("buy"), "sell": words.count("sell"), "hold": words.count("hold")},
            model_calls=len(costs),
            model_cost=Krw(sum(costs, Decimal(0))),
            missed=tuple(_missed(due, day)),
        )


def _rate(sells: Iterable[Deal], profit: Decimal) -> float | None:
    """Of what the coins sold had cost: what they brought less the profit."""
    paid = sum((deal.funds - deal.fee - (deal.profit or Decimal(0)) for deal in sells), Decimal(0))
    return float(profit / paid) if paid > 0 else None


def _unrealised(day: Day) -> Krw | None:
    if day.valuation is None:
        return None
    return Krw(sum((unrealised(day.held.get(c.symbol, Holding()), c.price) for c in day.valuation.coins), Decimal(0)))


def _missed(due: ReportDue, day: Day) -> Iterable[MissedHour]:
    """Every slot of the day without an end, in the order of time."""
    step = timedelta(minutes=due.interval_min)
    begun = {cycle.cycle for cycle in day.cycles}
    ended = {cycle.cycle for cycle in day.cycles if cycle.status is not None}
    dealt = {deal.cycle for deal in day.deals}
    slots = [due.from_at + n * step for n in range((due.to_at - due.from_at) // step)]
    for slot in slots:
        for market in due.markets:
            if market in day.first and slot >= day.first[market]:
                cycle = cycle_id(market, slot)
                said, ordered = day.missed.get(cycle), cycle in dealt
                if (cause := cause_of_miss(cycle in begun, cycle in ended, said, ordered=ordered)) is not None:
                    more = cause[1] or Reason("")
                    told = {"detail": more.text, "reason_code": more.code, "figures": more.figures}
                    yield MissedHour(market=market, slot_at=slot, cause=cause[0], **told)
