"""The backend's API, read by its own shapes; where it is away, what it said last, with its time."""

from collections import OrderedDict
from dataclasses import dataclass, field

import httpx
from pydantic import BaseModel

from services.page.ports import Answer, Away, Reading, Refused
from shared.api.routes import OWNER, Route
from shared.api.shape import OtherShape
from shared.clock import SystemClock

KEPT = 500  # answers: more than all screens of a day


@dataclass(slots=True)
class HttpBackend:
    """client: with the backend's address; it follows no proxy."""

    client: httpx.AsyncClient
    clock: SystemClock
    _last: OrderedDict[tuple[str, str, bool], Reading[BaseModel]] = field(default_factory=OrderedDict)

    async def get(
        self, route: Route[Answer], *parts: str, token: str | None = None, **query: str | int
    ) -> Reading[Answer]:
        """Raises Away, or Refused where the backend answers with a no."""
        path = str(httpx.URL(route.at(*parts), params=query))
        # What the owner alone may read is remembered for him alone.
        key = (route.method, path, token is not None)
        try:
            body = await self._ask(route.method, path, token)
        except Away:
            if key not in self._last:
                raise
            last = self._last[key]
            return Reading(last.answer, last.at, is_fresh=False)  # type: ignore[arg-type]
        reading = Reading(_read(route, body), self.clock.now())
        self._last[key] = reading  # type: ignore[assignment]
        self._last.move_to_end(key)
        while len(self._last) > KEPT:
            self._last.popitem(last=False)
        return reading

    async def must_be_owners(self, token: str) -> None:
        """Raises Refused where it is not the owner's token, Away where nobody can say."""
        _read(OWNER, await self._ask("GET", OWNER.path, token))

    async def post(self, route: Route[Answer], *parts: str, token: str, **query: str) -> Answer:
        """Raises Away or Refused."""
        path = str(httpx.URL(route.at(*parts), params=query))
        return _read(route, await self._ask(route.method, path, token))

    async def _ask(self, method: str, path: str, token: str | None) -> bytes:
        headers = {"X-Asked-By": "page"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            answer = await self.client.request(method, path, headers=headers)
        except httpx.HTTPError as e:
            raise Away(f"the backend does not answer ({type(e).__name__})") from e
        must_be_well(answer)
        return answer.content


def must_be_well(answer: httpx.Response) -> None:
    """Raises Refused or Away, with what the backend says."""
    if answer.is_client_error:
        raise Refused(answer.status_code, _detail(answer))
    if not answer.is_success:
        raise Away(_detail(answer))


def _read(route: Route[Answer], body: bytes) -> Answer:
    try:
        return route.read(body)
    except OtherShape as e:
        raise Away(f"what answers at BACKEND_URL is another version's backend, or none: {e}") from e


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, LookupError, TypeError):
        return f"the backend answers {answer.status_code}"
