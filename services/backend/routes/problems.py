"""How a refusal looks: RFC 9457 problem+json, whatever went wrong."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.backend.core.commands import NotNow
from shared.api.health import Problem
from shared.errors import Permanent, Transient

_SAID = {
    400: "a token in the address ends up in logs and histories",
    401: "write the header `Authorization: Bearer API_TOKEN`",
    404: "there is no trade 7",
    409: "the bot is stopped, and resume changes nothing; only start sets it going again",
    413: "the body is longer than 65536 bytes, and nothing here asks for one",
    422: "limit: Input should be less than or equal to 500",
    429: "too many wrong tokens; wait a minute",
    500: "a bug; the log says more",
    503: "the broker does not answer: TimeoutError",
}


_FRAMEWORK = {
    404: "there is nothing here; /docs shows what there is",
    405: "{method} does nothing here; allowed: {Allow}",
}
_LIKE = {"symbol": "KRW-ETH", "market": "KRW-ETH", "cycle": "KRW-ETH-20261122T1500Z", "X-Asked-By": "my-phone"}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`."""
    schema = Problem.model_json_schema()
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": schema, "example": _problem_like(status)}},
        }
        for status in statuses
    }


def _problem_like(status: int) -> dict[str, Any]:
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=_SAID[status], instance="/api/…")
    return told.model_dump()


def install(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotNow, _not_now)
    app.add_exception_handler(Transient, _away)
    app.add_exception_handler(Permanent, _broken)
    app.add_exception_handler(Exception, _bug)


async def _refused(request: Request, e: Any) -> JSONResponse:
    said = str(e.detail)
    if said == HTTPStatus(e.status_code).phrase:  # the framework's own, which says no more than its number
        said = _FRAMEWORK.get(e.status_code, said).format(method=request.method, **(e.headers or {}))
    return _problem(request, e.status_code, said, e.headers)


async def _invalid(request: Request, e: Any) -> JSONResponse:
    said = (f"{'.'.join(map(str, fault['loc'][1:]))}: {_wrong(fault)}" for fault in e.errors())
    return _problem(request, 422, "; ".join(said))


def _wrong(fault: Any) -> str:
    """A person reads an example; a pattern only who made it."""
    if fault["type"] == "string_pattern_mismatch" and (example := _LIKE.get(fault["loc"][-1])):
        return f"write it like {example}"
    return str(fault["msg"])


async def _not_now(request: Request, e: Exception) -> JSONResponse:
    return _problem(request, 409, str(e))


async def _away(request: Request, e: Exception) -> JSONResponse:
    return _problem(request, 503, str(e), {"Retry-After": "5"})


async def _broken(request: Request, e: Exception) -> JSONResponse:
    return _problem(request, 500, str(e))


async def _bug(request: Request, _: Exception) -> JSONResponse:
    return _problem(request, 500, "a bug; the log says more")


def _problem(request: Request, status: int, detail: str, headers: Any = None) -> JSONResponse:
    return refusal(request.url.path, status, detail, headers)


def refusal(path: str, status: int, detail: str, headers: Any = None) -> JSONResponse:
    # Quoted: whatever a path holds, nobody who shows the problem can take it for markup.
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, instance=quote(path))
    return JSONResponse(problem.model_dump(), status, headers, media_type="application/problem+json")
