"""What the exchange says about its markets beside prices: warnings, cautions, suspensions, maintenance (pure)."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

from services.paper.core.refusal import Refusal

Caution = Literal[
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
]


class Notice(BaseModel):
    """warning: a candidate for delisting, still traded. suspended: orders are refused until it is lifted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    warning: bool = False
    caution: frozenset[Caution] = frozenset()
    suspended: bool = False

    def event(self) -> dict[str, Any]:
        return {"warning": self.warning, "caution": {name: name in self.caution for name in get_args(Caution)}}


class Notices:
    """By market; a market without one trades as ever."""

    def __init__(self, given: Mapping[str, Notice] | None = None) -> None:
        self._by_market = dict(given or {})

    def put(self, market: str, notice: Notice) -> None:
        self._by_market[market] = notice

    def of(self, market: str) -> Notice:
        return self._by_market.get(market, Notice())

    def state(self, market: str) -> str:
        """As orders/chance names it; the word for a suspended one is not documented."""
        return "suspended" if self.of(market).suspended else "active"

    def must_trade(self, market: str) -> None:
        if self.of(market).suspended:
            raise Refusal(403, "market_offline", f"{market} is suspended.")
