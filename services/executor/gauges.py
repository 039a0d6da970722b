"""What the executor's own `/metrics` say of the books."""

from collections.abc import Callable

from shared.events import Event, OrderDenied, OrderIntended
from shared.telemetry import Metrics


def gauges(metrics: Metrics) -> Callable[[Event], None]:
    """What to do with each event that was stored."""
    drift = metrics.gauge("position_drift_coins", "Coins in the bot's books that the account does not have")
    orders = metrics.gauge(
        "account_orders_today", "Orders of the UTC day over all markets, before the last one asked for"
    )
    profit = metrics.gauge("account_profit_today_krw", "Realised won of the UTC day over all markets")

    def stored(event: Event) -> None:
        if isinstance(event, OrderIntended | OrderDenied) and (books := event.books):
            drift.set(float(books.drift), {"symbol": event.market})
            orders.set(books.orders_today)
            profit.set(float(books.profit_today))

    return stored
