"""Upbit's public quotes as a tape that grows: a year of hours, the latest minutes, the order books."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
import polars as pl
import structlog

from services.paper.core.exchange import PaperExchange
from services.paper.core.recorded_books import Levels, RecordedBooks
from services.paper.core.tape import BadTape, Tape
from shared.bad_rows import BadRows
from shared.candles import SCHEMA, BadCandles, check
from shared.clock import SteadyClock
from shared.errors import Transient
from shared.parsing import SIZE_MAX, BadValue, date_of, parse_json
from shared.skew import SKEW_WARN_S
from shared.upbit_answers import Candle, candles, order_book

log = structlog.get_logger("paper")
PAGE, PAUSE_S, EVERY_S = 200, 0.12, 5.0  # a page's bars; between two requests; between two looks
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class NoQuotes(Transient):
    """Upbit's quotes could not be had, or are not what is documented."""


class UpbitQuotes:
    """base_url: Upbit's, or whatever speaks as it does. pause_s: between two requests, for its quota."""

    def __init__(self, base_url: str, markets: Sequence[str], *, pause_s: float = PAUSE_S) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=10, follow_redirects=False, trust_env=False)
        self._markets, self._pause_s = tuple(sorted(set(markets))), pause_s
        self._frames: dict[str, dict[int, pl.DataFrame]] = {}
        self._odd = BadRows()
        self.clock = QuotesClock()

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime:
        """Ask Upbit what time it is."""
        self._get("/v1/ticker", markets=self._markets[0])
        return self.clock.now()

    def first(self, now: datetime, history: timedelta) -> Tape:
        """The tape as it is now; takes a second for every eight pages of history."""
        for market in self._markets:
            pages = max(1, -(-int(history / HOUR) // PAGE))
            self._frames[market] = {60: self._candles(market, 60, now, pages), 1: self._candles(market, 1, now, 1)}
        return self._tape(now)

    def next(self, now: datetime) -> Tape:
        """The tape with what has closed since; a market whose candles cannot be had stands still."""
        for market in self._markets:
            try:
                newer = {unit: self._candles(market, unit, now, 1) for unit in self._frames[market]}
            except NoQuotes as e:
                self._odd.leave_out("market", f"{market}: {e}")
                continue
            for unit, frame in newer.items():
                joined = pl.concat([self._frames[market][unit], frame])
                self._frames[market][unit] = joined.unique("open_time", keep="last").sort("open_time")
        return self._tape(now)

    def books(self, now: datetime) -> RecordedBooks:
        """Those that can be true. Raises NoQuotes where none can."""
        answer = self._get("/v1/orderbook", markets=",".join(self._markets))
        books = dict[str, list[tuple[datetime, Levels]]]()
        for market in self._markets:
            try:
                books[market] = [(now, order_book(answer, market).levels)]
            except BadValue as e:
                self._odd.leave_out("book", e)
        if not books:
            raise NoQuotes("not one order book has the shape that is documented")
        return RecordedBooks(books)

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
            page = self._page(market, unit_min, to)
            if not page or page[0].opened_at >= to:
                break
            rows += [_row(candle) for candle in page]
            to = page[0].opened_at
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").unique("open_time").sort("open_time")
        closed = frame.filter(pl.col("open_time") + timedelta(minutes=unit_min) <= now)
        try:
            return check(closed, name=f"{market} from Upbit")
        except BadCandles as e:
            raise NoQuotes(str(e)) from e

    def _page(self, market: str, unit_min: int, to: datetime) -> list[Candle]:
        path, before = f"/v1/candles/minutes/{unit_min}", f"{to:%Y-%m-%dT%H:%M:%SZ}"
        answer = self._get(path, market=market, count=PAGE, to=before)
        try:
            return candles(answer, lambda e: self._odd.leave_out("candle", f"{market}: {e}"))
        except BadValue as e:
            raise NoQuotes(f"the candles of {market} have another shape than documented: {e}") from e

    def _get(self, path: str, **params: str | int) -> Any:
        time.sleep(self._pause_s)
        content = bytearray()
        try:
            with self._http.stream("GET", path, params=params) as answer:
                answer.raise_for_status()
                self.clock.hear(answer.headers)
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > SIZE_MAX:
                        raise BadValue(f"the body has more than {SIZE_MAX} bytes")
            return parse_json(bytes(content))
        except (httpx.HTTPError, BadValue) as e:
            raise NoQuotes(f"{path} of {self._http.base_url}: {type(e).__name__} {e}") from e


class QuotesClock:
    """Upbit's time by its answers, counted on between them, whatever this machine's clock is set to meanwhile."""

    def __init__(self) -> None:
        self._machine, self._ahead = SteadyClock(), timedelta()

    def now(self) -> datetime:
        return self._machine.now() - self._ahead

    def hear(self, headers: Mapping[str, str]) -> None:
        """A header counts whole seconds: what is off by less than two moves nothing."""
        with suppress(BadValue):
            ahead = self._machine.now() - date_of(headers)
            if abs(ahead - self._ahead) > timedelta(seconds=SKEW_WARN_S):
                self._ahead = ahead


def _row(bar: Candle) -> tuple[Any, ...]:
    return bar.opened_at, float(bar.open), float(bar.high), float(bar.low), float(bar.close), float(bar.volume)


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
