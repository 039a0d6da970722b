"""ValuationDue in, PortfolioValued out: what the account is worth, asked of the exchange. Orders nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog

from services.executor.ports import Holdings
from shared.events import Holding, PortfolioValued, ValuationDue
from shared.types import Krw, Market

log = structlog.get_logger("executor")
_OVER = timedelta(hours=1)  # then the next one is nearer, and this one would say another hour's worth


@dataclass(frozen=True, slots=True)
class ValuationHandler:
    """look: at balances and prices; raises Transient while the exchange does not answer."""

    look: Callable[[tuple[Market, ...]], Awaitable[Holdings]]

    async def __call__(self, due: ValuationDue) -> PortfolioValued | None:
        """None of an hour that is over: what was worth what then cannot be asked any more."""
        account = await self.look(due.markets)
        if account.at - due.slot_at >= _OVER:
            log.warning("an hour is not valued: it is over", slot=due.slot, asked_at=account.at.isoformat())
            return None
        holdings = tuple(
            Holding(market=market, volume=volume, price=price, value=Krw(volume * price))
            for market, volume, price in account.coins
        )
        total = sum((coin.value for coin in holdings), Decimal(account.krw))
        return PortfolioValued(slot=due.slot, at=account.at, krw=account.krw, holdings=holdings, total=Krw(total))
