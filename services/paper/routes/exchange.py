"""Upbit's private routes: amounts are strings, every request carries a token."""

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.account import text
from services.paper.core.refusal import Refusal
from services.paper.ports import app_state, fault_of
from services.paper.routes.private_request import body_params, query_params
from shared.writing import seoul_iso


async def accounts(request: Request) -> Response:
    await query_params(request, "view_account")
    exchange = app_state(request).exchange
    exchange.settle()
    rows = exchange.account.rows()
    wrong = fault_of(request, "wrong_balance")
    return JSONResponse([_scaled(row, wrong.share) for row in rows] if wrong else rows)


def _scaled(row: dict[str, Any], share: Decimal) -> dict[str, Any]:
    return {**row, "balance": text(Decimal(row["balance"]) * share)}


async def orders_chance(request: Request) -> Response:
    params = await query_params(request, "view_orders")
    market = params.one("market")
    if not market:
        raise Refusal(400, "validation_error", "market is missing, market does not have a valid value")
    return JSONResponse(app_state(request).exchange.chance(market))


async def place_order(request: Request) -> Response:
    params = await body_params(request, "make_orders")
    partial = fault_of(request, "partial_fill")
    share = partial.share if partial else Decimal(1)
    return JSONResponse(app_state(request).exchange.place(params.fields(), share), status_code=201)


async def test_order(request: Request) -> Response:
    params = await body_params(request, "make_orders")
    return JSONResponse(app_state(request).exchange.test(params.fields()), status_code=201)


async def get_order(request: Request) -> Response:
    params = await query_params(request, "view_orders")
    if fault_of(request, "late_order"):
        raise Refusal(404, "order_not_found", "There is no such order.")
    return JSONResponse(app_state(request).exchange.order(params.one("uuid"), params.one("identifier")))


async def cancel_order(request: Request) -> Response:
    params = await query_params(request, "make_orders")
    return JSONResponse(app_state(request).exchange.cancel(params.one("uuid"), params.one("identifier")))


async def api_keys(request: Request) -> Response:
    await query_params(request, None)
    key = app_state(request).authenticator
    return JSONResponse([{"access_key": key.access_key, "expire_at": seoul_iso(key.state.expire_at)}])


async def wallet(request: Request) -> Response:
    """Of every coin on the tape: nothing can be deposited or withdrawn here, so all is well."""
    await query_params(request, None)
    now = app_state(request).exchange.now
    coins = [market.split("-")[1] for market in app_state(request).exchange.tape.markets]
    return JSONResponse(
        [
            {
                "currency": coin,
                "wallet_state": "working",
                "block_state": "normal",
                "block_height": int(now.timestamp()) // 12,
                "block_updated_at": now.isoformat(timespec="milliseconds"),
                "block_elapsed_minutes": 0,
                "net_type": coin,
                "network_name": coin,
            }
            for coin in coins
        ]
    )


routes = [
    Route("/v1/accounts", accounts),
    Route("/v1/orders/chance", orders_chance),
    Route("/v1/orders", place_order, methods=["POST"]),
    Route("/v1/orders/test", test_order, methods=["POST"]),
    Route("/v1/order", get_order),
    Route("/v1/order", cancel_order, methods=["DELETE"]),
    Route("/v1/api_keys", api_keys),
    Route("/v1/status/wallet", wallet),
]
