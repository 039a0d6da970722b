"""Upbit's public quotes as a tape that grows: a year of hours, the latest minutes, the order books."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import polars as pl
import structlog

from services.paper.adapters.books_file import levels_of
from services.paper.core.exchange import PaperExchange
from services.paper.core.recorded import RecordedBooks
from services.paper.core.tape import BadTape, Tape
from shared.candles import SCHEMA, BadCandles, check
from shared.errors import Transient

log = structlog.get_logger("paper")
PAGE, PAUSE_S, EVERY_S = 200, 0.12, 5.0  # a page's bars; between two requests; between two looks
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class NoQuotes(Transient):
    """Upbit's quotes could not be had, or are not what is documented."""


class UpbitQuotes:
    """base_url: Upbit's, or whatever speaks as it does. pause_s: between two requests, for its quota."""

    def __init__(self, base_url: str, markets: Sequence[str], *, pause_s: float = PAUSE_S) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=10, follow_redirects=False)
        self._markets, self._pause_s = tuple(sorted(set(markets))), pause_s
        self._frames: dict[str, dict[int, pl.DataFrame]] = {}

    def close(self) -> None:
        self._http.close()

    def first(self, now: datetime, history: timedelta) -> Tape:
        """The tape as it is now; takes a second for every eight pages of history."""
        for market in self._markets:
            pages = max(1, -(-int(history / HOUR) // PAGE))
            self._frames[market] = {60: self._candles(market, 60, now, pages), 1: self._candles(market, 1, now, 1)}
        return self._tape(now)

    def next(self, now: datetime) -> Tape:
        """The tape with what has closed since."""
        for market in self._markets:
            for unit_min, frame in self._frames[market].items():
                newer = self._candles(market, unit_min, now, 1)
                self._frames[market][unit_min] = (
                    pl.concat([frame, newer]).unique("open_time", keep="last").sort("open_time")
                )
        return self._tape(now)

    def books(self, now: datetime) -> RecordedBooks:
        told = self._get("/v1/orderbook", markets=",".join(self._markets))
        try:
            return RecordedBooks(
                {
                    book["market"]: [
                        (
                            now,
                            levels_of(
                                [(unit["ask_price"], unit["ask_size"]) for unit in book["orderbook_units"]],
                                [(unit["bid_price"], unit["bid_size"]) for unit in book["orderbook_units"]],
                            ),
                        )
                    ]
                    for book in told
                }
            )
        except (KeyError, TypeError, ValueError) as e:
            raise NoQuotes("the order books have another shape than documented") from e

    def _tape(self, now: datetime) -> Tape:
        """Known up to the last whole minute: only closed bars are in it."""
        frames = {market: list(of.values()) for market, of in self._frames.items()}
        try:
            return Tape(frames, known_until=now.replace(second=0, microsecond=0))
        except BadTape as e:
            raise NoQuotes(str(e)) from e

    def _candles(self, market: str, unit_min: int, now: datetime, pages: int) -> pl.DataFrame:
        """Closed candles only, ascending."""
        rows: list[tuple[Any, ...]] = []
        to = now
        for _ in range(pages):
            page = self._get(
                f"/v1/candles/minutes/{unit_min}", market=market, count=PAGE, to=to.strftime("%Y-%m-%dT%H:%M:%SZ")
            )
            if not page:
                break
            rows += [_row(candle) for candle in page]
            to = rows[-1][0]
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").unique("open_time").sort("open_time")
        closed = frame.filter(pl.col("open_time") + timedelta(minutes=unit_min) <= now)
        try:
            return check(closed, name=f"{market} from Upbit")
        except BadCandles as e:
            raise NoQuotes(str(e)) from e

    def _get(self, path: str, **params: str | int) -> Any:
        time.sleep(self._pause_s)
        try:
            answer = self._http.get(path, params=params)
            answer.raise_for_status()
            return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)
        except (httpx.HTTPError, ValueError) as e:
            raise NoQuotes(f"{path} of {self._http.base_url}: {type(e).__name__} {e}") from e


def _row(candle: Any) -> tuple[Any, ...]:
    try:
        start = datetime.fromisoformat(candle["candle_date_time_utc"]).replace(tzinfo=UTC)
        names = ("opening_price", "high_price", "low_price", "trade_price", "candle_acc_trade_volume")
        return (start, *(float(candle[name]) for name in names))
    except (KeyError, TypeError, ValueError) as e:
        raise NoQuotes("the candles have another shape than documented") from e


async def follow(quotes: UpbitQuotes, exchange: PaperExchange) -> None:
    """Look every few seconds for ever; what cannot be had is looked for again, and meanwhile the tape stands."""
    while True:
        try:
            books = await asyncio.to_thread(quotes.books, exchange.now)
            tape = await asyncio.to_thread(quotes.next, exchange.now)
            exchange.go_on(tape, books)
        except Transient as e:
            log.warning("no quotes", why=str(e))
        await asyncio.sleep(EVERY_S)
