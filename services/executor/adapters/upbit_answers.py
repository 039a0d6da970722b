"""What Upbit's answers say, in our words and exact numbers; an answer in another form is refused, never guessed at."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Literal

from services.executor.core.orders import ListedOrder, PlacedOrder, Trade, TradingConditions
from services.executor.ports import Holdings
from shared.bad_rows import BadRows
from shared.errors import Transient
from shared.parsing import BadValue, date_of, moment, of, parse_json, price, rows, share, volume, won, word
from shared.types import Krw, Market, Price, Volume, split_cycle
from shared.upbit_answers import balance, order_book, readable_rows, ticker

_SIDES: dict[str, Literal["buy", "sell"]] = {"bid": "buy", "ask": "sell"}
_FUNDS_APART = Decimal("0.01")  # a trade's funds against its price times its volume; the exchange rounds to the won


class BadAnswer(Transient):
    """The exchange answered with something that is not what it documents."""


def body(answer: Any, what: str) -> Any:
    """The JSON of the SDK's raw answer, numbers as text. what: it is about."""
    with _readable(what):
        return parse_json(answer.http_response.content)


def conditions(market: Market, chance: Any, books: Any) -> TradingConditions:
    """chance, books: as JSON, or as the SDK's objects."""
    with _readable(f"looking at {market}"):
        about, coin = of(chance, "market"), market.removeprefix("KRW-")
        if of(about, "id") not in (None, market):
            raise BadValue(f"the answer is about {word(of(about, 'id'), 'id')}")
        bid, ask = _account(chance, "bid_account", "KRW"), _account(chance, "ask_account", coin)
        return TradingConditions(
            market_state=word(of(about, "state"), "state"),
            min_total_buy=won(of(of(about, "bid"), "min_total"), "min_total"),
            min_total_sell=won(of(of(about, "ask"), "min_total"), "min_total"),
            fee_rate_buy=share(of(chance, "bid_fee"), "bid_fee"),
            krw_free=won(of(bid, "balance"), "balance"),
            coin_free=volume(of(ask, "balance"), "balance"),
            coin_locked=volume(of(ask, "locked"), "locked"),
            book=order_book(books, market),
        )


def placed(order: Any, name: str) -> PlacedOrder:
    """Read the order that was asked for by its name, as JSON or as the SDK's object.

    Never its `locked`, which stays above zero when all is over, nor `executed_funds`.
    """
    with _readable("the order is shown in an unknown form"):
        if of(order, "identifier") not in (None, name):
            raise BadValue(f"the answer is about {word(of(order, 'identifier'), 'identifier')}, not about {name}")
        return PlacedOrder(
            exchange_order_id=word(of(order, "uuid"), "uuid"),
            market=word(of(order, "market"), "market"),
            side=_side(of(order, "side")),
            state=word(of(order, "state"), "state"),
            executed_volume=volume(of(order, "executed_volume"), "executed_volume"),
            paid_fee=won(of(order, "paid_fee"), "paid_fee"),
            trades=tuple(_trade(trade) for trade in rows(of(order, "trades") or [], "trades")),
        )


def ours(orders: Any) -> dict[str, ListedOrder]:
    """The orders under names of ours in a list of all, by the exchange's id.

    Whatever the owner's own orders look like, ours must be readable. A name of ours holds its market.
    """
    found = dict[str, ListedOrder]()
    with _readable("listing the orders"):
        for order in rows(orders, "orders"):
            name = of(order, "identifier")
            market = _market_of(name)
            if market is None or market != of(order, "market"):
                continue
            listed = ListedOrder(
                client_order_id=str(name),
                exchange_order_id=word(of(order, "uuid"), "uuid"),
                side=_side(of(order, "side")),
                state=word(of(order, "state"), "state"),
                executed_volume=volume(of(order, "executed_volume"), "executed_volume"),
                created_at=moment(of(order, "created_at"), "created_at"),
            )
            found[listed.exchange_order_id] = listed
    return found


def holdings(
    markets: tuple[Market, ...], accounts: Any, prices: Mapping[Market, Price], headers: Any, odd: BadRows
) -> Holdings:
    """What can be valued; a market whose coin or price cannot be read is named instead. The won must be readable.

    Of what is not held no price is needed: a delisted market without a coin makes no total partial.
    """
    with _readable(f"valuing {', '.join(markets)}"):
        krw, coins = balance(accounts, "KRW"), list[tuple[Market, Volume, Price]]()
        left_out = list[Market]()
        for market in markets:
            try:
                held = balance(accounts, market.removeprefix("KRW-"))
                volume_held = Volume(held.free + held.locked)
                if market in prices:
                    coins.append((market, volume_held, prices[market]))
                elif volume_held:
                    raise BadValue(f"{market} has no price")
            except BadValue as e:
                odd.leave_out("valuation", e)
                left_out.append(market)
        if not coins:
            raise BadValue("not one of them can be valued")
        return Holdings(
            at=date_of(headers),
            krw=Krw(krw.free + krw.locked),
            coins=tuple(coins),
            left_out=tuple(left_out),
        )


def prices(tickers: Any, odd: BadRows) -> dict[Market, Price]:
    """The last prices that can be read."""
    with _readable("the tickers"):
        return dict(readable_rows(tickers, ticker, lambda e: odd.leave_out("ticker", e), what="tickers"))


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, ArithmeticError) as e:  # `BadValue`, or what its numbers come to together
        raise BadAnswer(f"{what}: {e}") from e


def _account(chance: Any, name: str, currency: str) -> Any:
    account = of(chance, name)
    if of(account, "currency") not in (None, currency):
        raise BadValue(f"{name} is of {word(of(account, 'currency'), 'currency')}, not of {currency}")
    return account


def _market_of(name: Any) -> Market | None:
    """The market in a name of ours; None of another name."""
    try:
        return split_cycle(name)[0] if isinstance(name, str) else None
    except ValueError:
        return None


def _side(value: Any) -> Literal["buy", "sell"]:
    if not isinstance(value, str) or value not in _SIDES:
        raise BadValue("side: neither bid nor ask")
    return _SIDES[value]


def _trade(fields: Any) -> Trade:
    trade = Trade(
        price=price(of(fields, "price")),
        volume=volume(of(fields, "volume")),
        funds=won(of(fields, "funds"), "funds"),
        at=moment(of(fields, "created_at"), "created_at"),
    )
    worth = trade.price * trade.volume
    if abs(trade.funds - worth) > max(Decimal(1), worth * _FUNDS_APART):
        raise BadValue(f"a trade of {trade.volume} at {trade.price} has funds of {trade.funds}")
    return trade
