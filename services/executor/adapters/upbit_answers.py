"""What Upbit's answers say, in our words and exact numbers; an answer in another form is refused, never guessed at."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from upbit.types import Order as UpbitOrder

from services.executor.core.orders import Look, PlacedOrder, Trade
from services.executor.ports import Holdings
from shared.errors import Transient
from shared.events import BookLevel, OrderBook
from shared.types import Krw, Market, Price, Volume

_SIDES: dict[str, Literal["buy", "sell"]] = {"bid": "buy", "ask": "sell"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadAnswer(Transient):
    """The exchange answered with something that is not what it documents."""


def look(market: Market, chance: Any, books: Any) -> Look:
    try:
        (book,) = (b for b in books if b.market == market)
        return Look(
            market_state=str(chance.market.state),
            min_total_buy=Krw(_number(chance.market.bid.min_total)),
            min_total_sell=Krw(_number(chance.market.ask.min_total)),
            fee_rate_buy=_number(chance.bid_fee),
            krw_free=Krw(_number(chance.bid_account.balance)),
            coin_free=Volume(_number(chance.ask_account.balance)),
            coin_locked=Volume(_number(chance.ask_account.locked)),
            book=OrderBook(
                at=_EPOCH + timedelta(milliseconds=int(book.timestamp)),
                levels=tuple(
                    BookLevel(
                        ask_price=Price(_number(unit.ask_price)),
                        ask_size=Volume(_number(unit.ask_size)),
                        bid_price=Price(_number(unit.bid_price)),
                        bid_size=Volume(_number(unit.bid_size)),
                    )
                    for unit in book.orderbook_units
                ),
            ),
        )
    except (AttributeError, TypeError, ValueError) as e:
        raise BadAnswer(f"looking at {market}: {e}") from e


def placed(order: UpbitOrder) -> PlacedOrder:
    """Read an order. Never its `locked`, which stays above zero when all is over, nor `executed_funds`."""
    try:
        return PlacedOrder(
            exchange_order_id=str(order.uuid),
            market=order.market,
            side=_SIDES[order.side],
            state=str(order.state),
            executed_volume=Volume(_number(order.executed_volume)),
            paid_fee=Krw(_number(order.paid_fee)),
            trades=tuple(
                Trade(
                    price=Price(_number(trade.price)),
                    volume=Volume(_number(trade.volume)),
                    funds=Krw(_number(trade.funds)),
                    at=_moment(trade.created_at),
                )
                for trade in order.trades or ()
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise BadAnswer(f"the order is shown in an unknown form: {type(e).__name__}: {e}") from e


def holdings(markets: tuple[Market, ...], accounts: Any, tickers: Any, date: str) -> Holdings:
    try:
        have = {account.currency: _number(account.balance) + _number(account.locked) for account in accounts}
        prices = {ticker.market: Price(_number(ticker.trade_price)) for ticker in tickers}
        coins = {market: Volume(have.get(market.removeprefix("KRW-"), Decimal(0))) for market in markets}
        return Holdings(
            at=parsedate_to_datetime(date).astimezone(UTC),
            krw=Krw(have.get("KRW", Decimal(0))),
            coins=tuple((market, volume, prices[market]) for market, volume in coins.items()),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise BadAnswer(f"valuing {', '.join(markets)}: {type(e).__name__}: {e}") from e


def _number(value: object) -> Decimal:
    """Upbit's numbers are text; whatever comes goes through its text, never through a float's digits."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as e:
        raise ValueError(f"{value!r} is no number") from e
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def _moment(text: str | None) -> datetime:
    """ "2025-08-09T16:44:00.597751+09:00", as UTC."""
    at = datetime.fromisoformat(text or "")
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return at.astimezone(UTC)
