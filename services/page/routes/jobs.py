"""The clock's jobs, one by one: halted and let go on as the switch is given."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.page.routes.form import own_form
from services.page.routes.frame import page_of
from shared.api import routes as api
from shared.api.bot import JOBS

_VERBS = {"pause": api.PAUSE_JOB, "resume": api.RESUME_JOB}


async def switch(request: Request) -> Response:
    owner, _ = await own_form(request)
    job, verb = request.path_params["job"], request.path_params["verb"]
    if job not in JOBS or verb not in _VERBS:
        raise HTTPException(404, f"there is no such job; choose one of {', '.join(JOBS)}, and pause or resume")
    await page_of(request).backend.post(_VERBS[verb], job, token=owner.token)
    return RedirectResponse("/more#jobs", 303)


routes = [Route("/jobs/{job}/{verb}", switch, methods=["POST"])]
