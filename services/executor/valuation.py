"""ValuationDue in, PortfolioValued out: what the account is worth, asked of the exchange. Orders nothing.

The same look is held against the books: what came or went that no fill of ours explains.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog

from services.executor.core import drift
from services.executor.ports import Holdings, OrderLog
from shared.events import PortfolioValued, ValuationDue
from shared.types import CycleId, Krw, Market, UtcTime, Volume, split_cycle

log = structlog.get_logger("executor")
_AHEAD = timedelta(seconds=30)  # whoever asks for an hour before it has come has a wrong clock
_OVER = timedelta(hours=1)  # then the next one is nearer, and this one would say another hour's worth
Held = Mapping[Market, Volume | None]


@dataclass(frozen=True, slots=True)
class SureBooks:
    """What the bot holds by its fills; None of a market in which an order may have changed that unrecorded.

    under_way: orders of a panic that the log does not know yet.
    """

    orders: OrderLog
    under_way: Callable[[], set[CycleId]]

    async def __call__(self, markets: tuple[Market, ...]) -> Held:
        under_way, ledger = self.under_way(), await self.orders.ledger()
        cycles = {*under_way, *ledger.open, *ledger.stuck, *ledger.found}
        unsure = {split_cycle(cycle)[0] for cycle in cycles}
        return {market: None if market in unsure else ledger.held(market).volume for market in markets}


@dataclass(frozen=True, slots=True)
class ValuationHandler:
    """holdings_of: asks for balances and prices; raises Transient while the exchange does not answer.

    books: what the bot holds. last: the valuation before. key_expires_at: as far as it is known by now.
    """

    holdings_of: Callable[[tuple[Market, ...]], Awaitable[Holdings]]
    books: Callable[[tuple[Market, ...]], Awaitable[Held]]
    last: Callable[[], Awaitable[PortfolioValued | None]]
    key_expires_at: Callable[[], UtcTime | None] = lambda: None

    async def __call__(self, due: ValuationDue) -> PortfolioValued | None:
        """None of an hour that is over, or has not come: what was worth what then cannot be asked now."""
        before = await self.books(due.markets)
        account = await self.holdings_of(due.markets)
        after = await self.books(due.markets)
        if not -_AHEAD <= account.at - due.slot_at < _OVER:
            why = "it is over" if account.at > due.slot_at else "it has not come"
            log.warning(f"an hour is not valued: {why}", slot=due.slot, asked_at=account.at.isoformat())
            return None
        last = await self.last()
        before_by_market = {coin.market: coin for coin in last.holdings} if last else {}
        holdings = tuple(
            drift.holding(drift.Coins(*coins), _same(before, after, coins[0]), before_by_market.get(coins[0]))
            for coins in account.coins
        )
        total = sum((coin.value for coin in holdings), Decimal(account.krw))
        if account.left_out:
            log.warning("the valuation is partial", slot=due.slot, left_out=account.left_out)
        return PortfolioValued(
            slot=due.slot,
            at=account.at,
            krw=account.krw,
            holdings=holdings,
            total=Krw(total),
            left_out=account.left_out,
            key_expires_at=self.key_expires_at(),
        )


def _same(before: Held, after: Held, market: Market) -> Volume | None:
    """What is held, unless that changed while the account was looked at."""
    return after[market] if before[market] == after[market] else None


def tell(valued: PortfolioValued) -> None:
    """Say in the log what no fill explains."""
    for coin in valued.holdings:
        if coin.shortfall:
            log.error("the account has less than the books", market=coin.market, missing=str(-(coin.others or 0)))
        if coin.surplus:
            log.warning("coins came that no fill explains", market=coin.market, came=str(coin.surplus))
