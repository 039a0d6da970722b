"""How an order is asked for: the fields of a POST, read and refused as Upbit does (pure)."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast, get_args

from services.paper.core.orders import Money, Order, OrderRequest, OrdType, Side, SmpType, TimeInForce
from services.paper.core.refusal import Refusal
from shared.types import plain
from shared.venue import MAX_TOTAL, MIN_TOTAL, tick_size
from shared.writing import booked_won

IDENTIFIER_MAX = 64
AMOUNT = re.compile(r"\d{1,15}(\.\d{1,8})?", re.ASCII)

# Which sides, which of price and volume, and which times in force each kind of order has.
_NEEDS: dict[tuple[str, str], tuple[set[str], set[str]]] = {
    ("limit", "bid"): ({"price", "volume"}, {"", "ioc", "fok", "post_only"}),
    ("limit", "ask"): ({"price", "volume"}, {"", "ioc", "fok", "post_only"}),
    ("price", "bid"): ({"price"}, {""}),
    ("market", "ask"): ({"volume"}, {""}),
    ("best", "bid"): ({"price"}, {"ioc", "fok"}),
    ("best", "ask"): ({"volume"}, {"ioc", "fok"}),
}


def read_identifier(fields: Mapping[str, str]) -> str | None:
    identifier = fields.get("identifier") or None
    if identifier is not None and len(identifier) > IDENTIFIER_MAX:
        raise Refusal(400, "validation_error", f"identifier is longer than {IDENTIFIER_MAX} characters")
    return identifier


def read_order(fields: Mapping[str, str], at: datetime) -> OrderRequest:
    """Check everything that needs neither prices nor balances. Raises Refusal 400 with Upbit's name."""
    if not fields.get("market"):
        raise _invalid("market")
    side = cast(Side, _one_of(fields, "side", get_args(Side)))
    ord_type = cast(OrdType, _one_of(fields, "ord_type", get_args(OrdType)))
    if (ord_type, side) not in _NEEDS:
        raise _clash(side, f"ord_type {ord_type} is not for side {side}")
    needed, times = _NEEDS[ord_type, side]
    for name in ("price", "volume"):
        if (name in needed) != bool(fields.get(name)):
            needs = "needs" if name in needed else "has no"
            raise _clash(side, f"a {side} of ord_type {ord_type} {needs} {name}")
    time_in_force, smp_type = _options(fields, ord_type, times)
    price = _amount(fields, "price", side) if "price" in needed else None
    coins = _amount(fields, "volume", side) if "volume" in needed else None
    request = OrderRequest(fields["market"], side, ord_type, price, coins, time_in_force, smp_type)
    if ord_type == "limit" and price is not None and price % tick_size(price, at):
        raise Refusal(400, f"invalid_price_{side}", f"{fields['price']} is no multiple of {tick_size(price, at)}")
    if price is not None:
        check_least(side, request.budget)
    if request.budget > MAX_TOTAL:
        raise Refusal(400, f"over_krw_funds_{side}", f"the largest order is {booked_won(MAX_TOTAL, 'en')}")
    return request


def replacing(old: Order, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of the order that takes the place of `old`: those named `new_…`, in its market and on its side."""
    new = {name.removeprefix("new_"): value for name, value in fields.items() if name.startswith("new_")}
    if new.get("volume") == "remain_only":
        new["volume"] = plain(old.rest or Decimal(0))
    return {**new, "market": old.market, "side": old.side}


def check_least(side: Side, won: Decimal) -> None:
    """The fee does not count."""
    if won < MIN_TOTAL:
        raise Refusal(400, f"under_min_total_{side}", f"the smallest order is {booked_won(MIN_TOTAL, 'en')}")


def _options(fields: Mapping[str, str], ord_type: str, times: set[str]) -> tuple[TimeInForce | None, SmpType | None]:
    time_in_force, smp_type = fields.get("time_in_force") or "", fields.get("smp_type") or ""
    if time_in_force not in times:
        allowed = ", ".join(sorted(times - {""})) or "no time_in_force"
        raise Refusal(400, "invalid_time_in_force", f"ord_type {ord_type} takes {allowed}")
    if smp_type and smp_type not in get_args(SmpType):
        raise _invalid("smp_type")
    if time_in_force == "post_only" and smp_type not in ("", "none"):
        raise Refusal(400, "invalid_post_only", "post_only does not go with a self-match prevention")
    return cast(TimeInForce, time_in_force) if time_in_force else None, cast(SmpType, smp_type) if smp_type else None


def _one_of(fields: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    if fields.get(name) not in allowed:
        raise _invalid(name)
    return fields[name]


def _amount(fields: Mapping[str, str], name: str, side: Side) -> Money:
    """Above zero, plain digits, at most 8 decimals."""
    if not AMOUNT.fullmatch(fields[name]) or not Decimal(fields[name]):
        message = f"{name} must be above zero in plain digits with at most 8 decimals, such as 0.0115"
        raise Refusal(400, f"invalid_{name}_{side}", message)
    return Decimal(fields[name])


def _invalid(name: str) -> Refusal:
    return Refusal(400, "validation_error", f"{name} is missing, {name} does not have a valid value")


def _clash(side: Side, message: str) -> Refusal:
    return Refusal(400, f"create_{side}_error", message)
