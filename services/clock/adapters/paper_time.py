"""The time of the paper exchange, through its admin route."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from services.clock.ports import Tape
from shared.errors import Permanent, Transient
from shared.types import UtcTime

_PATH = "/admin/time"


class ExchangeAway(Transient):
    """The paper exchange does not answer, or not yet."""


class ExchangeRefuses(Permanent):
    """The paper exchange will not have its time moved; the text says why."""


@dataclass(frozen=True, slots=True)
class PaperTime:
    """client: with the exchange's address and the admin token."""

    client: httpx.AsyncClient

    async def state(self) -> Tape:
        answer = await self._ask("GET")
        try:
            body = answer.json()
            mode, tape = body["mode"], Tape(now=_time(body["now"]), first=_time(body["from"]), last=_time(body["to"]))
        except (ValueError, KeyError, TypeError) as e:
            raise ExchangeRefuses(f"what answers at {self.client.base_url} is no paper exchange") from e
        if mode != "stepped":
            raise ExchangeRefuses(
                f"the paper exchange plays its tape as {mode}, not stepped; set PAPER_CLOCK there too"
            )
        return tape

    async def move(self, to: UtcTime) -> UtcTime:
        answer = await self._ask("POST", json={"now": to.isoformat()})
        if answer.status_code == httpx.codes.CONFLICT:  # it never goes back
            tape = await self.state()
            if tape.now < to:
                raise ExchangeRefuses(f"the paper exchange stands at {tape.now} and will not go to {to}")
            return tape.now
        return to

    async def _ask(self, method: str, **body: Any) -> httpx.Response:
        try:
            answer = await self.client.request(method, _PATH, **body)
        except httpx.TransportError as e:
            raise ExchangeAway(f"{self.client.base_url}: {type(e).__name__}") from e
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ExchangeAway(f"{self.client.base_url}: status {answer.status_code}")
        if answer.is_error and answer.status_code != httpx.codes.CONFLICT:
            raise ExchangeRefuses(f"{method} {_PATH}: status {answer.status_code}: {answer.text[:200]}")
        return answer


def _time(text: str) -> UtcTime:
    return datetime.fromisoformat(text).astimezone(UTC)
