"""Telegram's Bot API over HTTP: its refusals as errors, and never its address, which holds the token."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.notifier.core.refusals import sentence, shuts
from services.notifier.ports import RetryLater
from shared.errors import Transient
from shared.parsing import BadValue, date_of, number, parse_json, tidy
from shared.types import UtcTime

_ANSWER_S = 15.0
WAIT_MAX_S = 3600.0  # a longer wait than Telegram asks for is no wait of its


class TelegramAway(RetryLater):
    """It does not answer, or not now."""


class TelegramRefuses(Transient):
    """It says no, until somebody does what the sentence says. shuts: it will say so of every message.

    moved_to: the chat has another id from now on.
    """

    def __init__(self, why: str, *, status: int, shuts: bool, moved_to: str | None = None) -> None:
        super().__init__(why)
        self.status, self.shuts, self.moved_to = status, shuts, moved_to


@dataclass(frozen=True, slots=True)
class Result:
    """What Telegram answers, its numbers as text; at: its own time, where it says so."""

    value: Any
    at: UtcTime | None


@dataclass(frozen=True, slots=True)
class BotApi:
    """client: its log lines must stay off, they would show the token."""

    client: httpx.AsyncClient
    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org"

    async def call(
        self, method: str, body: dict[str, Any], *, photo: bytes | None = None, within_s: float = _ANSWER_S
    ) -> Result:
        """Give the answer's `result`. Raises TelegramAway, TelegramRefuses. photo: a PNG that goes with the body."""
        files = {"photo": ("day.png", photo, "image/png")} if photo is not None else None
        sent: dict[str, Any] = {"json": body} if files is None else {"data": body, "files": files}
        try:
            async with asyncio.timeout(within_s):  # of the whole, which httpx's own is not
                answer = await self.client.post(f"{self.base_url}/bot{self.token}/{method}", **sent, timeout=None)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as e:
            raise TelegramAway(f"Telegram does not answer: {type(e).__name__}") from None  # the cause knows the address
        said = _said(answer)
        if answer.is_success and said.get("ok") is True:
            return Result(said.get("result"), _at(answer))
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TelegramAway("Telegram asks to wait", _retry_after(said))
        if not answer.is_client_error or said.get("ok") is not False:  # a page of somebody between us
            raise TelegramAway(f"Telegram answers {answer.status_code} with nothing of use")
        status, why = answer.status_code, tidy(said.get("description", "")).replace(self.token, "***")[:200]
        raise TelegramRefuses(sentence(status, why), status=status, shuts=shuts(status, why), moved_to=_moved_to(said))


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = parse_json(answer.content)
    except BadValue:
        return {}
    return body if isinstance(body, dict) else {}


def _at(answer: httpx.Response) -> UtcTime | None:
    try:
        return date_of(answer.headers)
    except BadValue:
        return None


def _retry_after(said: dict[str, Any]) -> float | None:
    try:
        asked = float(number(_parameter(said, "retry_after"), "retry_after"))
    except BadValue:
        return None
    return min(asked, WAIT_MAX_S) if asked > 0 else None


def _moved_to(said: dict[str, Any]) -> str | None:
    """A group that became a supergroup has another id."""
    try:
        return whole(_parameter(said, "migrate_to_chat_id"), "migrate_to_chat_id")
    except BadValue:
        return None


def _parameter(said: dict[str, Any], name: str) -> Any:
    parameters = said.get("parameters")
    return parameters.get(name) if isinstance(parameters, dict) else None


def whole(value: Any, what: str) -> str:
    """A whole number as Telegram's ids are, as text. Raises BadValue."""
    exact = number(value, what)
    if exact != exact.to_integral_value() or abs(exact) >= 2**63:
        raise BadValue(f"{what}: {exact} is no id")
    return str(int(exact))
