"""Upbit's public candles and tickers, for the exit guard; no key is needed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from services.clock.core.exits import Bar
from services.clock.ports import Seen
from shared.errors import Transient
from shared.types import Market, Price, UtcTime

_UNITS = (1, 3, 5, 10, 15, 30, 60)
_HOUR = timedelta(hours=1)
_PAGE = 200


class NoPrices(Transient):
    """The exchange shows no prices now, or none that can be read."""


@dataclass(slots=True)
class PublicPrices:
    """client: with the exchange's address."""

    client: httpx.AsyncClient
    _unit: dict[Market, int] = field(default_factory=dict)

    async def tickers(self, markets: Sequence[Market]) -> list[Seen]:
        """The last price of each; the time is the exchange's clock, since a quiet market's last trade may be old."""
        answer = await self._get("/v1/ticker", {"markets": ",".join(markets)})
        with _readable("tickers"):
            at = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
            rows = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)
            return [Seen(row["market"], Price(row["trade_price"]), at) for row in rows]

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
            end = min((bar.opened_at for bar in page), default=begin) if len(page) == _PAGE else begin
        return found

    async def _candles(self, market: Market, unit: int, *, to: UtcTime | None, count: int) -> list[Bar]:
        asked: dict[str, Any] = {"market": market, "count": count}
        if to is not None:
            asked["to"] = f"{to:%Y-%m-%dT%H:%M:%SZ}"
        answer = await self._get(f"/v1/candles/minutes/{unit}", asked)
        with _readable(f"{market} candles"):
            return [_bar(row, unit) for row in json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)]

    async def _get(self, path: str, params: dict[str, Any]) -> httpx.Response:
        try:
            answer = await self.client.get(path, params=params)
            answer.raise_for_status()
        except httpx.HTTPStatusError as e:
            raise NoPrices(f"{path}: status {e.response.status_code}") from e
        except httpx.TransportError as e:
            raise NoPrices(f"{path}: {type(e).__name__}") from e
        return answer


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, ArithmeticError) as e:
        raise NoPrices(f"the exchange's {what} cannot be read: {type(e).__name__}: {e}") from e


def _bar(row: dict[str, Any], unit: int) -> Bar:
    opened = datetime.fromisoformat(row["candle_date_time_utc"]).replace(tzinfo=UTC)
    prices = (Price(row[name]) for name in ("opening_price", "high_price", "low_price", "trade_price"))
    return Bar(opened, opened + timedelta(minutes=unit), *prices)


def _floor_hour(at: UtcTime) -> UtcTime:
    return at.replace(minute=0, second=0, microsecond=0)
