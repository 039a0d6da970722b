"""A transport that stops reading a body which never ends, whatever its status."""

from collections.abc import AsyncIterator

import httpx2

from shared.writing import whole

BODY_MAX = 1_000_000  # bytes; a good answer has some thousand


class TooLong(httpx2.TransportError):
    """The body has more bytes than any answer; of a family that the SDK passes on."""


class Bounded(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._inner:
            seen += len(chunk)
            if seen > BODY_MAX:
                raise TooLong(f"more than {whole(BODY_MAX)} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
