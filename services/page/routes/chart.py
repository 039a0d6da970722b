"""The candles of a market with what was done in each hour; their data come apart, so that a switch redraws no page."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.page.core import chart as core
from services.page.core.cycle_log import CycleLog, cycle_log
from services.page.core.levels import Level, levels, opened_at
from services.page.core.words import words
from services.page.ports import Reading
from services.page.routes.frame import language, page_of, show
from shared.api import routes as api
from shared.api.cycles import Cycle
from shared.types import Language
from shared.writing import percent, quoted_won, seoul

_CYCLES, _PAGES, _TRADES, _GATE, _CANDLES = 500, 4, 500, 1000, 1000  # at once; the API gives no more

# What the script says.
_SAID = (
    *("buy", "sell", "gated", "hold", "denied", "trouble", "open"),
    *("ohlc", "gate_then", "not_closed", "not_told", "and_more", "hours_each", "no_candles", "no_data"),
)


async def screen(request: Request) -> Response:
    status = await page_of(request).get(request, api.STATUS)
    market, days = _market(request, status.answer.markets), _days(request)
    say = {name: words(language(request))[name] for name in _SAID}
    return show(
        request, "chart.html", status, tab="chart", bot=status.answer, market=market, markets=status.answer.markets,
        days=days, ranges=core.RANGES, say=say,
    )  # fmt: skip


async def data(request: Request) -> Response:
    page, spoken = page_of(request), language(request)
    status = await page.get(request, api.STATUS)
    market, days = _market(request, status.answer.markets), _days(request)
    candles, trades, money, newest, said = await asyncio.gather(
        page.get(request, api.CANDLES, market=market, limit=24 * days),
        page.get(request, api.TRADES, symbol=market, limit=_TRADES),
        page.get(request, api.PORTFOLIO),
        _cycles(request, market, days),
        page.get(request, api.GATE, market=market, limit=_GATE),
    )
    since = core.since(candles.answer.candles, days)
    readings: list[Reading[Any]] = [status, candles, trades, money, said, *newest]
    drawn = core.Drawn([])
    if since is not None:
        cycles = [cycle for part in newest for cycle in part.answer.cycles]
        told, found = await _levels(request, market, money.answer, cycles)
        readings += found
        drawn = core.Drawn(
            bars=core.bars(candle for candle in candles.answer.candles if candle.at >= since),
            hours=core.hours(cycles, since),
            fills=core.fills(trades.answer.trades, since, spoken),
            gate=core.gate(said.answer.decisions, since),
            levels=told,
        )
    return _json(drawn, readings, spoken)


async def _cycles(request: Request, market: str, days: int) -> list[Reading[Any]]:
    """Of so many days before the newest, page by page."""
    found: list[Reading[Any]] = []
    older: dict[str, str | int] = {}
    for _ in range(_PAGES):
        part = await page_of(request).get(
            request, api.CYCLES, market=market, limit=_CYCLES, language=language(request), **older
        )
        found.append(part)
        first, last = found[0].answer.cycles, part.answer.cycles
        if part.answer.older is None or first[0].slot_at - last[-1].slot_at > timedelta(days=days):
            break
        older = {"before": part.answer.older}
    return found


async def _levels(
    request: Request, market: str, money: Any, newest: Sequence[Cycle]
) -> tuple[list[Level], list[Reading[Any]]]:
    coin = next((coin for coin in money.coins if coin.symbol == market and coin.bot_amount > 0), None)
    if coin is None or not newest:
        return [], []
    page = page_of(request)
    last = await page.get(request, api.CYCLE, newest[0].cycle, language=language(request))
    seen: CycleLog = cycle_log(last.answer)
    opened = opened_at(seen)
    if opened is None or seen.limit("EXIT_TRAILING_STOP") is None:
        return levels(coin, seen, ()), [last]
    held = await page.get(request, api.CANDLES, market=market, limit=_CANDLES, **{"from": opened.isoformat()})
    return levels(coin, seen, held.answer.candles), [last, held]


def _json(drawn: core.Drawn, readings: list[Reading[Any]], spoken: Language) -> JSONResponse:
    t = words(spoken)
    stale = min((reading.at for reading in readings if not reading.is_fresh), default=None)
    given = asdict(drawn) | {"levels": [_told(level, t, spoken) for level in drawn.levels]}
    given["stale"] = f"{t['stale_since'].format(at=seoul(stale))} {t['stale']}" if stale else ""
    return JSONResponse(given)


def _told(level: Level, t: Mapping[str, str], spoken: Language) -> dict[str, Any]:
    """price: for the line. said, note: for the list beside it."""
    title = t[f"level_{level.name}"]
    if level.share is not None:
        title += f" ({t[f'share_{level.name}'].format(share=percent(level.share, 1))})"
    if level.price is None:
        return {"name": level.name, "title": title, "price": None,
                "said": t["level_off" if level.share is None else "level_unknown"], "note": ""}  # fmt: skip
    note = t["peak"].format(price=quoted_won(level.peak, spoken)) if level.peak is not None else ""
    return {"name": level.name, "title": title, "price": float(level.price),
            "said": quoted_won(_whole(level.price), spoken), "note": note}  # fmt: skip


def _whole(price: Decimal) -> Decimal:
    return round(price, 0 if price >= 100 else 4)


def _market(request: Request, markets: tuple[str, ...]) -> str:
    asked = request.query_params.get("market", markets[0])
    if asked not in markets:
        raise HTTPException(404, f"{asked[:20]} is not traded here; choose one of {', '.join(markets)}")
    return asked


def _days(request: Request) -> int:
    asked = request.query_params.get("days", str(core.USUAL))
    if asked not in map(str, core.RANGES):
        raise HTTPException(404, f"a chart shows {', '.join(map(str, core.RANGES))} days")
    return int(asked)


SMALL = [Middleware(GZipMiddleware)]
routes = [Route("/chart", screen), Route("/chart/data", data, middleware=SMALL)]
