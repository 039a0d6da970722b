"""Closed hourly candles by pyupbit, whose traps end here.

It labels candles with Seoul's time without a zone and reads `to` as UTC; answers None to every trouble; waits without
end; swallows the exchange's word; and has the exchange's address in its text. Its transport is ours for the length of
a call, so that an answer, a refusal and a silence are three things again.
"""

import asyncio
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime
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
from shared.candles import SCHEMA, BadCandles, check
from shared.types import Market, UtcTime

if TYPE_CHECKING:
    from requests import Response

log = structlog.get_logger("collector")
UPBIT = "https://api.upbit.com"
SEOUL = timedelta(hours=9)  # since 1988 without a summer time
TIMEOUT_S = (3.0, 10.0)  # to connect, and for each read
CALL_S = 20.0  # for all of it: a server that drips a byte now and then is given up
RETRIES_S = (1.0, 2.0)
LEFT_MIN, PAUSE_S = 2, 0.5  # requests left in this second, and the pause that lets them come back
_ONE_AT_A_TIME = threading.Lock()  # pyupbit is a module: its transport is everybody's


class PyupbitHours:
    """base_url: the paper exchange, or Upbit."""

    def __init__(self, base_url: str, *, retries_s: tuple[float, ...] = RETRIES_S, call_s: float = CALL_S) -> None:
        self._base_url, self._retries_s, self._call_s = base_url.rstrip("/"), retries_s, call_s

    async def now(self, market: Market) -> UtcTime:
        """The exchange's time, from the head of an answer. Raises as `hours`."""
        _, now = await self._patiently(market, None, 1)
        return now

    async def hours(self, market: Market, to: UtcTime) -> pl.DataFrame:
        """The newest 200 hours that opened before `to` and had closed by the exchange's own time; may be empty."""
        frame, now = await self._patiently(market, to, PAGE)
        return frame.filter((pl.col("open_time") < to) & (pl.col("open_time") + HOUR <= now))

    async def _patiently(self, market: Market, to: UtcTime | None, count: int) -> tuple[pl.DataFrame, UtcTime]:
        for pause_s in self._retries_s:
            try:
                return await self._asked(market, to, count)
            except (ExchangeBusy, ExchangeUnreachable) as e:
                log.info("hourly candles are asked for again", market=market, why=str(e))
                await asyncio.sleep(pause_s)
        return await self._asked(market, to, count)

    async def _asked(self, market: Market, to: UtcTime | None, count: int) -> tuple[pl.DataFrame, UtcTime]:
        line = _Line(self._base_url)
        try:
            async with asyncio.timeout(self._call_s):
                table = await asyncio.to_thread(_call, line, market, to, count)
        except TimeoutError as e:
            raise ExchangeUnreachable(f"the exchange did not answer about {market} within {self._call_s:g} s") from e
        if line.left < LEFT_MIN:
            await asyncio.sleep(PAUSE_S)
        try:
            return _frame(table, line, market), parsedate_to_datetime(line.date)
        except (ValueError, TypeError, LookupError, BadCandles, pl.exceptions.PolarsError) as e:
            raise UnreadableAnswer(f"the exchange's hours of {market} cannot be read: {e}") from e


class _Line:
    """What pyupbit calls `requests`: another host, a timeout, and a memory of what was said."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.answer: Response | None = None
        self.fault: Exception | None = None

    def get(self, url: str, params: dict[str, Any]) -> "Response":
        import requests

        try:
            self.answer = requests.get(
                url.replace(UPBIT, self._base_url, 1), params=params, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as e:
            self.fault = e  # pyupbit makes None of it
            raise
        return self.answer

    @property
    def date(self) -> str:
        return "" if self.answer is None else self.answer.headers.get("Date", "")

    @property
    def left(self) -> int:
        """Requests left in this second, by the exchange's word; many where it says nothing."""
        said = "" if self.answer is None else self.answer.headers.get("Remaining-Req", "")
        number = said.rpartition("sec=")[2]
        return int(number) if number.isdecimal() else PAGE


def _call(line: _Line, market: Market, to: UtcTime | None, count: int) -> Any:
    """pyupbit's table, or None. Imported here: pandas costs a second, and most processes never ask."""
    import pyupbit
    from pyupbit import request_api

    with _ONE_AT_A_TIME:
        theirs, request_api.requests = request_api.requests, line
        try:
            # A zone would be dropped without a word: `to` goes as UTC, bare.
            told = None if to is None else f"{to:%Y-%m-%d %H:%M:%S}"
            return pyupbit.get_ohlcv(market, interval="minute60", count=count, to=told)
        finally:
            request_api.requests = theirs


def _frame(table: Any, line: _Line, market: Market) -> pl.DataFrame:
    """Its table in shared.candles.SCHEMA; where it gave none, the reason as an error of ours."""
    if table is None:
        return _nothing(line, market)
    starts = [label.to_pydatetime() - SEOUL for label in table.index]
    columns = {name: table[name].to_numpy(dtype="float64") for name in SCHEMA.names()[1:]}
    frame = pl.DataFrame({"open_time": starts, **columns})
    frame = frame.with_columns(pl.col("open_time").dt.replace_time_zone("UTC")).cast(SCHEMA)
    # Upbit has been seen to give a candle twice.
    return check(frame.unique("open_time", keep="last").sort("open_time"), name=f"hours of {market}")


def _nothing(line: _Line, market: Market) -> pl.DataFrame:
    if line.fault is not None or line.answer is None:
        what = type(line.fault).__name__ if line.fault else "no request was made"
        raise ExchangeUnreachable(f"no answer about {market} came from the exchange: {what}") from line.fault
    status = line.answer.status_code
    if status == 404 and _is_upbits(line.answer):
        raise UnknownMarket(f"the exchange does not trade {market}")
    if status in {418, 429} or status >= 500:
        raise ExchangeBusy(f"the exchange answered {status} about {market}")
    if status != 200:
        raise RequestRefused(
            f"the exchange answered {status} about the hours of {market}; is it Upbit, or the paper exchange?"
        )
    if line.answer.json() == []:
        return pl.DataFrame(schema=SCHEMA)
    raise ValueError("pyupbit makes nothing of it")


def _is_upbits(answer: "Response") -> bool:
    """Whether an error is in Upbit's shape: another server's 404 says nothing of a market."""
    try:
        return "error" in answer.json()
    except (ValueError, TypeError):
        return False
