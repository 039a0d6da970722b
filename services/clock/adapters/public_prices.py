"""Upbit's public candles and tickers, for the exit guard; no key is needed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from services.clock.core.exits import Bar
from services.clock.ports import Ticker
from shared.bad_rows import BadRows
from shared.errors import Transient
from shared.parsing import BadValue, date_of, parse_json
from shared.refusals import upbit_error
from shared.types import Market, Price, UtcTime
from shared.upbit_answers import Candle, candles, readable_rows, ticker

_UNITS = (1, 3, 5, 10, 15, 30, 60)
_HOUR = timedelta(hours=1)
_PAGE = 200


class NoPrices(Transient):
    """The exchange shows no prices now, or none that can be read."""


class UnknownHere(NoPrices):
    """The exchange's own word: it does not know one of the markets."""


@dataclass(slots=True)
class PublicPrices:
    """client: with the exchange's address. odd: where rows that cannot be read are counted."""

    client: httpx.AsyncClient
    odd: BadRows = field(default_factory=BadRows)
    _unit: dict[Market, int] = field(default_factory=dict)

    async def tickers(self, markets: Sequence[Market]) -> list[Ticker]:
        """The last price of each; the time is the exchange's clock, since a quiet market's last trade may be old.

        A market without a price that can be read is left out. Raises NoPrices where that is true of all.
        """
        try:
            tickers = await self._tickers(markets)
        except UnknownHere:  # one of them fails the question about all
            if len(markets) == 1:
                raise
            tickers = [one for market in markets for one in await self._ticker(market)]
        for market in set(markets) - {one.market for one in tickers}:
            self.odd.leave_out("ticker", f"{market} has no price")
        if not tickers:
            raise NoPrices(f"no price of {', '.join(markets)} can be read")
        return tickers

    async def _ticker(self, market: Market) -> list[Ticker]:
        try:
            return await self._tickers((market,))
        except NoPrices:
            return []

    async def _tickers(self, markets: Sequence[Market]) -> list[Ticker]:
        answer = await self._get("/v1/ticker", {"markets": ",".join(markets)})
        with _readable("tickers"):
            at = date_of(answer.headers)
            prices = readable_rows(parse_json(answer.content), ticker, self._left_out("ticker"), what="tickers")
        return [Ticker(market, price, at) for market, price in prices if market in markets]

    async def unit_min(self, market: Market) -> int:
        for unit in _UNITS:
            if market not in self._unit and await self._candles(market, unit, to=None, count=1):
                self._unit[market] = unit
        if market not in self._unit:
            raise NoPrices(f"{market} has no candle of any unit")
        return self._unit[market]

    async def bar(self, market: Market, closed_at: UtcTime) -> Bar | None:
        unit = await self.unit_min(market)
        found = await self._candles(market, unit, to=closed_at, count=1)
        return next((bar for bar in found if bar.closed_at == closed_at), None)

    async def highest(self, market: Market, since: UtcTime, until: UtcTime) -> Price | None:
        """Hours where they are whole, the smallest candles before the first and after the last of them."""
        unit = await self.unit_min(market)
        first = min(_floor_hour(since + _HOUR - timedelta(microseconds=1)), until)
        last = max(_floor_hour(until), first)
        spans = ((since, first, unit), (first, last, 60), (last, until, unit))
        highs = [bar.high for begin, end, minutes in spans for bar in await self._between(market, begin, end, minutes)]
        return max(highs, default=None)

    async def _between(self, market: Market, begin: UtcTime, end: UtcTime, unit: int) -> list[Bar]:
        """Candles that began at or after `begin` and closed by `end`."""
        found: list[Bar] = []
        while begin < end:
            page = [bar for bar in await self._candles(market, unit, to=end, count=_PAGE) if bar.opened_at >= begin]
            found += [bar for bar in page if bar.closed_at <= end]
            oldest = min((bar.opened_at for bar in page), default=begin)
            if len(page) == _PAGE and oldest >= end:
                raise NoPrices(f"the candles of {market} do not go back beyond {end:%Y-%m-%d %H:%M}")
            end = oldest if len(page) == _PAGE else begin
        return found

    async def _candles(self, market: Market, unit: int, *, to: UtcTime | None, count: int) -> list[Bar]:
        params: dict[str, Any] = {"market": market, "count": count}
        if to is not None:
            params["to"] = f"{to:%Y-%m-%dT%H:%M:%SZ}"
        answer = await self._get(f"/v1/candles/minutes/{unit}", params)
        with _readable(f"{market} candles"):
            return [_bar(row, unit) for row in candles(parse_json(answer.content), self._left_out("candle"))]

    async def _get(self, path: str, params: dict[str, Any]) -> httpx.Response:
        try:
            answer = await self.client.get(path, params=params)
        except httpx.HTTPError as e:
            raise NoPrices(f"{path}: {type(e).__name__}") from e
        if answer.status_code == 200:
            return answer
        unknown = answer.status_code == 404 and _is_upbits(answer)
        raise (UnknownHere if unknown else NoPrices)(f"{path}: status {answer.status_code}")

    def _left_out(self, source: str) -> Callable[[BadValue], None]:
        return lambda why: self.odd.leave_out(source, why)


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except BadValue as e:
        raise NoPrices(f"the exchange's {what} cannot be read: {e}") from e


def _is_upbits(answer: httpx.Response) -> bool:
    try:
        return upbit_error(parse_json(answer.content), answer.status_code) is not None
    except BadValue:
        return False


def _bar(row: Candle, unit: int) -> Bar:
    return Bar(row.opened_at, row.opened_at + timedelta(minutes=unit), row.open, row.high, row.low, row.close)


def _floor_hour(at: UtcTime) -> UtcTime:
    return at.replace(minute=0, second=0, microsecond=0)
