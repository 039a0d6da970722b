"""The newest rows of a table as CSV; where older ones follow, the header `Link` has their address (RFC 8288)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import Query, Request
from fastapi.responses import Response

from services.backend.core import export
from shared.api.shape import Shape

MEDIA_TYPE = "text/csv; charset=utf-8"
_READ = 500  # rows at once; other requests are answered in between
MostRows = Annotated[int, Query(ge=1, le=5000, description="the newest so many")]


class _Row(Protocol):
    @property
    def cycle(self) -> str: ...


Row = TypeVar("Row", bound=_Row)
ReadPage = Callable[[int, str | None], Awaitable[tuple[Sequence[Row], int]]]


async def newest(read: ReadPage[Row], limit: int, before: str | None) -> tuple[list[Row], str | None]:
    """Up to `limit` rows, and where the older ones begin; None where there are none. read: (limit, before)."""
    rows: list[Row] = []
    while len(rows) < limit:
        wanted = min(_READ, limit - len(rows))
        page, _ = await read(wanted, before)
        rows += page
        if len(page) < wanted:
            return rows, None
        before = page[-1].cycle
    return rows, before


def csv_page(request: Request, name: str, shape: type[Shape], rows: Sequence[Shape], older: str | None) -> Response:
    text = export.MARK + export.line([*shape.model_fields]) + "".join(map(export.row, rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    if older:
        url = request.url.include_query_params(before=older)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return Response(text, media_type=MEDIA_TYPE, headers=headers)
