"""What a route may depend on: the backend, the owner's token, and who asks."""

import hmac
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, AwareDatetime

from services.backend.core.stream_slots import OWNER
from services.backend.ports import Backend
from shared.clock import monotonic
from shared.types import CycleId, Language, slot_time, split_cycle

_NO_TOKEN = (
    "no API_TOKEN is set, so nobody can be let in here. Put one of at least 32 characters into .env and start "
    "again; `upcycle init` makes one"
)
_HOW = "write the header `Authorization: Bearer API_TOKEN`"


def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


BackendDep = Annotated[Backend, Depends(_backend)]
_bearer = HTTPBearer(auto_error=False, description="API_TOKEN")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
RequestedBy = Annotated[
    str,
    Header(alias="X-Asked-By", pattern=r"^[a-z0-9-]{1,32}$", description="who asks, as it is kept and told to others"),
]


def _of_upbit(at: datetime) -> datetime:
    if not 2017 <= at.year < 2100:
        raise ValueError("a time is wanted between 2017, when Upbit began, and 2100")
    return at.astimezone(UTC)


def _of_the_calendar(cycle: str) -> str:
    slot_time(split_cycle(cycle)[1])
    return cycle


Moment = Annotated[AwareDatetime, AfterValidator(_of_upbit)]  # a question's time, with its zone


Before = Annotated[
    Annotated[CycleId, AfterValidator(_of_the_calendar)] | None,
    Query(description="a cycle: only what stands behind it", examples=["KRW-ETH-20261122T1500Z"]),
]
InLanguage = Annotated[Language | None, Query(description="of the reasons; LANGUAGE by default")]


def require_owner(backend: BackendDep, given: _Credentials) -> None:
    """Let only the owner through; without a token set, nobody. The right token never waits for those who guess."""
    if backend.token is None:
        raise HTTPException(503, _NO_TOKEN)
    if given is None:
        raise HTTPException(401, _HOW, {"WWW-Authenticate": "Bearer"})
    if is_owner(backend, given):
        return
    if wait_s := backend.token_throttle.wait_s(monotonic()):
        raise HTTPException(429, "too many wrong tokens; wait a minute", {"Retry-After": str(wait_s)})
    backend.token_throttle.failed(monotonic())
    raise HTTPException(401, f"this is not API_TOKEN; {_HOW}", {"WWW-Authenticate": "Bearer"})


def is_owner(backend: Backend, given: HTTPAuthorizationCredentials | None) -> bool:
    if given is None or backend.token is None:
        return False
    return hmac.compare_digest(given.credentials.encode(), backend.token.encode())


def client(request: Request, backend: BackendDep, given: _Credentials) -> str:
    """Who asks, for sharing places out: the owner by his token, anybody else by the address he comes from."""
    return OWNER if is_owner(backend, given) else (request.client.host if request.client else "")


Client = Annotated[str, Depends(client)]


def require_reader(request: Request, backend: BackendDep, given: _Credentials) -> None:
    """Let everybody read, or only the owner where API_REQUIRE_AUTH_FOR_READS says so. A token is no part of a URL."""
    if any(name in request.query_params for name in ("token", "api_token", "access_token", "API_TOKEN")):
        raise HTTPException(400, f"a token in the address ends up in logs and histories; {_HOW}")
    if not backend.reads_open:
        require_owner(backend, given)
