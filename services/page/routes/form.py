"""A form that came in: small, and of this page."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.page.core.sessions import Session, is_own_form
from services.page.routes.frame import session

BYTES = 4096


async def fields(request: Request) -> dict[str, str]:
    """Raises HTTPException 413 of a larger one, 400 of what is no form."""
    announced = request.headers.get("content-length", "")
    if not announced.isdigit() or int(announced[:9]) > BYTES:
        raise HTTPException(413, f"a form here is at most {BYTES} bytes, and says how long it is")
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=10))
    except ValueError as e:
        raise HTTPException(400, "this is no form") from e


async def own_form(request: Request) -> tuple[Session, dict[str, str]]:
    """Raises HTTPException 401 where nobody is signed in, 403 of a form that this page did not make for him."""
    owner = session(request)
    if owner is None:
        raise HTTPException(401, "sign in first")
    given = await fields(request)
    if not is_own_form(owner, given.get("form", "")):
        raise HTTPException(403, "this form was not made by this page for this browser; load the page anew")
    return owner, given
