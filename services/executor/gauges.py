"""What the executor's own `/metrics` say of the books."""

from collections.abc import Callable, Collection

from services.executor.core.ledger import Ledger
from shared.events import Event, OrderDenied, OrderIntended, PortfolioValued
from shared.telemetry import Metrics
from shared.types import CycleId, Market, split_cycle


def gauges(metrics: Metrics) -> Callable[[Event], None]:
    """What to do with each event that was stored."""
    drift = metrics.gauge("position_drift_coins", "Coins in the bot's books that the account does not have")
    surplus = metrics.gauge(
        "account_surplus_coins", "Coins that came to the account since the last valuation, which no fill explains"
    )
    orders = metrics.gauge(
        "account_orders_today", "Orders of the UTC day over all markets, before the last one asked for"
    )
    profit = metrics.gauge("account_profit_today_krw", "Realised won of the UTC day over all markets")

    def stored(event: Event) -> None:
        if isinstance(event, OrderIntended | OrderDenied) and (books := event.books):
            drift.set(float(books.drift), {"symbol": event.market})
            orders.set(books.orders_today)
            profit.set(float(books.profit_today))
        elif isinstance(event, PortfolioValued):
            for coin in event.holdings:
                surplus.set(float(coin.surplus), {"symbol": coin.market})
                if coin.others is not None:
                    drift.set(max(0.0, -float(coin.others)), {"symbol": coin.market})

    return stored


def orders_left(metrics: Metrics, markets: tuple[Market, ...]) -> Callable[[Ledger, Collection[CycleId] | None], None]:
    """Show how many orders a person must look at, by what all orders came to."""
    foreign = metrics.gauge(
        "foreign_orders", "Orders of ours at the exchange that the log does not know or calls nothing: upcycle adopt"
    )
    otherwise = metrics.gauge(
        "differing_orders", "Orders of which the exchange says another executed volume than the log: upcycle why"
    )
    unresolved = metrics.gauge("unresolved_orders", "Orders of unknown outcome: upcycle settle")
    shown = set(markets)

    def show(ledger: Ledger, differing: Collection[CycleId] | None) -> None:
        shown.update(split_cycle(cycle)[0] for cycle in (*ledger.found, *ledger.stuck, *(differing or ())))
        for market in sorted(shown):
            foreign.set(sum(event.market == market for event in ledger.found.values()), {"symbol": market})
            unresolved.set(sum(intent.market == market for intent in ledger.stuck.values()), {"symbol": market})
            if differing is not None:
                otherwise.set(sum(split_cycle(cycle)[0] == market for cycle in differing), {"symbol": market})

    return show
