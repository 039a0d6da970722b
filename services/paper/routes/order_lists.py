"""Upbit's lists of orders, the cancels of several at once, and cancelling one for another."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.paper.core.order_json import as_listed, as_named
from services.paper.core.order_query import ENDED_STATES, OPEN_STATES, OrderQuery, window
from services.paper.core.orders import Order
from services.paper.core.refusal import Refusal
from services.paper.ports import app_state
from services.paper.routes.private_request import Params, body_params, query_params

LOOKED_UP_MAX, CANCELLED_MAX, OPEN_MAX, CLOSED_MAX, CANCEL_OPEN_MAX = 100, 20, 100, 1000, 300


async def open_orders(request: Request) -> Response:
    params = await query_params(request, "view_orders")
    wanted = OrderQuery(
        states=_states(params, OPEN_STATES, ("wait",)),
        markets=_market(params),
        ascending=_ascending(params),
        page=params.whole("page", 1, 10**9),
        limit=params.whole("limit", 100, OPEN_MAX),
    )
    return _listed(wanted.of(app_state(request).exchange.orders()))


async def closed_orders(request: Request) -> Response:
    params = await query_params(request, "view_orders")
    exchange = app_state(request).exchange
    since, until = window(params.one("start_time"), params.one("end_time"), exchange.now)
    wanted = OrderQuery(
        states=_states(params, ENDED_STATES, ENDED_STATES),
        markets=_market(params),
        since=since,
        until=until,
        ascending=_ascending(params),
        limit=params.whole("limit", 100, CLOSED_MAX),
    )
    return _listed(wanted.of(exchange.orders()))


async def orders_by_ids(request: Request) -> Response:
    params = await query_params(request, "view_orders")
    found = _named(params, app_state(request).exchange.orders(), LOOKED_UP_MAX)
    market = params.one("market")
    wanted = OrderQuery(markets=[market] if market else (), ascending=_ascending(params))
    return _listed(wanted.of(found))


async def cancel_by_ids(request: Request) -> Response:
    params = await query_params(request, "make_orders")
    found = _named(params, app_state(request).exchange.orders(), CANCELLED_MAX)
    return _cancelled(request, found)


async def cancel_open(request: Request) -> Response:
    params = await query_params(request, "make_orders")
    side = params.one("cancel_side") or "all"
    if side not in ("all", "bid", "ask"):
        raise Refusal(400, "invalid_parameter", "cancel_side must be all, bid or ask")
    wanted = OrderQuery(
        states=("wait",),
        markets=params.list("pairs"),
        excluded=params.list("excluded_pairs"),
        quotes=params.list("quote_currencies"),
        side=side,
        ascending=_ascending(params),
        limit=params.whole("count", 20, CANCEL_OPEN_MAX),
    )
    return _cancelled(request, wanted.of(app_state(request).exchange.orders()))


async def cancel_and_new(request: Request) -> Response:
    params = await body_params(request, "make_orders")
    return JSONResponse(app_state(request).exchange.replace(params.fields()), status_code=201)


def _listed(orders: Sequence[Order]) -> Response:
    return JSONResponse([as_listed(order) for order in orders])


def _cancelled(request: Request, found: Sequence[Order]) -> Response:
    """Those that have ended already stand under `failed`."""
    waiting = [order for order in found if order.state == "wait"]
    ended = [order for order in found if order.state != "wait"]
    app_state(request).exchange.cancel_all(waiting)
    parts = {"success": waiting, "failed": ended}
    return JSONResponse(
        {name: {"count": len(of), "orders": [as_named(order) for order in of]} for name, of in parts.items()}
    )


def _named(params: Params, orders: Sequence[Order], most: int) -> list[Order]:
    """Either kind of id, not both."""
    uuids, identifiers = params.many("uuids"), params.many("identifiers")
    if bool(uuids) == bool(identifiers) or max(len(uuids), len(identifiers)) > most:
        raise Refusal(400, "validation_error", f"uuids[] or identifiers[] is needed, at most {most}")
    return [order for order in orders if order.uuid in uuids or order.identifier in identifiers]


def _states(params: Params, allowed: Sequence[str], default: Sequence[str]) -> Sequence[str]:
    one = params.one("state")
    states = params.many("states") or ([one] if one else default)
    if not set(states) <= set(allowed):
        raise Refusal(400, "invalid_parameter", f"state must be one of {', '.join(allowed)}")
    return states


def _market(params: Params) -> list[str]:
    market = params.one("market")
    return [market] if market else []


def _ascending(params: Params) -> bool:
    order_by = params.one("order_by") or "desc"
    if order_by not in ("asc", "desc"):
        raise Refusal(400, "invalid_parameter", "order_by must be asc or desc")
    return order_by == "asc"


routes = [
    Route("/v1/orders/open", open_orders),
    Route("/v1/orders/closed", closed_orders),
    Route("/v1/orders/uuids", orders_by_ids),
    Route("/v1/orders/uuids", cancel_by_ids, methods=["DELETE"]),
    Route("/v1/orders/open", cancel_open, methods=["DELETE"]),
    Route("/v1/orders/cancel_and_new", cancel_and_new, methods=["POST"]),
]
