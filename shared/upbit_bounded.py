"""Every answer of Upbit's is taken whole before anybody reads it: so many bytes, so deep, and no more.

The SDK and httpx parse what comes without asking how long or deep it is. What is refused fails as `BadBody`, which both
take for a broken connection. An error's page that cannot be read is taken for an empty one: its status still counts.
"""

import httpx

from shared.parsing import SIZE_MAX, BadValue, check_body

_DONE = {"content-encoding", "content-length", "transfer-encoding"}  # of the form it came in


class BadBody(httpx.DecodingError):
    """The body is longer, deeper or otherwise packed than an answer can be."""


class BoundedTransport(httpx.AsyncBaseTransport):
    """inner: what carries the requests."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        try:
            content = await body_of(answer)
        except (BadBody, httpx.DecodingError) as e:
            if not answer.is_error:
                raise BadBody(str(e), request=request) from e
            content = b""
        headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _DONE]
        return httpx.Response(answer.status_code, headers=headers, content=content, extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def body_of(answer: httpx.Response) -> bytes:
    """All of it, unpacked. Raises BadBody, and httpx's own errors of the line and of the packing."""
    content = bytearray()
    try:
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > SIZE_MAX:
                raise BadBody(f"the body has more than {SIZE_MAX} bytes")
    finally:
        await answer.aclose()
    try:
        check_body(bytes(content))
    except BadValue as e:
        raise BadBody(str(e)) from e
    return bytes(content)
