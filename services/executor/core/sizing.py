"""How much to buy or sell (pure)."""

from decimal import Decimal
from typing import Literal

from services.executor.core import steps
from services.executor.core.orders import Buy, Order, TradingConditions
from shared.events import Position, Side
from shared.types import Krw, Market, Volume
from shared.venue import floor8

Scope = Literal["bot", "all"]


def order_for(
    side: Side,
    market: Market,
    name: str,
    *,
    amount: Krw,
    held: Position,
    conditions: TradingConditions,
    scope: Scope,
    slippage_max: Decimal,
) -> Order:
    """The market order of a decision: a buy of `amount` won, a sell of what the scope allows, is free, and is bid for.

    name: its client order id. slippage_max: of a sell.
    """
    if side == "buy":
        return Buy(market, name, amount)
    own = conditions.coin_free if scope == "all" else min(held.volume, conditions.coin_free)
    return steps.sale(market, name, Volume(floor8(max(own, Decimal(0)))), conditions, slippage_max)
