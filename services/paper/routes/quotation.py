"""Upbit's public quotes beside candles: numbers are JSON numbers, no token is needed."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.bars import DAY_MIN, Bar, from_ms, to_ms
from services.paper.core.exchange import PaperExchange
from services.paper.core.refusal import MISSING_PARAMETER, WRONG_TYPE, WRONG_VALUE, quotation
from services.paper.core.tape import Tape
from services.paper.core.trades import Tick, ticks_of_day
from services.paper.ports import app_state
from services.paper.routes.public_request import markets_of, number, one, whole
from shared.writing import KST

NAMES = {"BTC": ("비트코인", "Bitcoin"), "ETH": ("이더리움", "Ethereum"), "XRP": ("엑스알피", "XRP")}
YEAR_DAYS = 364  # 52 weeks
TRADES_MAX = 500


async def market_all(request: Request) -> Response:
    exchange = app_state(request).exchange
    details = (one(request, "is_details") or one(request, "isDetails") or "").lower() == "true"
    return JSONResponse(
        [
            {**_listing(market), **({"market_event": exchange.notices.of(market).event()} if details else {})}
            for market in exchange.tape.markets
            if exchange.listed(market)
        ]
    )


def _listing(market: str) -> dict[str, Any]:
    coin = market.split("-")[1]
    korean, english = NAMES.get(coin, (coin, coin))
    return {"market": market, "korean_name": korean, "english_name": english}


async def ticker(request: Request) -> Response:
    exchange = app_state(request).exchange
    return JSONResponse([_ticker(exchange, market) for market in markets_of(request, "markets")])


def _ticker(exchange: PaperExchange, market: str) -> dict[str, Any]:
    """The tape knows no single trades: the last one stands at its newest bar's last known moment."""
    tape, now = exchange.tape, exchange.now
    last = tape.latest(market, now)
    today, before = _today(tape, market, now)
    highest, lowest = _year(tape, market, from_ms(today.start_ms))
    highest, lowest = max(today, highest, key=lambda bar: bar.high), min(today, lowest, key=lambda bar: bar.low)
    hours = _day_back(tape, market, now)
    previous = before.close if before else today.open
    change = last.close - previous
    traded = from_ms(last.known_ms)
    closed = next((bar for bar in hours if bar.volume), last)
    return {
        "market": market,
        "trade_date": f"{traded:%Y%m%d}",
        "trade_time": f"{traded:%H%M%S}",
        "trade_date_kst": f"{traded.astimezone(KST):%Y%m%d}",
        "trade_time_kst": f"{traded.astimezone(KST):%H%M%S}",
        "trade_timestamp": last.known_ms,
        "opening_price": number(today.open),
        "high_price": number(today.high),
        "low_price": number(today.low),
        "trade_price": number(last.close),
        "prev_closing_price": number(previous),
        "change": "RISE" if change > 0 else "FALL" if change < 0 else "EVEN",
        "change_price": number(abs(change)),
        "change_rate": number(round(abs(change) / previous, 10)),
        "signed_change_price": number(change),
        "signed_change_rate": number(round(change / previous, 10)),
        "trade_volume": number(round(closed.volume, 8)),
        "acc_trade_price": number(round(today.value, 8)),
        "acc_trade_price_24h": number(round(sum(bar.value for bar in hours), 8)),
        "acc_trade_volume": number(round(today.volume, 8)),
        "acc_trade_volume_24h": number(round(sum(bar.volume for bar in hours), 8)),
        "highest_52_week_price": number(highest.high),
        "highest_52_week_date": f"{from_ms(highest.start_ms):%Y-%m-%d}",
        "lowest_52_week_price": number(lowest.low),
        "lowest_52_week_date": f"{from_ms(lowest.start_ms):%Y-%m-%d}",
        "timestamp": to_ms(now),
    }


def _today(tape: Tape, market: str, now: datetime) -> tuple[Bar, Bar | None]:
    """Today's bar since 00:00 UTC and the one before; on a day without a trade yet, an empty bar at the last price."""
    days = tape.candles(market, DAY_MIN, now, 2)
    midnight_ms = to_ms(now.replace(hour=0, minute=0, second=0, microsecond=0))
    if days[0].start_ms == midnight_ms:
        return days[0], days[1] if len(days) > 1 else None
    price = days[0].close
    return Bar(midnight_ms, price, price, price, price, 0.0, 0.0, midnight_ms), days[0]


@lru_cache(maxsize=16)
def _year(tape: Tape, market: str, midnight: datetime) -> tuple[Bar, Bar]:
    """The days of the 52 weeks before with the highest high and the lowest low; on the first day, that day."""
    newer = tape.candles(market, DAY_MIN, midnight, 200, midnight) or tape.candles(market, DAY_MIN, midnight, 1)
    older = tape.candles(market, DAY_MIN, midnight, YEAR_DAYS - 200, from_ms(newer[-1].start_ms))
    since = to_ms(midnight) - YEAR_DAYS * DAY_MIN * 60_000
    days = [bar for bar in [*newer, *older] if bar.start_ms >= since] or newer[:1]
    return max(days, key=lambda bar: bar.high), min(days, key=lambda bar: bar.low)


def _day_back(tape: Tape, market: str, now: datetime) -> list[Bar]:
    """The bars of the last 24 hours in hours, or in the tape's own unit where that is coarser."""
    unit_min = max(60, tape.unit_min[market])
    since = to_ms(now) - DAY_MIN * 60_000
    return [bar for bar in tape.candles(market, unit_min, now, 25) if bar.start_ms >= since]


async def ticker_all(request: Request) -> Response:
    """Of every market with one of the quote currencies; here all are won."""
    given = one(request, "quote_currencies")
    if not given:
        raise quotation(400, MISSING_PARAMETER)
    exchange = app_state(request).exchange
    quotes = given.upper().split(",")
    markets = [market for market in exchange.tape.markets if market.split("-")[0] in quotes and exchange.listed(market)]
    return JSONResponse([_ticker(exchange, market) for market in markets])


async def trades(request: Request) -> Response:
    exchange = app_state(request).exchange
    market = markets_of(request, "market")[0]
    count = min(whole(request, "count", 1), TRADES_MAX)
    midnight, until = _day_asked(request, exchange.now)
    cursor = one(request, "cursor")
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20):
        raise quotation(400, WRONG_TYPE)
    recent = ticks_of_day(exchange.tape, market, exchange.now, midnight, until, TRADES_MAX * 10 if cursor else count)
    page = [tick for tick in recent if cursor is None or tick.sequential_id < int(cursor)][:count]
    before = exchange.tape.candles(market, DAY_MIN, exchange.now, 1, midnight)
    return JSONResponse([_trade(market, tick, before[0].close if before else tick.price) for tick in page])


def _day_asked(request: Request, now: datetime) -> tuple[datetime, datetime]:
    """Midnight of the UTC day asked for, and the moment within it up to which."""
    ago = one(request, "days_ago") or "0"
    if not re.fullmatch(r"[0-7]", ago, re.ASCII):
        raise quotation(400, WRONG_VALUE)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=int(ago))
    to = one(request, "to")
    if to is None:
        return midnight, midnight + timedelta(days=1)
    clock = re.fullmatch(r"([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)", to, re.ASCII)
    if clock is None:
        raise quotation(400, WRONG_VALUE)
    hours, minutes, seconds = map(int, clock.groups())
    return midnight, midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _trade(market: str, tick: Tick, previous: float) -> dict[str, Any]:
    return {
        "market": market,
        "trade_date_utc": f"{tick.at:%Y-%m-%d}",
        "trade_time_utc": f"{tick.at:%H:%M:%S}",
        "timestamp": to_ms(tick.at),
        "trade_price": number(tick.price),
        "trade_volume": number(tick.volume),
        "prev_closing_price": number(previous),
        "change_price": number(tick.price - previous),
        "ask_bid": "BID" if tick.bought else "ASK",
        "sequential_id": tick.sequential_id,
    }


routes = [
    Route("/v1/market/all", market_all),
    Route("/v1/ticker", ticker),
    Route("/v1/ticker/all", ticker_all),
    Route("/v1/trades/ticks", trades),
]
