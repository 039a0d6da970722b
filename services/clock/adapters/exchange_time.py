"""The exchange's time, for one small request."""

from dataclasses import dataclass

import httpx
import structlog

from shared.telemetry import Trouble
from shared.types import Market
from shared.upbit_clock import ExchangeClock

log = structlog.get_logger("clock")
_ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class TickerTime:
    """client: with the exchange's address, over an ExchangeClock."""

    client: httpx.AsyncClient
    market: Market
    trouble: Trouble

    async def skew_s(self) -> float | None:
        try:
            async with self.client.stream("GET", "/v1/ticker", params={"markets": self.market}) as answer:
                found: float | None = answer.extensions.get("skew_s")
        except httpx.HTTPError as e:
            self.trouble.met(type(e).__name__)
            return None
        if found is None:
            self.trouble.met(f"status {answer.status_code}, without a time that can be read")
            return None
        self.trouble.over()
        return found


def open_exchange_time(base_url: str, market: Market, clock: ExchangeClock) -> TickerTime:
    client = httpx.AsyncClient(
        base_url=base_url, timeout=_ANSWER_S, follow_redirects=False, trust_env=False, transport=clock
    )
    return TickerTime(client, market, Trouble(log, "the exchange does not say what time it is"))
