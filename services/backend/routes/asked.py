"""What a route may depend on: the backend, and the owner's token."""

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.backend.ports import Backend

_NO_TOKEN = (
    "the bot cannot be controlled: no API_TOKEN is set. Put one of at least 32 characters into .env and start "
    "again; `upcycle init` makes one"
)


def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


Asked = Annotated[Backend, Depends(_backend)]
_bearer = HTTPBearer(auto_error=False, description="API_TOKEN")


def owner(backend: Asked, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """Let only the owner through; without a token set, nobody."""
    if backend.token is None:
        raise HTTPException(503, _NO_TOKEN)
    if given is None or not hmac.compare_digest(given.credentials.encode(), backend.token.encode()):
        raise HTTPException(401, "write the header `Authorization: Bearer API_TOKEN`", {"WWW-Authenticate": "Bearer"})
