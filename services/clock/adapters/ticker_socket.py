"""Upbit's public WebSocket of tickers; what it does not show now is asked for by REST.

Between two looks each market's lowest and highest price are kept, so a spike between them is seen as well. Where there
is no such socket (the paper exchange), REST is all there is.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from services.clock.ports import Ticker, Tickers
from shared.bad_rows import BadRows
from shared.clock import monotonic
from shared.errors import Transient
from shared.parsing import BadValue, moment_ms, of, parse_json, price, tidy, word
from shared.types import Market, Price, UtcTime

log = structlog.get_logger("clock")
_PAUSE_S, _LONGEST_S = 1.0, 30.0
_SILENT_S = 15.0  # it says {"status":"UP"} every 10 s once it was asked with PING
_NOT_THERE = {403, 404, 405, 501}


@dataclass(slots=True)
class Span:
    """A market's prices since the last look."""

    low: Price
    high: Price
    last: Price
    at: UtcTime

    def prices(self) -> tuple[Price, ...]:
        """In an order that flatters no long position."""
        return tuple(dict.fromkeys((self.low, self.high, self.last)))


@dataclass(slots=True)
class TickerSocket:
    """base_url: the exchange's, http(s). rest: what answers while the socket does not. odd: a counter."""

    base_url: str
    markets: Sequence[Market]
    rest: Tickers
    odd: BadRows = field(default_factory=BadRows)
    _news: dict[Market, Span] = field(default_factory=dict)
    _last: dict[Market, UtcTime] = field(default_factory=dict)  # of each market this connection has shown
    _heard_at: float | None = None  # None while there is no connection

    async def tickers(self, markets: Sequence[Market]) -> list[Ticker]:
        """Every price since the last call; of a market the connection has never shown, what REST says."""
        if self._heard_at is None or monotonic() - self._heard_at > _SILENT_S:
            return await self.rest.tickers(markets)
        tickers = [one for market in markets if market in self._last for one in self._since(market)]
        never = [market for market in markets if market not in self._last]
        if not never:
            return tickers
        try:
            return tickers + await self.rest.tickers(never)
        except Transient:
            if not tickers:
                raise
            return tickers

    def _since(self, market: Market) -> list[Ticker]:
        span = self._news.pop(market, None)
        if span is None:
            return [Ticker(market, None, self._last[market])]
        return [Ticker(market, price, span.at) for price in span.prices()]

    async def run(self) -> None:
        """Stay connected; ends where the exchange has no such socket."""
        pause_s = _PAUSE_S
        while True:
            try:
                async with connect(self._url, open_timeout=10, proxy=None) as socket:
                    pause_s = _PAUSE_S
                    await self._listen(socket)
            except InvalidStatus as e:
                if e.response.status_code in _NOT_THERE:
                    log.info("the exchange has no ticker socket: the exit guard asks by REST", url=self._url)
                    return
                log.warning("the ticker socket is closed to us", status=e.response.status_code, pause_s=pause_s)
            except (WebSocketException, OSError, TimeoutError) as e:
                log.warning("the ticker socket broke", why=type(e).__name__, pause_s=pause_s)
            finally:
                self._heard_at = None
                self._news.clear()
                self._last.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_S)

    @property
    def _url(self) -> str:
        return f"{self.base_url.replace('http', 'ws', 1).rstrip('/')}/websocket/v1"

    async def _listen(self, socket: ClientConnection) -> None:
        wanted = [{"ticket": str(uuid.uuid4())}, {"type": "ticker", "codes": list(self.markets)}]
        await socket.send(json.dumps(wanted))
        await socket.send("PING")
        while True:
            frame = await asyncio.wait_for(socket.recv(), _SILENT_S)
            self._heard_at = monotonic()
            self._take(frame)

    def _take(self, frame: str | bytes) -> None:
        try:
            message = parse_json(frame.encode() if isinstance(frame, str) else frame)
            if of(message, "type") != "ticker":
                if refused := of(message, "error"):
                    log.error("the ticker socket refuses", error=tidy(refused))
                return
            market = word(of(message, "code"), "code")
            last, at = (
                price(of(message, "trade_price"), market),
                moment_ms(of(message, "timestamp"), f"timestamp of {market}"),
            )
        except BadValue as e:
            self.odd.leave_out("ticker_socket", e)
            return
        if market not in self.markets:
            return
        span = self._news.get(market) or Span(last, last, last, at)
        self._news[market] = Span(min(span.low, last), max(span.high, last), last, max(span.at, at))
        self._last[market] = self._news[market].at
