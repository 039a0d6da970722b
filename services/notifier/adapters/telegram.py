"""Telegram's Bot API: its pace, its refusals, and never its address, which holds the token."""

import asyncio
import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.clock import monotonic
from shared.errors import Permanent, Transient

BASE_URL = "https://api.telegram.org"
GAP_S = 1.05  # Telegram allows one message a second to a chat
TRIES_MAX = 5
UNITS_MAX = 4096  # of UTF-16, as Telegram counts
_CUT = " …"


class TelegramAway(Transient):
    """It does not take messages now."""


class TelegramRefuses(Permanent):
    """It will not take this message: a wrong token or chat, most likely."""


@dataclass(slots=True)
class Telegram:
    """client: without an address of its own; its log lines must stay off, they would show the token."""

    client: httpx.AsyncClient
    token: str = field(repr=False)
    chat_id: str
    base_url: str = BASE_URL
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], float] = monotonic
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _next_at: float = 0.0

    async def send(self, text: str) -> None:
        body = {"chat_id": self.chat_id, "text": html.escape(cut(text), quote=False), "parse_mode": "HTML"}
        async with self._one_at_a_time:
            for tries in range(1, TRIES_MAX + 1):
                await self.sleep(max(0.0, self._next_at - self.now()))
                pause_s = await self._post(body, backoff_s=2.0 ** (tries - 1))
                self._next_at = self.now() + (pause_s or GAP_S)
                if pause_s is None:
                    return
        raise TelegramAway(f"not delivered in {TRIES_MAX} tries")

    async def _post(self, body: dict[str, str], *, backoff_s: float) -> float | None:
        """Send once: None if it was taken, else the seconds to wait before the next try."""
        try:
            answer = await self.client.post(f"{self.base_url}/bot{self.token}/sendMessage", json=body)
        except httpx.TransportError:
            return max(GAP_S, backoff_s)  # it may have arrived: rather twice than never
        except httpx.HTTPError as e:
            raise TelegramRefuses(type(e).__name__) from None  # the cause knows the address
        if answer.is_success:
            return None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return max(GAP_S, _retry_after(answer) or backoff_s)
        if answer.is_server_error:
            return max(GAP_S, backoff_s)
        raise TelegramRefuses(f"status {answer.status_code}: {_described(answer)}")


def cut(text: str) -> str:
    """Shorten to what one message may hold."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * UNITS_MAX:
        return text
    return encoded[: 2 * (UNITS_MAX - len(_CUT))].decode("utf-16-le", errors="ignore") + _CUT


def _answered(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    parameters = _answered(answer).get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(asked) if isinstance(asked, int | float) else None


def _described(answer: httpx.Response) -> str:
    return str(_answered(answer).get("description", "no reason given"))[:200]
