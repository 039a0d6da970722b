"""What the account is worth, and what of it is the bot's own (pure). Profit: average cost, fees in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from services.backend.core.draft import Held
from services.backend.core.shapes import Coin, Portfolio, Valued
from shared.types import UtcTime


@dataclass(frozen=True)
class Coins:
    symbol: str
    balance: Decimal
    price: Decimal


@dataclass(frozen=True)
class Seen:
    """A valuation: the won and the total are the whole account's."""

    at: UtcTime
    krw: Decimal
    total: Decimal
    coins: tuple[Coins, ...]


def unrealised(held: Held, price: Decimal) -> Decimal:
    """What selling now would bring before its fee, less what was paid."""
    with localcontext(prec=60):
        return held.volume * price - held.cost


def portfolio(
    seen: Seen | None, held: Mapping[str, Held], realised: Decimal, history: Iterable[tuple[UtcTime, Decimal]]
) -> Portfolio:
    if seen is None:
        return Portfolio(
            valued_at=None, krw_balance=None, total_value_krw=None, coins=(), realised=realised,
            unrealised=Decimal(0), history=(),
        )  # fmt: skip
    coins = tuple(_coin(coin, held.get(coin.symbol, Held())) for coin in sorted(seen.coins, key=lambda c: c.symbol))
    return Portfolio(
        valued_at=seen.at,
        krw_balance=seen.krw,
        total_value_krw=seen.total,
        coins=coins,
        realised=realised,
        unrealised=sum((coin.unrealised for coin in coins), Decimal(0)),
        history=tuple(Valued(at=at, total_value_krw=total) for at, total in history),
    )


def _coin(coin: Coins, held: Held) -> Coin:
    return Coin(
        symbol=coin.symbol,
        coin_balance=coin.balance,
        coin_price=coin.price,
        value=coin.balance * coin.price,
        bot_amount=held.volume,
        bot_cost=held.cost,
        unrealised=unrealised(held, coin.price),
    )
