"""Closed hourly candles by pyupbit, whose traps end here.

It labels candles with Seoul's time without a zone and reads `to` as UTC; answers None to every trouble; waits without
end; swallows the exchange's word; loses good candles where a header beside them is missing; and has the exchange's
address in its text. Its transport is ours for the length of a call, so that an answer, a refusal and a silence are
three things again, and it sees only candles that can be true.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl
import structlog

from services.collector.core.topup import HOUR, PAGE
from services.collector.ports import (
    ExchangeBusy,
    ExchangeUnreachable,
    RequestRefused,
    UnknownMarket,
    UnreadableAnswer,
)
from shared.bad_rows import BadRows
from shared.candles import SCHEMA, BadCandles, check
from shared.parsing import SIZE_MAX, BadValue, bare_utc, date_of, of, parse_json
from shared.refusals import upbit_error
from shared.types import Market, UtcTime
from shared.upbit_answers import Candle, candle, candles
from shared.upbit_quota import left_of
from shared.writing import AHEAD

if TYPE_CHECKING:
    from requests import Response

log = structlog.get_logger("collector")
UPBIT = "https://api.upbit.com"
TIMEOUT_S = (3.0, 10.0)  # to connect, and for each read
CALL_S = 20.0  # for all of it: a server that drips a byte now and then is given up
RETRIES_S = (1.0, 2.0)
LEFT_MIN, PAUSE_S = 2, 0.5  # requests left in this second, and the pause that lets them come back
WELL_FORMED = "group=candles; min=600; sec=9"
_ONE_AT_A_TIME = threading.Lock()  # pyupbit is a module: its transport is everybody's


class PyupbitHours:
    """base_url: the paper exchange, or Upbit. odd: where candles that cannot be read are counted."""

    def __init__(
        self,
        base_url: str,
        *,
        retries_s: tuple[float, ...] = RETRIES_S,
        call_s: float = CALL_S,
        odd: BadRows | None = None,
    ) -> None:
        self._base_url, self._retries_s, self._call_s = base_url.rstrip("/"), retries_s, call_s
        self._odd = odd or BadRows()

    async def now(self, market: Market) -> UtcTime:
        """The exchange's time, from the head of an answer. Raises as `hours`."""
        _, now = await self._with_retries(market, None, 1)
        return now

    async def hours(self, market: Market, to: UtcTime) -> pl.DataFrame:
        """The newest 200 hours that opened before `to` and had closed by the exchange's own time; may be empty."""
        frame, now = await self._with_retries(market, to, PAGE)
        return frame.filter((pl.col("open_time") < to) & (pl.col("open_time") + HOUR <= now))

    async def _with_retries(self, market: Market, to: UtcTime | None, count: int) -> tuple[pl.DataFrame, UtcTime]:
        for pause_s in self._retries_s:
            try:
                return await self._page(market, to, count)
            except (ExchangeBusy, ExchangeUnreachable) as e:
                log.info("hourly candles are asked for again", market=market, why=str(e))
                await asyncio.sleep(pause_s)
        return await self._page(market, to, count)

    async def _page(self, market: Market, to: UtcTime | None, count: int) -> tuple[pl.DataFrame, UtcTime]:
        stand_in = RequestsStandIn(self._base_url, lambda e: self._odd.leave_out("hour", f"hours of {market}: {e}"))
        try:
            async with asyncio.timeout(self._call_s):
                table = await asyncio.to_thread(_call, stand_in, market, to, count)
        except TimeoutError as e:
            raise ExchangeUnreachable(f"the exchange did not answer about {market} within {self._call_s:g} s") from e
        if stand_in.left < LEFT_MIN:
            await asyncio.sleep(PAUSE_S)
        try:
            return _frame(table, stand_in, market), date_of({} if stand_in.answer is None else stand_in.answer.headers)
        except (ValueError, TypeError, LookupError, BadCandles, pl.exceptions.PolarsError) as e:
            raise UnreadableAnswer(f"the exchange's hours of {market} cannot be read: {e}") from e


_STRAIGHT = {"http": "", "https": ""}  # no proxy of the environment, as for all that goes to Upbit


class RequestsStandIn:
    """What pyupbit calls `requests`: another host, a timeout, and a memory of what was said.

    left_out: what to do with a candle that cannot be true.
    """

    def __init__(self, base_url: str, left_out: Callable[[BadValue], None]) -> None:
        self._base_url, self._left_out = base_url, left_out
        self.answer: Response | None = None
        self.fault: Exception | None = None  # pyupbit makes None of it
        self.left = PAGE  # requests left in this second; many where nobody says

    def get(self, url: str, params: dict[str, Any]) -> "Response":
        import requests

        try:
            answer = requests.get(
                url.replace(UPBIT, self._base_url, 1),
                params=params,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
                proxies=_STRAIGHT,
            )
            self.answer = answer
            content = _body(answer)
            if answer.status_code == 200:
                content = _possible_candles(content, self._left_out)
        except (requests.RequestException, BadValue) as e:
            self.fault = e
            raise
        answer._content = content
        left = left_of(answer.headers.get("Remaining-Req"))
        self.left = PAGE if left is None else left
        answer.headers["Remaining-Req"] = WELL_FORMED  # without it, or in any other form, pyupbit loses the candles
        return answer


def _body(answer: "Response") -> bytes:
    content = bytearray()
    with answer:
        for chunk in answer.iter_content(65536):
            content += chunk
            if len(content) > SIZE_MAX:
                raise BadValue(f"the body has more than {SIZE_MAX} bytes")
    return bytes(content)


def _possible_candles(content: bytes, left_out: Callable[[BadValue], None]) -> bytes:
    """The body without candles that cannot be true; the same bytes where all can."""
    odd = list[BadValue]()
    bars = candles(parse_json(content), odd.append, read=_hour)
    if not odd:
        return content
    for why in odd:
        left_out(why)
    return json.dumps([_row(bar) for bar in reversed(bars)]).encode()


def _hour(row: Any) -> Candle:
    """pyupbit goes by Seoul's time, the candle by UTC: they must be one."""
    bar, label = candle(row), bare_utc(of(row, "candle_date_time_kst"), "candle_date_time_kst")
    if label - AHEAD != bar.opened_at:
        raise BadValue(f"the candle of {bar.opened_at:%Y-%m-%dT%H:%M} is labelled {label:%Y-%m-%dT%H:%M} in Seoul")
    return bar


def _row(bar: Candle) -> dict[str, Any]:
    """A candle as Upbit writes it, with what pyupbit reads."""
    return {
        "candle_date_time_utc": f"{bar.opened_at:%Y-%m-%dT%H:%M:%S}",
        "candle_date_time_kst": f"{bar.opened_at + AHEAD:%Y-%m-%dT%H:%M:%S}",
        "opening_price": float(bar.open),
        "high_price": float(bar.high),
        "low_price": float(bar.low),
        "trade_price": float(bar.close),
        "candle_acc_trade_volume": float(bar.volume),
    }


def _call(stand_in: RequestsStandIn, market: Market, to: UtcTime | None, count: int) -> Any:
    """pyupbit's table, or None. Imported here: pandas costs a second, and most processes never ask."""
    import pyupbit
    from pyupbit import request_api

    with _ONE_AT_A_TIME:
        theirs, request_api.requests = request_api.requests, stand_in
        try:
            # A zone would be dropped without a word: `to` goes as UTC, bare.
            bare = None if to is None else f"{to:%Y-%m-%d %H:%M:%S}"
            return pyupbit.get_ohlcv(market, interval="minute60", count=count, to=bare)
        finally:
            request_api.requests = theirs


def _frame(table: Any, stand_in: RequestsStandIn, market: Market) -> pl.DataFrame:
    """Its table in shared.candles.SCHEMA; where it gave none, the reason as an error of ours."""
    if table is None:
        return _nothing(stand_in, market)
    starts = [label.to_pydatetime() - AHEAD for label in table.index]
    columns = {name: table[name].to_numpy(dtype="float64") for name in SCHEMA.names()[1:]}
    frame = pl.DataFrame({"open_time": starts, **columns})
    frame = frame.with_columns(pl.col("open_time").dt.replace_time_zone("UTC")).cast(SCHEMA)
    # Upbit has been seen to give a candle twice.
    return check(frame.unique("open_time", keep="last").sort("open_time"), name=f"hours of {market}")


def _nothing(stand_in: RequestsStandIn, market: Market) -> pl.DataFrame:
    if isinstance(stand_in.fault, BadValue):
        if stand_in.answer is not None and stand_in.answer.status_code != 200:
            raise _refusal(stand_in.answer.status_code, None, market)
        raise stand_in.fault
    if stand_in.fault is not None or stand_in.answer is None:
        what = type(stand_in.fault).__name__ if stand_in.fault else "no request was made"
        raise ExchangeUnreachable(f"no answer about {market} came from the exchange: {what}") from stand_in.fault
    status = stand_in.answer.status_code
    if status != 200:
        raise _refusal(status, _parsed(stand_in.answer.content), market)
    if parse_json(stand_in.answer.content) == []:
        return pl.DataFrame(schema=SCHEMA)
    raise BadValue("pyupbit makes nothing of it")


def _refusal(status: int, body: Any, market: Market) -> Exception:
    """body: None where nobody can read it."""
    if status in {418, 429} or status >= 500:
        return ExchangeBusy(f"the exchange answered {status} about {market}")
    error = upbit_error(body, status)
    if error is None:  # another server's page says nothing of a market
        return ExchangeUnreachable(
            f"another server answered {status} about the hours of {market}; is it Upbit, or the paper exchange?"
        )
    if error.code == "404":
        return UnknownMarket(f"the exchange does not trade {market}")
    return RequestRefused(f"the exchange answered {status} {error.code} about the hours of {market}")


def _parsed(content: bytes) -> Any:
    try:
        return parse_json(content)
    except BadValue:
        return None
