"""What the account is worth, and what of it is the bot's own (pure). Profit: average cost, fees in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from services.backend.core.draft import Holding
from shared.api.portfolio import Coin, Portfolio, Valued
from shared.types import UtcTime


@dataclass(frozen=True)
class CoinBalance:
    symbol: str
    balance: Decimal
    price: Decimal


@dataclass(frozen=True)
class Valuation:
    """A valuation: the won and the total are the whole account's."""

    at: UtcTime
    krw: Decimal
    total: Decimal
    coins: tuple[CoinBalance, ...]


@dataclass(frozen=True)
class Deal:
    """A trade of the bot's own; money exact."""

    symbol: str
    side: str
    amount: Decimal
    funds: Decimal
    fee: Decimal


def after_trades(valuation: Valuation, deals: Iterable[Deal]) -> Valuation:
    """The account as the bot's trades after the valuation left it, at the valuation's prices.

    Without them a purchase would be in no balance for up to an hour.
    """
    krw, coins = valuation.krw, {coin.symbol: coin for coin in valuation.coins}
    with localcontext(prec=60):
        for deal in deals:
            bought = 1 if deal.side == "buy" else -1
            coin = coins.get(deal.symbol) or CoinBalance(deal.symbol, Decimal(0), deal.funds / deal.amount)
            coins[deal.symbol] = replace(coin, balance=coin.balance + bought * deal.amount)
            krw -= bought * deal.funds + deal.fee
        worth = sum((coin.balance * coin.price for coin in coins.values()), krw)
        before = sum((coin.balance * coin.price for coin in valuation.coins), valuation.krw)
        return Valuation(valuation.at, krw, valuation.total + worth - before, tuple(coins.values()))


def unrealised(held: Holding, price: Decimal) -> Decimal:
    """What selling now would bring before its fee, less what was paid."""
    with localcontext(prec=60):
        return held.volume * price - held.cost


def portfolio(
    valuation: Valuation | None,
    held: Mapping[str, Holding],
    realised: Decimal,
    history: Iterable[tuple[UtcTime, Decimal]],
) -> Portfolio:
    if valuation is None:
        return Portfolio(
            valued_at=None, krw_balance=None, total_value_krw=None, coins=(), realised=realised,
            unrealised=Decimal(0), history=(),
        )  # fmt: skip
    coins = tuple(
        _coin(coin, held.get(coin.symbol, Holding())) for coin in sorted(valuation.coins, key=lambda c: c.symbol)
    )
    return Portfolio(
        valued_at=valuation.at,
        krw_balance=valuation.krw,
        total_value_krw=valuation.total,
        coins=coins,
        realised=realised,
        unrealised=sum((coin.unrealised for coin in coins), Decimal(0)),
        history=tuple(Valued(at=at, total_value_krw=total) for at, total in history),
    )


def _coin(coin: CoinBalance, held: Holding) -> Coin:
    return Coin(
        symbol=coin.symbol,
        coin_balance=coin.balance,
        coin_price=coin.price,
        value=coin.balance * coin.price,
        bot_amount=held.volume,
        bot_cost=held.cost,
        unrealised=unrealised(held, coin.price),
    )
