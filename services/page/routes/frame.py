"""What every screen stands in: who looks, in which language, how fresh it is; and what a fault looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.page.core.drawing import points
from services.page.core.sessions import Session, Sessions
from services.page.core.unbroken import unbroken
from services.page.core.words import words
from services.page.ports import Away, Backend, Files, Guides, Pulse, Reading, Refused
from shared import writing
from shared.clock import SystemClock, monotonic
from shared.types import Language

COOKIE, LANGUAGE = "upcycle", "language"
_WRITERS = (
    *("seoul", "seoul_hour", "seoul_short", "coins", "share", "percent", "gain", "whole", "quoted"),
    *("won", "whole_won", "quoted_won"),
)
TABS = ("now", "chart", "log", "results", "more")


@dataclass(frozen=True, slots=True)
class Page:
    backend: Backend
    files: Files
    guides: Guides
    pulse: Pulse
    sessions: Sessions
    templates: Environment
    language: Language
    api: str  # its address as the owner reaches it
    grafana: str | None
    asks_readers: bool  # whether the API asks for the token to read, too
    clock: SystemClock

    async def get(self, request: Request, route: Any, *parts: str, **query: str | int) -> Reading[Any]:
        """As the one who looks may read it."""
        owner = session(request)
        return await self.backend.get(route, *parts, token=owner.token if owner else None, **query)


def page_of(request: Request) -> Page:
    found: Page = request.app.state.page
    return found


def session(request: Request) -> Session | None:
    return page_of(request).sessions.find(request.cookies.get(COOKIE, ""), monotonic())


def language(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE)
    return "ko" if chosen == "ko" else "en" if chosen == "en" else page_of(request).language


def templates(static: str) -> Environment:
    """static: where sheet and scripts lie."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update({name: getattr(writing, name) for name in _WRITERS}, points=points, static=static)
    return made


def show(request: Request, template: str, *readings: Reading[Any], status: int = 200, **given: Any) -> HTMLResponse:
    """A screen, or a part of one. readings: what it is made of; the oldest stale one is told."""
    page, spoken = page_of(request), language(request)
    stale = min((reading.at for reading in readings if not reading.is_fresh), default=None)
    html = page.templates.get_template(template).render(
        t=words(spoken),
        language=spoken,
        session=session(request),
        tabs=TABS,
        stale=stale,
        path=request.url.path,
        **given,
    )
    return HTMLResponse(unbroken(html), status)


def _is_part(request: Request) -> bool:
    """Whether a screen that is open asks for a part of itself; no other screen may come in its place."""
    return "HX-Request" in request.headers


async def _away(request: Request, e: Any) -> Response:
    if _is_part(request):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return show(request, "away.html", status=503, why=str(e), tab="now")


async def _refused(request: Request, e: Any) -> Response:
    if e.status in (401, 429, 503):
        answer = Response(status_code=204, headers={"HX-Redirect": "/login"})
        return answer if _is_part(request) else RedirectResponse("/login", 303)
    return show(request, "refused.html", status=e.status, code=e.status, why=str(e), tab="now")


async def _nothing(request: Request, e: Any) -> Response:
    return show(request, "refused.html", status=e.status_code, code=e.status_code, why=str(e.detail), tab="now")


failed: Mapping[Any, Any] = {Away: _away, Refused: _refused, HTTPException: _nothing}
