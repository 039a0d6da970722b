"""The next order of a sale (pure)."""

from decimal import Decimal

from services.executor.core.orders import Sell, TradingConditions
from shared.sale_step import sale_step
from shared.types import Market, Volume


def sale(
    market: Market, client_order_id: str, wanted: Volume, conditions: TradingConditions, slippage_max: Decimal
) -> Sell:
    """Of `wanted` coins what the shown bids take, at this account's smallest order."""
    volume, step = sale_step(conditions.book.levels, wanted, slippage_max, conditions.min_total_sell)
    return Sell(market, client_order_id, volume, step)
