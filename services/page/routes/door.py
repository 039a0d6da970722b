"""In with the token, once; and out again."""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.page.core.sessions import LASTS_S, Session
from services.page.core.words import words
from services.page.ports import Refused
from services.page.routes.form import fields, own_form
from services.page.routes.frame import COOKIE, language, page_of, show
from shared.clock import monotonic

_WHY = {401: "wrong_token", 429: "too_many"}


async def ask(request: Request) -> Response:
    return show(request, "login.html", tab="more", why="")


async def enter(request: Request) -> Response:
    """The backend says whether it is the token."""
    if not _is_from_here(request):
        return show(request, "login.html", status=403, tab="more", why="this form was not made by this page")
    token, page = (await fields(request)).get("token", "").strip(), page_of(request)
    try:
        if not (token.isascii() and token.isprintable()):
            raise Refused(401, "no token has such letters")
        await page.backend.must_be_owners(token)
    except Refused as e:
        why = words(language(request))[_WHY[e.status]] if e.status in _WHY else str(e)
        return show(request, "login.html", status=e.status, tab="more", why=why)
    key = secrets.token_urlsafe(32)
    page.sessions.open(key, Session(token, secrets.token_urlsafe(32), monotonic()))
    page.pulse.token = token
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE, key, max_age=int(LASTS_S), httponly=True, samesite="strict", secure=_is_encrypted(request)
    )
    return answer


def _is_from_here(request: Request) -> bool:
    """A browser says where a form came from; one of another site must not sign anybody in."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_encrypted(request: Request) -> bool:
    """To the browser: what ends TLS in front of the page calls it by http."""
    return urlsplit(request.headers.get("origin", "")).scheme == "https" or request.url.scheme == "https"


async def leave(request: Request) -> Response:
    await own_form(request)
    page_of(request).sessions.close(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


routes = [Route("/login", ask), Route("/login", enter, methods=["POST"]), Route("/logout", leave, methods=["POST"])]
