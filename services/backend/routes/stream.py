"""What happens, as it happens: server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, Client
from services.backend.routes.examples import answers
from shared.api import routes

router = APIRouter(tags=["events"])
_SEQ = 2**53


@router.get(
    routes.STREAM.path,
    summary="The log as it grows",
    response_class=StreamingResponse,
    responses=answers(examples.STREAM, "text/event-stream"),
)
async def stream(
    backend: BackendDep,
    client: Client,
    after: Annotated[
        int | None, Query(ge=0, le=_SEQ, description="place in the log to go on from; 0: all", examples=[4711])
    ] = None,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=_SEQ, examples=[4711])] = None,
) -> StreamingResponse:
    """Every event of the log from now on, or from behind a place; each names its place as its id."""
    place = after if last_event_id is None else last_event_id  # a browser that comes back says where it was
    told = backend.stream(place, client)
    first = await anext(told)  # what goes wrong before the first line is still a status

    async def lines() -> AsyncIterator[str]:
        yield first
        async for text in told:
            yield text

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
