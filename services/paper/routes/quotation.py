"""Upbit's public quotes beside candles: numbers are JSON numbers, no token is needed."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.bars import DAY_MIN, Bar, from_ms, to_ms
from services.paper.core.exchange import PaperExchange
from services.paper.core.orders import SEOUL
from services.paper.core.tape import Tape
from services.paper.ports import doors
from services.paper.routes.parameters import markets_of, number, whole

NAMES = {"BTC": ("비트코인", "Bitcoin"), "ETH": ("이더리움", "Ethereum"), "XRP": ("엑스알피", "XRP")}
CAUTIONS = (
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)
YEAR_DAYS = 364  # 52 weeks


async def market_all(request: Request) -> Response:
    exchange = doors(request).exchange
    query = request.query_params
    details = (query.get("is_details") or query.get("isDetails") or "").lower() == "true"
    return JSONResponse([_listing(market, details) for market in exchange.tape.markets if exchange.listed(market)])


def _listing(market: str, details: bool) -> dict[str, Any]:
    coin = market.split("-")[1]
    korean, english = NAMES.get(coin, (coin, coin))
    listing: dict[str, Any] = {"market": market, "korean_name": korean, "english_name": english}
    if details:
        listing["market_event"] = {"warning": False, "caution": dict.fromkeys(CAUTIONS, False)}
    return listing


async def ticker(request: Request) -> Response:
    exchange = doors(request).exchange
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
        "trade_date_kst": f"{traded.astimezone(SEOUL):%Y%m%d}",
        "trade_time_kst": f"{traded.astimezone(SEOUL):%H%M%S}",
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


async def orderbook(request: Request) -> Response:
    exchange = doors(request).exchange
    markets = markets_of(request, "markets")
    if request.query_params.get("level", "0") not in ("0", "0.0", ""):
        return JSONResponse([])  # as at Upbit for a grouping it does not know; here none is built yet
    count = min(whole(request, "count", 30), 30)
    return JSONResponse([_book(exchange, market, count) for market in markets])


def _book(exchange: PaperExchange, market: str, count: int) -> dict[str, Any]:
    levels = exchange.levels(market)
    return {
        "market": market,
        "timestamp": to_ms(exchange.now),
        "total_ask_size": number(sum((level.ask_size for level in levels), Decimal(0))),
        "total_bid_size": number(sum((level.bid_size for level in levels), Decimal(0))),
        "orderbook_units": [
            {
                "ask_price": number(level.ask_price),
                "bid_price": number(level.bid_price),
                "ask_size": number(level.ask_size),
                "bid_size": number(level.bid_size),
            }
            for level in levels[:count]
        ],
        "level": 0,
    }


routes = [
    Route("/v1/market/all", market_all),
    Route("/v1/ticker", ticker),
    Route("/v1/orderbook", orderbook),
]
