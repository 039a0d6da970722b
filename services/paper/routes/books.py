"""Upbit's order books and the rules of their prices."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import zip_longest
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.account import text
from services.paper.core.bars import to_ms
from services.paper.core.exchange import PaperExchange
from services.paper.core.refusal import WRONG_TYPE, quotation
from services.paper.ports import app_state, fault_of
from services.paper.routes.public_request import markets_of, number, one, whole
from shared.events import BookLevel
from shared.venue import tick_size

UNITS_MAX = 30
NOTHING = Decimal(0)
_Sizes = list[tuple[Decimal, Decimal]]


async def orderbook(request: Request) -> Response:
    """For a grouping the market does not have the answer is an empty list, as at Upbit."""
    exchange = app_state(request).exchange
    markets = markets_of(request, "markets")
    count = min(whole(request, "count", UNITS_MAX), UNITS_MAX)
    given = one(request, "level") or "0"
    if not re.fullmatch(r"\d{1,15}(\.\d{1,8})?", given, re.ASCII):
        raise quotation(400, WRONG_TYPE)
    stale = fault_of(request, "stale_book")
    ago = timedelta(seconds=stale.seconds if stale else 0)
    level = Decimal(given)
    if not all(level in _levels(exchange, market) for market in markets):
        return JSONResponse([])
    return JSONResponse([_book(exchange, market, level, count, ago) for market in markets])


async def instruments(request: Request) -> Response:
    exchange = app_state(request).exchange
    return JSONResponse(
        [
            {
                "market": market,
                "quote_currency": market.split("-")[0],
                "tick_size": text(_tick(exchange, market)),
                "supported_levels": [text(level) for level in _levels(exchange, market)],
            }
            for market in markets_of(request, "markets")
        ]
    )


def _tick(exchange: PaperExchange, market: str) -> Decimal:
    return tick_size(Decimal(str(exchange.tape.price_at(market, exchange.now))), exchange.now)


def _levels(exchange: PaperExchange, market: str) -> list[Decimal]:
    """None, and ten to a hundred thousand ticks."""
    return [NOTHING, *(_tick(exchange, market).scaleb(power) for power in range(1, 6))]


def _book(exchange: PaperExchange, market: str, level: Decimal, count: int, ago: timedelta) -> dict[str, Any]:
    at = max(exchange.now - ago, exchange.tape.span[0])
    levels = exchange.levels(market, at)
    asks = _grouped([(unit.ask_price, unit.ask_size) for unit in levels], level, ROUND_CEILING)
    bids = _grouped([(unit.bid_price, unit.bid_size) for unit in levels], level, ROUND_FLOOR)
    units = list(zip_longest(asks, bids, fillvalue=(NOTHING, NOTHING)))
    return {
        "market": market,
        "timestamp": to_ms(at),
        "total_ask_size": number(_total(levels, "ask_size")),
        "total_bid_size": number(_total(levels, "bid_size")),
        "orderbook_units": [
            {
                "ask_price": number(ask),
                "bid_price": number(bid),
                "ask_size": number(ask_size),
                "bid_size": number(bid_size),
            }
            for (ask, ask_size), (bid, bid_size) in units[:count]
        ],
        "level": number(level),
    }


def _grouped(sizes: _Sizes, level: Decimal, rounding: str) -> _Sizes:
    if not level:
        return sizes
    grouped: dict[Decimal, Decimal] = {}
    for price, size in sizes:
        near = (price / level).to_integral_value(rounding) * level
        grouped[near] = grouped.get(near, NOTHING) + size
    return list(grouped.items())


def _total(levels: Sequence[BookLevel], of: str) -> Decimal:
    return sum((getattr(level, of) for level in levels), NOTHING)


routes = [
    Route("/v1/orderbook", orderbook),
    Route("/v1/orderbook/instruments", instruments),
]
