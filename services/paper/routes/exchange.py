"""Upbit's private routes: amounts are strings, every request carries a token."""

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.auth import body_texts, query_texts
from services.paper.core.refusal import Refusal
from services.paper.ports import doors

SURROGATE = re.compile("[\ud800-\udfff]")


async def accounts(request: Request) -> Response:
    _check_query(request)
    return JSONResponse(doors(request).exchange.account.rows())


async def orders_chance(request: Request) -> Response:
    _check_query(request)
    market = request.query_params.get("market")
    if not market:
        raise Refusal(400, "validation_error", "market is missing, market does not have a valid value")
    return JSONResponse(doors(request).exchange.chance(market))


async def place_order(request: Request) -> Response:
    fields = _pairs(await request.body())
    doors(request).gate.check(request.headers.get("authorization"), body_texts(fields))
    return JSONResponse(doors(request).exchange.place(dict(fields)), status_code=201)


async def get_order(request: Request) -> Response:
    _check_query(request)
    asked = request.query_params
    return JSONResponse(doors(request).exchange.order(asked.get("uuid"), asked.get("identifier")))


def _check_query(request: Request) -> None:
    doors(request).gate.check(request.headers.get("authorization"), query_texts(request.url.query))


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """The body's pairs in the order sent; numbers keep their digits, empty values are left out."""
    try:
        pairs = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as e:
        raise Refusal(400, "invalid_parameter", "The body must be a JSON object.") from e
    if not isinstance(pairs, _Pairs):
        raise Refusal(400, "invalid_parameter", "The body must be a JSON object.")
    if SURROGATE.search("".join(f"{name}{value}" for name, value in pairs)):
        raise Refusal(400, "invalid_parameter", "The body holds half a character.")
    if not all(value is None or isinstance(value, str) for _, value in pairs):
        raise Refusal(400, "invalid_parameter", "Every value in the body must be a text or a number.")
    return [(name, value) for name, value in pairs if value is not None]


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that their order and doubles stay to be hashed."""


routes = [
    Route("/v1/accounts", accounts),
    Route("/v1/orders/chance", orders_chance),
    Route("/v1/orders", place_order, methods=["POST"]),
    Route("/v1/order", get_order),
]
