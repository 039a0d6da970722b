"""Telegram's Bot API over HTTP: its refusals as errors, and never its address, which holds the token."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.notifier.core.refusals import sentence, shuts
from shared.errors import Transient

_ANSWER_S = 15.0


class TelegramAway(Transient):
    """It does not answer, or not now. wait_s: what it asks for itself."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class TelegramRefuses(Transient):
    """It says no, until somebody does what the sentence says. shuts: it will say so of every message."""

    def __init__(self, why: str, *, status: int, shuts: bool) -> None:
        super().__init__(why)
        self.status, self.shuts = status, shuts


@dataclass(frozen=True, slots=True)
class BotApi:
    """client: its log lines must stay off, they would show the token."""

    client: httpx.AsyncClient
    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org"

    async def call(self, method: str, body: dict[str, Any], *, within_s: float = _ANSWER_S) -> Any:
        """Give the answer's `result`. Raises TelegramAway, TelegramRefuses."""
        try:
            async with asyncio.timeout(within_s):  # of the whole, which httpx's own is not
                answer = await self.client.post(f"{self.base_url}/bot{self.token}/{method}", json=body, timeout=None)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as e:
            raise TelegramAway(f"Telegram does not answer: {type(e).__name__}") from None  # the cause knows the address
        said = _said(answer)
        if answer.is_success and said.get("ok") is True:
            return said.get("result")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TelegramAway("Telegram asks to wait", _retry_after(said))
        if not answer.is_client_error:
            raise TelegramAway(f"Telegram answers {answer.status_code} with nothing of use")
        status, why = answer.status_code, str(said.get("description", ""))[:200].replace(self.token, "***")
        raise TelegramRefuses(sentence(status, why), status=status, shuts=shuts(status, why))


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(said: dict[str, Any]) -> float | None:
    parameters = said.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(asked) if isinstance(asked, int | float) and asked > 0 else None
