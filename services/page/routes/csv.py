"""A table of the backend as a file: asked for with the owner's token, which the browser never has."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.page.routes.frame import page_of, session
from shared.api import routes as api

TABLES = api.EXPORTS


async def table(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in TABLES:
        raise HTTPException(404, f"there is no such table; choose one of {', '.join(TABLES)}")
    owner = session(request)
    file = await page_of(request).files.open(TABLES[name], token=owner.token if owner else None)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(file.pieces(), media_type=file.media_type, headers=headers)


routes = [Route("/csv/{name}.csv", table)]
