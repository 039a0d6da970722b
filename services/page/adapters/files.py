"""A file of the backend, passed on piece by piece: it may be larger than this process's memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from services.page.adapters.backend import must_be_well
from services.page.ports import Away


@dataclass(frozen=True, slots=True)
class HttpFile:
    """The rest of an answer. media_type: as the backend names it."""

    media_type: str
    answer: httpx.Response

    async def pieces(self) -> AsyncIterator[bytes]:
        """A line that breaks raises: half a file must not look like a whole one."""
        try:
            async for piece in self.answer.aiter_bytes():
                yield piece
        finally:
            await self.answer.aclose()


@dataclass(frozen=True, slots=True)
class HttpFiles:
    """client: with the backend's address; it sets no bound to what it reads."""

    client: httpx.AsyncClient

    async def open(self, path: str, *, token: str | None) -> HttpFile:
        """Raises Away or Refused."""
        headers = {"X-Asked-By": "page"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            answer = await self.client.send(self.client.build_request("GET", path, headers=headers), stream=True)
            if answer.is_error:
                await answer.aread()
                await answer.aclose()
        except httpx.HTTPError as e:
            raise Away(f"the backend does not answer ({type(e).__name__})") from e
        must_be_well(answer)
        return HttpFile(answer.headers.get("Content-Type", "text/csv"), answer)
