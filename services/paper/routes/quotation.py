"""Upbit's public quotes: numbers are JSON numbers, no token is needed."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.bars import DAY_MIN, UNITS_MIN, Bar, from_ms, to_ms
from services.paper.core.exchange import PaperExchange
from services.paper.core.orders import SEOUL
from services.paper.core.refusal import MISSING_PARAMETER, WRONG_TYPE, WRONG_VALUE, quotation
from services.paper.core.tape import COUNT_MAX, Tape
from services.paper.ports import doors

NAMES = {"BTC": ("비트코인", "Bitcoin"), "ETH": ("이더리움", "Ethereum"), "XRP": ("엑스알피", "XRP")}
CAUTIONS = (
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)
YEAR_DAYS = 364  # 52 weeks
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?")


def number(value: float | Decimal) -> int | float:
    """Whole numbers without a point, as Upbit's samples have them."""
    return int(value) if value == int(value) else float(value)


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


async def minute_candles(request: Request) -> Response:
    unit = request.path_params["unit"]
    if unit not in {str(known) for known in UNITS_MIN}:
        raise quotation(400, WRONG_VALUE)
    market, bars = _asked_candles(request, int(unit))
    return JSONResponse([{**_candle(market, bar), "unit": int(unit)} for bar in bars])


async def day_candles(request: Request) -> Response:
    market, bars = _asked_candles(request, DAY_MIN, one_more=True)
    won = request.query_params.get("converting_price_unit") == "KRW"
    days = [_day(market, bar, before, won) for bar, before in pairwise([*bars, None]) if bar]
    return JSONResponse(days[: min(_count(request), COUNT_MAX)])


def _day(market: str, bar: Bar, before: Bar | None, won: bool) -> dict[str, Any]:
    """The first day of the tape has none before it; its own open stands in."""
    previous = before.close if before else bar.open
    change = bar.close - previous
    converted = {"converted_trade_price": number(bar.close)} if won else {}
    return {
        **_candle(market, bar),
        "prev_closing_price": number(previous),
        "change_price": number(change),
        "change_rate": number(round(change / previous, 10)),
        **converted,
    }


def _asked_candles(request: Request, unit_min: int, one_more: bool = False) -> tuple[str, list[Bar]]:
    exchange = doors(request).exchange
    (market,) = _markets(request, "market")
    count, to = _count(request), _to(request)
    bars = exchange.tape.candles(market, unit_min, exchange.now, count, to)
    if one_more and bars:
        bars += exchange.tape.candles(market, unit_min, exchange.now, 1, from_ms(bars[-1].start_ms))
    return market, bars


def _candle(market: str, bar: Bar) -> dict[str, Any]:
    start = from_ms(bar.start_ms)
    return {
        "market": market,
        "candle_date_time_utc": start.replace(tzinfo=None).isoformat(),
        "candle_date_time_kst": start.astimezone(SEOUL).replace(tzinfo=None).isoformat(),
        "opening_price": number(bar.open),
        "high_price": number(bar.high),
        "low_price": number(bar.low),
        "trade_price": number(bar.close),
        "timestamp": bar.known_ms,
        "candle_acc_trade_price": number(round(bar.value, 8)),
        "candle_acc_trade_volume": number(round(bar.volume, 8)),
    }


async def ticker(request: Request) -> Response:
    exchange = doors(request).exchange
    return JSONResponse([_ticker(exchange, market) for market in _markets(request, "markets")])


def _ticker(exchange: PaperExchange, market: str) -> dict[str, Any]:
    """The tape knows no single trades: the last one stands at its newest bar's last known moment."""
    tape, now = exchange.tape, exchange.now
    last = tape.latest(market, now)
    today, before = _today(tape, market, now)
    year = _year(tape, market, now)
    highest, lowest = max(year, key=lambda bar: bar.high), min(year, key=lambda bar: bar.low)
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


def _year(tape: Tape, market: str, now: datetime) -> list[Bar]:
    since = to_ms(now - timedelta(days=YEAR_DAYS))
    newer = tape.candles(market, DAY_MIN, now, 200)
    older = tape.candles(market, DAY_MIN, now, 200, from_ms(newer[-1].start_ms))
    return [bar for bar in [*newer, *older] if bar.start_ms >= since] or newer[:1]


def _day_back(tape: Tape, market: str, now: datetime) -> list[Bar]:
    """The bars of the last 24 hours in hours, or in the tape's own unit where that is coarser."""
    unit_min = max(60, tape.unit_min[market])
    since = to_ms(now) - DAY_MIN * 60_000
    return [bar for bar in tape.candles(market, unit_min, now, 25) if bar.start_ms >= since]


async def orderbook(request: Request) -> Response:
    exchange = doors(request).exchange
    markets = _markets(request, "markets")
    if request.query_params.get("level", "0") not in ("0", "0.0", ""):
        return JSONResponse([])  # as at Upbit for a grouping it does not know; here none is built yet
    count = min(_whole(request, "count", 30), 30)
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


def _markets(request: Request, name: str) -> list[str]:
    """The known markets asked for; one unknown among them fails the whole call."""
    asked = request.query_params.get(name)
    if not asked:
        raise quotation(400, MISSING_PARAMETER)
    markets = asked.split(",") if name == "markets" else [asked]
    if not all(doors(request).exchange.listed(market) for market in markets):
        raise quotation(404, "Code not found")
    return markets


def _count(request: Request) -> int:
    return _whole(request, "count", 1)


def _whole(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name)
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise quotation(400, WRONG_TYPE)
    if int(given) == 0:
        raise quotation(400, WRONG_VALUE)
    return int(given)


def _to(request: Request) -> datetime | None:
    """Without a zone it is UTC; a plus sign sent bare arrives as a space."""
    given = request.query_params.get("to")
    if not given:
        return None
    if len(given) == 25 and given[19] == " ":
        given = f"{given[:19]}+{given[20:]}"
    if not TIME.fullmatch(given):
        raise quotation(400, WRONG_VALUE)
    try:
        moment = datetime.fromisoformat(given)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise quotation(400, WRONG_VALUE) from e


routes = [
    Route("/v1/market/all", market_all),
    Route("/v1/candles/minutes/{unit}", minute_candles),
    Route("/v1/candles/days", day_candles),
    Route("/v1/ticker", ticker),
    Route("/v1/orderbook", orderbook),
]
