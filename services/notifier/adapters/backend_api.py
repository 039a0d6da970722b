"""The backend's API, over HTTP as anybody's: reads, and the switch with its token."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.notifier.ports import Unfit
from shared.checked import check_body, tidy
from shared.errors import Permanent, Transient


class BackendAway(Transient):
    """It does not answer, or cannot now."""


class BackendRefuses(Permanent):
    """It says no; the text says why."""


@dataclass(frozen=True, slots=True)
class BackendApi:
    client: httpx.AsyncClient
    url: str
    token: str | None = field(repr=False)

    async def get(self, path: str, **query: Any) -> Any:
        return await self._ask("GET", path, query)

    async def post(self, path: str) -> Any:
        return await self._ask("POST", path, {})

    async def _ask(self, method: str, path: str, query: dict[str, Any]) -> Any:
        headers = {"X-Asked-By": "telegram"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        try:
            answer = await self.client.request(method, self.url.rstrip("/") + path, params=query, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            raise BackendAway(f"the backend at BACKEND_URL does not answer ({type(e).__name__})") from e
        if answer.is_success:
            try:
                return _json(answer)
            except ValueError as e:
                raise BackendAway("the backend at BACKEND_URL answers with no JSON; is it the backend?") from e
        if answer.status_code == httpx.codes.CONFLICT:
            raise Unfit(_detail(answer))
        raise (BackendRefuses if answer.is_client_error else BackendAway)(_detail(answer))


def _json(answer: httpx.Response) -> Any:
    """Its numbers as numbers. Raises ValueError."""
    check_body(answer.content)
    return json.loads(answer.content)


def _detail(answer: httpx.Response) -> str:
    try:
        return tidy(_json(answer)["detail"])
    except (ValueError, LookupError, TypeError):
        return f"the backend answers {answer.status_code}"
