"""Upbit's candles. A bar's text never changes once it has closed, so it is written once and kept."""

import json
from functools import lru_cache
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.bars import DAY_MIN, UNITS_MIN, Bar, from_ms
from services.paper.core.periods import FirstDay, month, periods, week, year
from services.paper.core.refusal import WRONG_VALUE, quotation
from services.paper.core.tape import COUNT_MAX
from services.paper.ports import app_state
from services.paper.routes.public_request import before_of, markets_of, number, whole
from shared.writing import AHEAD


async def minute_candles(request: Request) -> Response:
    unit = request.path_params["unit"]
    if unit not in {str(known) for known in UNITS_MIN}:
        raise quotation(400, WRONG_VALUE)
    market, bars = _bars(request, int(unit), whole(request, "count", 1))
    return _answer([_minutes(market, int(unit), bar) for bar in bars])


async def day_candles(request: Request) -> Response:
    """One day more is read: each names the close of the day before."""
    count = min(whole(request, "count", 1), COUNT_MAX)
    market, bars = _bars(request, DAY_MIN, count)
    if bars:
        exchange = app_state(request).exchange
        bars += exchange.tape.candles(market, DAY_MIN, exchange.now, 1, from_ms(bars[-1].start_ms))
    won = request.query_params.get("converting_price_unit") == "KRW"
    return _answer([_day(market, bar, before, won) for bar, before in pairwise([*bars, None]) if bar][:count])


async def week_candles(request: Request) -> Response:
    return _periods(request, week)


async def month_candles(request: Request) -> Response:
    return _periods(request, month)


async def year_candles(request: Request) -> Response:
    return _periods(request, year)


def _periods(request: Request, first_day: FirstDay) -> Response:
    exchange = app_state(request).exchange
    market = markets_of(request, "market")[0]
    count = whole(request, "count", 1)
    bars = periods(exchange.tape, market, first_day, exchange.now, count, before_of(request))
    return JSONResponse(
        [{**_candle(market, bar), "first_day_of_period": f"{from_ms(bar.start_ms):%Y-%m-%d}"} for bar in bars]
    )


def _bars(request: Request, unit_min: int, count: int) -> tuple[str, list[Bar]]:
    exchange = app_state(request).exchange
    market = markets_of(request, "market")[0]
    return market, exchange.tape.candles(market, unit_min, exchange.now, count, before_of(request))


def _answer(candles: list[str]) -> Response:
    return Response(f"[{','.join(candles)}]", media_type="application/json")


@lru_cache(maxsize=8192)
def _minutes(market: str, unit_min: int, bar: Bar) -> str:
    return json.dumps({**_candle(market, bar), "unit": unit_min})


@lru_cache(maxsize=4096)
def _day(market: str, bar: Bar, before: Bar | None, won: bool) -> str:
    """The first day of the tape has none before it; its own open stands in."""
    previous = before.close if before else bar.open
    change = bar.close - previous
    converted = {"converted_trade_price": number(bar.close)} if won else {}
    day = {
        **_candle(market, bar),
        "prev_closing_price": number(previous),
        "change_price": number(change),
        "change_rate": number(round(change / previous, 10)),
        **converted,
    }
    return json.dumps(day)


def _candle(market: str, bar: Bar) -> dict[str, Any]:
    start = from_ms(bar.start_ms).replace(tzinfo=None)
    return {
        "market": market,
        "candle_date_time_utc": start.isoformat(),
        "candle_date_time_kst": (start + AHEAD).isoformat(),
        "opening_price": number(bar.open),
        "high_price": number(bar.high),
        "low_price": number(bar.low),
        "trade_price": number(bar.close),
        "timestamp": bar.known_ms,
        "candle_acc_trade_price": number(round(bar.value, 8)),
        "candle_acc_trade_volume": number(round(bar.volume, 8)),
    }


routes = [
    Route("/v1/candles/minutes/{unit}", minute_candles),
    Route("/v1/candles/days", day_candles),
    Route("/v1/candles/weeks", week_candles),
    Route("/v1/candles/months", month_candles),
    Route("/v1/candles/years", year_candles),
]
