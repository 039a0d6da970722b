"""The bot's own position: what it bought itself and still holds, at average cost (pure)."""

from decimal import Decimal

from services.executor.core.orders import Fill
from shared.events import Position
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


def profit(held: Position, fill: Fill) -> Krw | None:
    """What a sale brought less what was paid for it, fees included; of the bot's own coins alone. None for a buy."""
    if fill.side == "buy":
        return None
    own = min(fill.volume, held.volume)
    paid = held.cost - after(held, fill, cycle="", why="").cost
    return Krw((fill.total * own / fill.volume - paid).quantize(_CENT))
