"""Upbit's public WebSocket of tickers; what it does not show now is asked for by REST.

Between two looks each market's lowest and highest price are kept, so a spike between them is seen as well. Where there
is no such socket (the paper exchange), REST is all there is.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from services.clock.ports import Seen, Tickers
from shared.clock import monotonic
from shared.types import Market, Price, UtcTime

log = structlog.get_logger("clock")
_PAUSE_S, _LONGEST_S = 1.0, 30.0
_SILENT_S = 15.0  # it says {"status":"UP"} every 10 s once it was asked with PING
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    """base_url: the exchange's, http(s). rest: what answers while the socket does not."""

    base_url: str
    markets: Sequence[Market]
    rest: Tickers
    _news: dict[Market, Span] = field(default_factory=dict)
    _heard_at: float | None = None  # None while there is no connection

    async def tickers(self, markets: Sequence[Market]) -> list[Seen]:
        """Every price since the last call; nothing of a market where nothing was traded."""
        if self._heard_at is None or monotonic() - self._heard_at > _SILENT_S:
            return await self.rest.tickers(markets)
        news = [(market, span) for market in markets if (span := self._news.pop(market, None))]
        return [Seen(market, price, span.at) for market, span in news for price in span.prices()]

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
            said = json.loads(frame, parse_float=Decimal, parse_int=Decimal)
            if said.get("type") != "ticker":
                if "error" in said:
                    log.error("the ticker socket refuses", error=str(said["error"])[:200])
                return
            market, price = said["code"], Price(said["trade_price"])
            at = _EPOCH + timedelta(milliseconds=int(said["timestamp"]))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            log.warning("an unreadable ticker", why=f"{type(e).__name__}: {e}")
            return
        span = self._news.get(market) or Span(price, price, price, at)
        self._news[market] = Span(min(span.low, price), max(span.high, price), price, max(span.at, at))
