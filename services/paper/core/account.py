"""The account's balances and what a fill does to them (pure)."""

from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from shared.types import Exact, Krw, Price, Volume, plain
from shared.venue import floor8

Money = Exact[Decimal]


def text(value: Decimal) -> str:
    """As Upbit writes amounts: plain digits, no trailing zeros."""
    return plain(value.normalize())


class Holding(BaseModel):
    model_config = ConfigDict(frozen=True)

    balance: Money
    avg_buy_price: Money = Decimal(0)


class Account(BaseModel):
    """Won and coins. Market orders end at once, so nothing is ever locked between two requests."""

    model_config = ConfigDict(frozen=True)

    krw: Money
    coins: dict[str, Holding] = {}

    def coin(self, currency: str) -> Holding:
        return self.coins.get(currency, Holding(balance=Decimal(0)))

    def bought(self, currency: str, volume: Volume, funds: Krw, fee: Krw) -> Self:
        """The average price leaves the fee out; whether Upbit's does is not known."""
        held = self.coin(currency)
        balance = held.balance + volume
        average = Price(floor8((held.balance * held.avg_buy_price + funds) / balance))
        return self._with(currency, Holding(balance=balance, avg_buy_price=average), self.krw - funds - fee)

    def sold(self, currency: str, volume: Volume, funds: Krw, fee: Krw) -> Self:
        held = self.coin(currency)
        rest = Holding(balance=held.balance - volume, avg_buy_price=held.avg_buy_price)
        return self._with(currency, rest, self.krw + funds - fee)

    def _with(self, currency: str, holding: Holding, krw: Decimal) -> Self:
        others = {name: held for name, held in self.coins.items() if name != currency}
        coins = {**others, currency: holding} if holding.balance else others
        return type(self)(krw=krw, coins=dict(sorted(coins.items())))

    def row(self, currency: str) -> dict[str, Any]:
        """One entry of Upbit's account list."""
        held = Holding(balance=self.krw) if currency == "KRW" else self.coin(currency)
        return {
            "currency": currency,
            "balance": text(held.balance),
            "locked": "0",
            "avg_buy_price": text(held.avg_buy_price),
            "avg_buy_price_modified": False,
            "unit_currency": "KRW",
        }

    def rows(self) -> list[dict[str, Any]]:
        """What is held; won always stand first."""
        return [self.row("KRW"), *(self.row(currency) for currency in self.coins)]
