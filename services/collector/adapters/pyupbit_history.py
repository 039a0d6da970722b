"""Closed hourly candles by pyupbit, whose traps end here.

It labels candles with Seoul's time without a zone and reads `to` as UTC; answers None to every trouble; waits without
end; swallows the exchange's word; loses good candles where a header beside them is missing; and has the exchange's
address in its text. Its transport is ours for the length of a call, so that an answer, a refusal and a silence are
three things again, and it sees only candles that can be true.
"""

import asyncio
import threading
from typing import Any

import polars as pl
import structlog

from services.collector.adapters.pyupbit_requests import RequestsStandIn
from services.collector.adapters.pyupbit_table import frame_of
from services.collector.core.topup import HOUR, PAGE
from services.collector.ports import ExchangeBusy, ExchangeUnreachable, UnreadableAnswer
from shared.bad_rows import BadRows
from shared.candles import BadCandles
from shared.parsing import date_of
from shared.types import Market, UtcTime

log = structlog.get_logger("collector")
CALL_S = 20.0  # for all of it: a server that drips a byte now and then is given up
RETRIES_S = (1.0, 2.0)
LEFT_MIN, PAUSE_S = 2, 0.5  # requests left in this second, and the pause that lets them come back
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
            return frame_of(table, stand_in, market), date_of(
                {} if stand_in.answer is None else stand_in.answer.headers
            )
        except (ValueError, TypeError, LookupError, BadCandles, pl.exceptions.PolarsError) as e:
            raise UnreadableAnswer(f"the exchange's hours of {market} cannot be read: {e}") from e


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
