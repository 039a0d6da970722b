"""What Upbit's answers say, in our words: one checked reader a kind of row, for every service that asks (pure).

A row of a list that cannot be true is left out and told, and the others count; see `kept`.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from shared.events import BookLevel, OrderBook
from shared.parsing import BadValue, bare_utc, flag, moment_ms, of, price, rows, volume, word
from shared.types import Market, Price, UtcTime, Volume

_Row = TypeVar("_Row")


class Candle(NamedTuple):
    opened_at: UtcTime
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Volume


class Balance(NamedTuple):
    free: Volume
    locked: Volume


def readable_rows(
    answer: Any, read: Callable[[Any], _Row], left_out: Callable[[BadValue], None], *, what: str
) -> list[_Row]:
    """The rows of a list that can be read; the others are told one by one."""
    found = list[_Row]()
    for row in rows(answer, what):
        try:
            found.append(read(row))
        except BadValue as e:
            left_out(e)
    return found


def candles(
    answer: Any, left_out: Callable[[BadValue], None], *, read: Callable[[Any], Candle] | None = None
) -> list[Candle]:
    """Ascending, one of each time. BadValue where most of them are lost. read: of a row, instead of `candle`."""
    found = readable_rows(answer, read or candle, left_out, what="candles")
    if 2 * len(found) < len(answer):
        raise BadValue(f"candles: {len(answer) - len(found)} of {len(answer)} cannot be read")
    by_time = {bar.opened_at: bar for bar in found}  # Upbit has been seen to give a candle twice
    return [by_time[at] for at in sorted(by_time)]


def candle(row: Any) -> Candle:
    """One bar, which its own prices must hold together."""
    opened_at = bare_utc(of(row, "candle_date_time_utc"), "candle_date_time_utc")
    names = ("opening_price", "high_price", "low_price", "trade_price")
    first, high, low, last = (price(of(row, name), f"{name} of {opened_at:%Y-%m-%dT%H:%M}") for name in names)
    if not low <= min(first, last) <= max(first, last) <= high:
        raise BadValue(f"the candle of {opened_at:%Y-%m-%dT%H:%M}: {first}, {high}, {low}, {last} is no bar")
    return Candle(opened_at, first, high, low, last, volume(of(row, "candle_acc_trade_volume"), "volume"))


def ticker(row: Any) -> tuple[Market, Price]:
    market = word(of(row, "market"), "market")
    return market, price(of(row, "trade_price"), f"trade_price of {market}")


def balance(accounts: Any, currency: str) -> Balance:
    """What the account holds of it; zero where it does not stand there. No other coin's row is read."""
    given = rows(accounts, "accounts")
    names = [_currency(row) for row in given]
    mine = [_balance(row, currency) for row, name in zip(given, names, strict=True) if name == currency]
    if not mine and None in names:
        raise BadValue(f"accounts: a row names no currency, so nobody knows whether {currency} is held")
    if any(told != mine[0] for told in mine):
        raise BadValue(f"accounts: {currency} stands there more than once, with {mine[0].free} and {mine[-1].free}")
    return mine[0] if mine else Balance(Volume(Decimal(0)), Volume(Decimal(0)))


def order_book(answer: Any, market: Market) -> OrderBook:
    """The market's book. It ends before a level that cannot be true; its best level must be true."""
    book = _only([row for row in rows(answer, "order books") if of(row, "market") == market], market)
    levels, last = list[BookLevel](), None
    for unit in rows(of(book, "orderbook_units"), "orderbook_units"):
        try:
            level = _level(unit)
        except BadValue:
            if not levels:
                raise
            break
        if last is not None and (level.ask_price < last.ask_price or level.bid_price > last.bid_price):
            raise BadValue(f"the order book of {market} is not in the order of its prices")
        levels.append(level)
        last = level
    if not levels:
        raise BadValue(f"the order book of {market} is empty")
    if levels[0].ask_price < levels[0].bid_price:
        raise BadValue(f"the order book of {market} is crossed: {levels[0].ask_price} asked, {levels[0].bid_price} bid")
    return OrderBook(at=moment_ms(of(book, "timestamp"), "timestamp"), levels=tuple(levels))


def is_warned(row: Any) -> bool:
    """Whether the market is a candidate for delisting; what is not said is not "no"."""
    return flag(of(of(row, "market_event"), "warning"), "market_event.warning")


def _currency(row: Any) -> str | None:
    try:
        return word(of(row, "currency"), "currency")
    except BadValue:
        return None


def _balance(row: Any, currency: str) -> Balance:
    free, locked = (volume(of(row, name), f"{name} of {currency}") for name in ("balance", "locked"))
    return Balance(free, locked)


def _level(unit: Any) -> BookLevel:
    return BookLevel(
        ask_price=price(of(unit, "ask_price"), "ask_price"),
        ask_size=volume(of(unit, "ask_size"), "ask_size"),
        bid_price=price(of(unit, "bid_price"), "bid_price"),
        bid_size=volume(of(unit, "bid_size"), "bid_size"),
    )


def _only(found: list[Any], market: Market) -> Any:
    if len(found) != 1:
        raise BadValue(f"{len(found)} order books of {market} were shown, not one")
    return found[0]
