"""The backend's API, over HTTP as anybody's: reads, and the switch with its token."""

from dataclasses import dataclass, field

import httpx
import structlog

from services.notifier.ports import Unfit
from shared.api.routes import Answer, Route, problem
from shared.api.shape import OtherShape
from shared.errors import Permanent, Transient
from shared.parsing import tidy

OTHER_SHAPE = "the backend at BACKEND_URL answers in another shape; is it one of this version?"
log = structlog.get_logger("notifier")


class BackendAway(Transient):
    """It does not answer, or cannot now."""


class BackendRefuses(Permanent):
    """It says no; the text says why."""


@dataclass(frozen=True, slots=True)
class BackendApi:
    client: httpx.AsyncClient
    url: str
    token: str | None = field(repr=False)

    async def get(self, route: Route[Answer], *parts: str, **query: str | int) -> Answer:
        return await self._ask(route, parts, query)

    async def post(self, route: Route[Answer], *parts: str, **query: str | int) -> Answer:
        return await self._ask(route, parts, query)

    async def _ask(self, route: Route[Answer], parts: tuple[str, ...], query: dict[str, str | int]) -> Answer:
        headers = {"X-Asked-By": "telegram"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        url = self.url.rstrip("/") + route.at(*parts)
        try:
            answer = await self.client.request(route.method, url, params=query, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            raise BackendAway(f"the backend at BACKEND_URL does not answer ({type(e).__name__})") from e
        if answer.is_success:
            try:
                return route.read(answer.content)
            except OtherShape as e:
                log.error("the backend answers in another shape", error=str(e))
                raise BackendAway(OTHER_SHAPE) from e
        if answer.status_code == httpx.codes.CONFLICT:
            raise Unfit(_detail(answer))
        raise (BackendRefuses if answer.is_client_error else BackendAway)(_detail(answer))


def _detail(answer: httpx.Response) -> str:
    try:
        return tidy(problem(answer.content).detail)
    except OtherShape:
        return f"the backend answers {answer.status_code}"
