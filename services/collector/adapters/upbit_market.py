"""Upbit's quotes and account through its official SDK; the paper exchange answers the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import httpx

from services.collector.ports import (
    ExchangeBusy,
    ExchangeUnreachable,
    KeyRefused,
    RequestRefused,
    UnknownMarket,
    UnreadableAnswer,
)
from shared.bad_rows import BadRows
from shared.candle_arrays import CandleArrays, CandleRow
from shared.events import Balances, OrderBook
from shared.parsing import BadValue, date_of, of, parse_json, rows, word
from shared.refusals import upbit_error, with_code
from shared.types import Krw, Market, Price, UtcTime
from shared.upbit_answers import Candle, balance, candles, is_warned, order_book, ticker
from shared.upbit_bounded import BoundedTransport
from shared.upbit_pacing import why_not_sent

if TYPE_CHECKING:
    from upbit import APIStatusError

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
DAY_MIN = 1440
_MAY_WORK_LATER = {"nonce_used", "market_offline", "too_many_requests"}


class UpbitMarket:
    """`async with` closes its connections.

    transport: what carries the requests, and sets their pace. odd: where candles that cannot be read are counted.
    """

    def __init__(
        self,
        *,
        base_url: str,
        access_key: str,
        secret_key: str,
        transport: httpx.AsyncBaseTransport,
        odd: BadRows | None = None,
    ) -> None:
        self._odd = odd or BadRows()
        from upbit import AsyncUpbit  # a second of imports, which who only names this class need not pay

        self._upbit = AsyncUpbit(
            access_key=access_key,
            secret_key=secret_key,
            base_url=base_url,
            timeout=TIMEOUT,
            max_retries=1,  # these are reads; the bus tries again later
            http_client=httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, transport=BoundedTransport(transport)),
        )

    async def order_book(self, market: Market) -> OrderBook:
        with _translated(market):
            return order_book(_json(await self._upbit.orderbooks.with_raw_response.list(markets=market)), market)

    async def balances(self, market: Market) -> Balances:
        with _translated(market):
            answer = await self._upbit.accounts.with_raw_response.list()
            accounts = _json(answer)
            krw, coin = balance(accounts, "KRW"), balance(accounts, market.removeprefix("KRW-"))
            return Balances(
                at=date_of(answer.headers),
                krw_free=Krw(krw.free),
                krw_locked=Krw(krw.locked),
                coin_free=coin.free,
                coin_locked=coin.locked,
            )

    async def last_price(self, market: Market) -> Price:
        with _translated(market):
            answer = await self._upbit.tickers.with_raw_response.list_by_trading_pairs(markets=market)
            (row,) = rows(_json(answer), "tickers")
            named, price = ticker(row)
            if named != market:
                raise BadValue(f"the ticker is {named}'s")
            return price

    async def is_warned(self, market: Market) -> bool:
        with _translated(market):
            listed = rows(_json(await self._upbit.trading_pairs.with_raw_response.list(is_details=True)), "markets")
            mine = [row for row in listed if _name(row) == market]
            if not mine and (not listed or None in map(_name, listed)):
                raise BadValue(f"{market} may stand in a row that names no market, or in none because there are none")
            if not mine:
                raise with_code(UnknownMarket(f"the exchange does not trade {market}"), "notfoundmarket")
            return True in {is_warned(row) for row in mine}

    async def candles(self, market: Market, unit_min: int, *, to: UtcTime, count: int) -> CandleArrays:
        asked: dict[str, Any] = {"market": market, "to": f"{to:%Y-%m-%dT%H:%M:%SZ}", "count": count}
        with _translated(market):
            if unit_min == DAY_MIN:
                answer: Any = await self._upbit.candles.with_raw_response.list_days(**asked)
            else:
                answer = await self._upbit.candles.with_raw_response.list_minutes(unit_min, **asked)  # type: ignore[arg-type]
            name = f"{market} candles of {unit_min} min"
            bars = candles(_json(answer), lambda e: self._odd.leave_out("candle", f"{name}: {e}"))
            return CandleArrays.of_rows(map(_row, bars))

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
    except (ValueError, ArithmeticError, upbit.UpbitError) as e:  # `BadValue`, above all
        raise UnreadableAnswer(f"the exchange's answer about {market} cannot be read: {e}") from e


def _refusal(e: "APIStatusError", market: Market) -> Exception:
    # On quotes the name is the status again, on private calls a word.
    error, status = upbit_error(e.body, e.status_code), e.status_code
    if status in {418, 429} or status >= 500:
        return ExchangeBusy(f"the exchange answered {status} {error.code if error else ''} about {market}")
    if error is None:  # a gateway's page: it says nothing about our key or the market
        return ExchangeUnreachable(f"another server than the exchange answered {status} about {market}")
    name = error.code
    if name in _MAY_WORK_LATER:
        return ExchangeBusy(f"the exchange answered {status} {name} about {market}")
    if status in {401, 403}:
        return with_code(KeyRefused(f"the exchange refused the key: {name}"), name)
    if name in {"404", "notfoundmarket"}:
        return with_code(UnknownMarket(f"the exchange does not trade {market}"), "notfoundmarket")
    return RequestRefused(f"the exchange answered {status} {name} about {market}")


def _json(answer: Any) -> Any:
    """answer: the SDK's raw one."""
    return parse_json(answer.http_response.content)


def _name(row: Any) -> str | None:
    try:
        return word(of(row, "market"), "market")
    except BadValue:
        return None


def _row(bar: Candle) -> CandleRow:
    return bar.opened_at, float(bar.open), float(bar.high), float(bar.low), float(bar.close), float(bar.volume)
