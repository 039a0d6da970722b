"""Not Upbit's: whether it is well, the exchange's time, which a stepped tape is moved by, and its faults."""

import hmac
import json
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.exchange import PaperExchange
from services.paper.core.faults import read_script
from services.paper.core.refusal import Refusal
from services.paper.ports import app_state

REMEDY = (
    "Set PAPER_ADMIN_TOKEN (16 characters or more) for the paper exchange and for whoever moves its clock; "
    "it is sent as 'Authorization: Bearer <token>'."
)


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "now": app_state(request).exchange.now.isoformat()})


async def show_time(request: Request) -> Response:
    _check(request)
    return JSONResponse(_time(app_state(request).exchange))


async def move_time(request: Request) -> Response:
    _check(request)
    exchange = app_state(request).exchange
    exchange.move(_moment(await request.body()))
    return JSONResponse(_time(exchange))


async def show_faults(request: Request) -> Response:
    _check(request)
    return JSONResponse({"faults": app_state(request).faults.as_json()})


async def put_faults(request: Request) -> Response:
    """Instead of those there are; markets and the key stay as they are where the body does not name them."""
    _check(request)
    here, script = app_state(request), read_script(await request.body())
    here.faults.put(script.faults)
    for market, notice in script.markets.items():
        here.exchange.notices.put(market, notice)
    if script.key is not None:
        here.authenticator.state = script.key
    return JSONResponse({"faults": here.faults.as_json()})


def _time(exchange: PaperExchange) -> dict[str, object]:
    first, last = exchange.tape.span
    return {
        "now": exchange.now.isoformat(),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "markets": list(exchange.tape.markets),
        "synthetic": exchange.tape.synthetic,
        "mode": "stepped" if exchange.stepped else "wall",
    }


def _moment(body: bytes) -> datetime:
    try:
        moment = datetime.fromisoformat(json.loads(body)["now"])
        if moment.tzinfo is None:
            raise ValueError("without a zone")
        return moment.astimezone(UTC)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as e:
        message = 'The body must be {"now": "2024-12-01T00:00:00Z"}, a time with its zone.'
        raise Refusal(400, "invalid_parameter", message) from e


def _check(request: Request) -> None:
    token = app_state(request).admin_token
    given = request.headers.get("authorization", "")
    if token is None or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Refusal(403, "admin_closed", REMEDY)


routes = [
    Route("/health", health),
    Route("/admin/time", show_time),
    Route("/admin/time", move_time, methods=["POST"]),
    Route("/admin/faults", show_faults),
    Route("/admin/faults", put_faults, methods=["POST"]),
]
