"""Upbit's quotes and account through its official SDK; the paper exchange answers the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self

import httpx
import polars as pl

from services.collector.ports import (
    ExchangeBusy,
    ExchangeUnreachable,
    KeyRefused,
    RequestRefused,
    UnknownMarket,
    UnreadableAnswer,
)
from shared.candles import SCHEMA, BadCandles, check
from shared.events import Balances, BookLevel, OrderBook
from shared.refusals import explained
from shared.types import Krw, Market, Price, UtcTime, Volume
from shared.upbit_paced import why_not_sent

if TYPE_CHECKING:
    from upbit import APIStatusError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
DAY_MIN = 1440


class UpbitMarket:
    """`async with` closes its connections. transport: what carries the requests, and sets their pace."""

    def __init__(self, *, base_url: str, access_key: str, secret_key: str, transport: httpx.AsyncBaseTransport) -> None:
        from upbit import AsyncUpbit  # a second of imports, which who only names this class need not pay

        self._upbit = AsyncUpbit(
            access_key=access_key,
            secret_key=secret_key,
            base_url=base_url,
            timeout=TIMEOUT,
            max_retries=1,  # these are reads; the bus tries again later
            http_client=httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, transport=transport),
        )

    async def order_book(self, market: Market) -> OrderBook:
        with _translated(market):
            (book,) = await self._upbit.orderbooks.list(markets=market)
            return OrderBook(
                at=_from_ms(book.timestamp),
                levels=tuple(
                    BookLevel(
                        ask_price=Price(_exact(unit.ask_price)),
                        ask_size=Volume(_exact(unit.ask_size)),
                        bid_price=Price(_exact(unit.bid_price)),
                        bid_size=Volume(_exact(unit.bid_size)),
                    )
                    for unit in book.orderbook_units
                ),
            )

    async def balances(self, market: Market) -> Balances:
        with _translated(market):
            answer = await self._upbit.accounts.with_raw_response.list()
            accounts = {account.currency: account for account in _list(await answer.parse())}
            free = {currency: _exact(account.balance) for currency, account in accounts.items()}
            locked = {currency: _exact(account.locked) for currency, account in accounts.items()}
            coin, nothing = market.removeprefix("KRW-"), Decimal(0)
            return Balances(
                at=parsedate_to_datetime(answer.headers["Date"]),
                krw_free=Krw(free.get("KRW", nothing)),
                krw_locked=Krw(locked.get("KRW", nothing)),
                coin_free=Volume(free.get(coin, nothing)),
                coin_locked=Volume(locked.get(coin, nothing)),
            )

    async def last_price(self, market: Market) -> Price:
        with _translated(market):
            (ticker,) = await self._upbit.tickers.list_by_trading_pairs(markets=market)
            return Price(_exact(ticker.trade_price))

    async def is_warned(self, market: Market) -> bool:
        with _translated(market):
            listed = {pair.market: pair for pair in await self._upbit.trading_pairs.list(is_details=True)}
            if market not in listed:
                raise explained(UnknownMarket(f"the exchange does not trade {market}"), "notfoundmarket")
            event: Any = listed[market].market_event
            if not isinstance(event.warning, bool):
                raise TypeError("market_event.warning")
            return event.warning

    async def candles(self, market: Market, unit_min: int, *, to: UtcTime, count: int) -> pl.DataFrame:
        asked: dict[str, Any] = {"market": market, "to": f"{to:%Y-%m-%dT%H:%M:%SZ}", "count": count}
        with _translated(market):
            if unit_min == DAY_MIN:
                bars: Any = await self._upbit.candles.list_days(**asked)
            else:
                bars = await self._upbit.candles.list_minutes(unit_min, **asked)  # type: ignore[arg-type]
            rows = {_start(bar): _row(bar) for bar in _list(bars)}  # Upbit has been seen to give a candle twice
            frame = pl.DataFrame([rows[start] for start in sorted(rows)], schema=SCHEMA, orient="row")
            return frame if frame.is_empty() else check(frame, name=f"{market} candles of {unit_min} min")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._upbit.close()


@contextmanager
def _translated(market: Market) -> Iterator[None]:
    """Turn what goes wrong at Upbit into this stage's own errors."""
    import upbit

    try:
        yield
    except upbit.APIStatusError as e:
        raise _refusal(e, market) from e
    except upbit.APITimeoutError as e:
        if unsent := why_not_sent(e):
            raise ExchangeBusy(f"{market}: {unsent}") from e
        raise ExchangeUnreachable(f"the exchange did not answer about {market} in time") from e
    except upbit.APIConnectionError as e:
        raise ExchangeUnreachable(f"no connection to the exchange at {e.request.url.copy_with(query=None)}") from e
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, upbit.UpbitError, BadCandles) as e:
        raise UnreadableAnswer(f"the exchange's answer about {market} cannot be read: {e}") from e


def _refusal(e: "APIStatusError", market: Market) -> Exception:
    # On quotes the name is the status again, on private calls a word.
    name, status = str(e.name or e.status_code), e.status_code
    if status in {418, 429} or status >= 500 or name == "market_offline":
        return ExchangeBusy(f"the exchange answered {status} {name} about {market}")
    if status in {401, 403}:
        return explained(KeyRefused(f"the exchange refused the key: {name}"), name)
    if status == 404 or name == "notfoundmarket":
        return explained(UnknownMarket(f"the exchange does not trade {market}"), "notfoundmarket")
    return RequestRefused(f"the exchange answered {status} {name} about {market}")


def _list(answer: Any) -> list[Any]:
    if not isinstance(answer, list):  # an empty object would pass for nothing held, or no candle
        raise TypeError(f"a list was expected, not {type(answer).__name__}")
    return answer


def _exact(number: object) -> Decimal:
    return Decimal(str(number))


def _from_ms(timestamp: int) -> UtcTime:
    return EPOCH + timedelta(milliseconds=timestamp)


def _start(bar: Any) -> UtcTime:
    return datetime.fromisoformat(bar.candle_date_time_utc).replace(tzinfo=UTC)


def _row(bar: Any) -> tuple[UtcTime, float, float, float, float, float]:
    prices = (bar.opening_price, bar.high_price, bar.low_price, bar.trade_price, bar.candle_acc_trade_volume)
    opened, high, low, close, volume = (float(number) for number in prices)
    return _start(bar), opened, high, low, close, volume
