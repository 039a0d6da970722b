"""The bot's own position: what it bought itself and still holds, at average cost (pure)."""

from collections.abc import Sequence
from decimal import Decimal

from services.executor.core.orders import Fill
from shared.events import FillRecorded, Position
from shared.types import CycleId, Krw, Volume

NOTHING = Position(volume=Volume(Decimal(0)), cost=Krw(Decimal(0)))
_CENT = Decimal("0.00000001")


def after(held: Position, fill: Fill, *, cycle: CycleId, why: str) -> Position:
    """Book a fill: a buy adds coins and their cost, a sell takes its share of both.

    The cycle and reason of the first buy stay until everything is sold. Selling more than the bot's own
    (SELL_SCOPE=all) leaves nothing, never less.
    """
    if fill.side == "buy":
        first = held.volume == 0
        return Position(
            volume=Volume(held.volume + fill.volume),
            cost=Krw(held.cost + fill.total),
            opened_by=cycle if first else held.opened_by,
            why=why if first else held.why,
        )
    if fill.volume >= held.volume:
        return NOTHING
    left = held.volume - fill.volume
    cost = (held.cost * left / held.volume).quantize(_CENT)
    return held.model_copy(update={"volume": Volume(left), "cost": Krw(cost)})


def with_fill(held: Position, event: FillRecorded) -> Position:
    """What is held once a recorded fill is booked on other books than its own."""
    return after(held, _fill(event), cycle=event.cycle, why=event.reason or event.reason_code)


def late(
    held: Position, booked: Sequence[FillRecorded], fill: Fill, *, cycle: CycleId, why: str
) -> tuple[Position, Position]:
    """What was held before a fill, and what is held now that it is booked.

    held: by the last fill booked. booked: all of them. Some may have been executed after it: a log that was put back is
    told a panic's sale before the buy that it sold. Then all are booked anew, in the order of their execution; of one
    moment, buys first.
    """
    if not any(_comes_after(other, fill, before) for other, before in zip(booked, [None, *booked], strict=False)):
        return held, after(held, fill, cycle=cycle, why=why)
    all_ = [*((_fill(other), other.cycle, other.reason or other.reason_code) for other in booked), (fill, cycle, why)]
    held = before_it = NOTHING
    for each, its_cycle, its_why in sorted(all_, key=lambda one: (one[0].executed_at, one[0].side == "sell")):
        before_it = held if each is fill else before_it
        held = after(held, each, cycle=its_cycle, why=its_why)
    return before_it, held


def _comes_after(other: FillRecorded, fill: Fill, before: FillRecorded | None) -> bool:
    """Of one moment, a sale of more than the books held tells that the buy came first."""
    held = before.position.volume if before else NOTHING.volume
    oversold = (fill.side, other.side) == ("buy", "sell") and other.volume > held
    return other.executed_at > fill.executed_at or (oversold and other.executed_at == fill.executed_at)


def _fill(event: FillRecorded) -> Fill:
    sums = (event.exchange_order_id, event.side, event.volume, event.funds, event.fee, event.trades, event.executed_at)
    return Fill(*sums)


def profit(held: Position, fill: Fill) -> Krw | None:
    """What a sale brought less what was paid for it, fees included; of the bot's own coins alone. None for a buy."""
    if fill.side == "buy":
        return None
    own = min(fill.volume, held.volume)
    paid = held.cost - after(held, fill, cycle="", why="").cost
    return Krw((fill.total * own / fill.volume - paid).quantize(_CENT))
