"""The account's balances: what is free, what open orders hold, and what an order's progress does to both (pure)."""

from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from services.paper.core.orders import Money, Order
from shared.types import Price, plain
from shared.venue import floor8

NOTHING = Decimal(0)


def text(value: Decimal) -> str:
    """As Upbit writes amounts: plain digits, no trailing zeros."""
    return plain(value.normalize()) if value else "0"


class Holding(BaseModel):
    model_config = ConfigDict(frozen=True)

    balance: Money  # free
    locked: Money = NOTHING
    avg_buy_price: Money = NOTHING

    @property
    def total(self) -> Decimal:
        return self.balance + self.locked


class Account(BaseModel):
    """Won and coins. `krw` is free; what open buys hold is `krw_locked`, their fee included."""

    model_config = ConfigDict(frozen=True)

    krw: Money
    krw_locked: Money = NOTHING
    coins: dict[str, Holding] = {}

    def coin(self, currency: str) -> Holding:
        return self.coins.get(currency, Holding(balance=NOTHING))

    def after(self, order: Order, before: Order | None = None) -> Self:
        """The account once `order` has come to where it is; `before` is where it was, None if it is new."""
        if order.side == "bid":
            spent = order.funds + order.fee - (before.funds + before.fee if before else NOTHING)
            locked = order.locked - (before.locked if before else NOTHING)
            bought = order.volume - (before.volume if before else NOTHING)
            funds = order.funds - (before.funds if before else NOTHING)
            holding = _bought(self.coin(order.base), bought, funds)
            return self._with(order.base, holding, self.krw - spent - locked, self.krw_locked + locked)
        earned = order.funds - order.fee - (before.funds - before.fee if before else NOTHING)
        locked = order.locked - (before.locked if before else NOTHING)
        sold = order.volume - (before.volume if before else NOTHING)
        held = self.coin(order.base)
        rest = Holding(
            balance=held.balance - sold - locked, locked=held.locked + locked, avg_buy_price=held.avg_buy_price
        )
        return self._with(order.base, rest, self.krw + earned, self.krw_locked)

    def _with(self, currency: str, holding: Holding, krw: Decimal, krw_locked: Decimal) -> Self:
        others = {name: held for name, held in self.coins.items() if name != currency}
        coins = {**others, currency: holding} if holding.total else others
        return type(self)(krw=krw, krw_locked=krw_locked, coins=dict(sorted(coins.items())))

    def row(self, currency: str) -> dict[str, Any]:
        """One entry of Upbit's account list."""
        held = Holding(balance=self.krw, locked=self.krw_locked) if currency == "KRW" else self.coin(currency)
        return {
            "currency": currency,
            "balance": text(held.balance),
            "locked": text(held.locked),
            "avg_buy_price": text(held.avg_buy_price),
            "avg_buy_price_modified": False,
            "unit_currency": "KRW",
        }

    def rows(self) -> list[dict[str, Any]]:
        """What is held; won always stand first."""
        return [self.row("KRW"), *(self.row(currency) for currency in self.coins)]


def _bought(held: Holding, volume: Decimal, funds: Decimal) -> Holding:
    """The average price leaves the fee out; whether Upbit's does is not known."""
    if not volume:
        return held
    average = Price(floor8((held.total * held.avg_buy_price + funds) / (held.total + volume)))
    return Holding(balance=held.balance + volume, locked=held.locked, avg_buy_price=average)
