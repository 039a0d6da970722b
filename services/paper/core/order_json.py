"""Orders in Upbit's words: amounts are strings, empty fields are left out (pure)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from services.paper.core.account import text
from services.paper.core.orders import Fill, Order
from shared.venue import FEE_RATE, MAX_TOTAL, MIN_TOTAL
from shared.writing import seoul_iso


def as_created(order: Order) -> dict[str, Any]:
    """The answer to the POST: the order as it came in, nothing executed yet."""
    return as_listed(order.model_copy(update={"fills": (), "state": "wait"}))


def as_cancelling(order: Order) -> dict[str, Any]:
    """The answer to the DELETE: the cancel is taken, the order is still shown as waiting."""
    return as_listed(order.model_copy(update={"state": "wait"}))


def as_looked_up(order: Order) -> dict[str, Any]:
    """The answer to a GET of one order: with its trades."""
    return {**as_listed(order), "trades": [_trade(order, n, fill) for n, fill in enumerate(order.fills)]}


def as_listed(order: Order) -> dict[str, Any]:
    """`locked` of an ended buy still shows what went back, as at Upbit."""
    shown = {
        "market": order.market,
        "uuid": order.uuid,
        "side": order.side,
        "ord_type": order.ord_type,
        "price": _maybe(order.price),
        "state": order.state,
        "created_at": seoul_iso(order.created_at),
        "volume": _maybe(order.coins),
        "remaining_volume": _maybe(order.rest),
        "reserved_fee": text(order.reserved_fee),
        "remaining_fee": text(order.reserved_fee - order.fee) if order.side == "bid" else "0",
        "paid_fee": text(order.fee),
        "locked": text(order.held),
        "executed_volume": text(order.volume),
        "prevented_volume": "0",
        "prevented_locked": "0",
        "trades_count": len(order.fills),
        "time_in_force": order.time_in_force,
        "smp_type": order.smp_type,
        "identifier": order.identifier,
    }
    return {name: value for name, value in shown.items() if value is not None}


def as_named(order: Order) -> dict[str, Any]:
    """One entry of the answer to a cancel of several."""
    named = {"uuid": order.uuid, "market": order.market, "identifier": order.identifier}
    return {name: value for name, value in named.items() if value is not None}


def _maybe(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def _trade(order: Order, n: int, fill: Fill) -> dict[str, Any]:
    return {
        "market": order.market,
        "uuid": str(uuid5(UUID(order.uuid), str(n))),
        "price": text(fill.price),
        "volume": text(fill.volume),
        "funds": text(fill.price * fill.volume),
        "trend": "up" if order.side == "bid" else "down",
        "created_at": seoul_iso(fill.at, "microseconds"),
        "side": order.side,
    }


def chance(market: str, state: str, account_row: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What may be ordered in a market; account_row: currency -> its entry of the account list."""
    quote, base = market.split("-")
    rate = text(FEE_RATE)
    either = ["best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc"]
    return {
        "bid_fee": rate,
        "ask_fee": rate,
        "maker_bid_fee": rate,
        "maker_ask_fee": rate,
        "market": {
            "id": market,
            "name": f"{base}/{quote}",
            "order_types": ["limit"],
            "order_sides": ["ask", "bid"],
            "bid_types": [*either, "price"],
            "ask_types": [*either, "market"],
            "bid": {"currency": quote, "min_total": text(MIN_TOTAL)},
            "ask": {"currency": base, "min_total": text(MIN_TOTAL)},
            "max_total": text(MAX_TOTAL),
            "state": state,
        },
        "bid_account": account_row(quote),
        "ask_account": account_row(base),
    }
