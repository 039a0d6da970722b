"""Orders: how one is asked for, what it became, and Upbit's words for both (pure)."""

import re
from collections.abc import Mapping
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from services.paper.core.account import Money, text
from services.paper.core.refusal import Refusal
from shared.types import Krw, UtcTime, Volume
from shared.venue import FEE_RATE, MAX_TOTAL, MIN_TOTAL, fee

SEOUL = timezone(timedelta(hours=9))
IDS = UUID("5f1c3f0a-6f0e-5d2b-9a53-2f6c1c6d7a10")  # under which order ids are derived from identifiers
IDENTIFIER_MAX = 64
AMOUNT = re.compile(r"\d{1,15}(\.\d{1,8})?")
NOT_BUILT = ("limit", "best")


class Asked(NamedTuple):
    """A market order that makes sense so far: won to spend for a bid, coins to give for an ask."""

    market: str
    side: Literal["bid", "ask"]
    amount: Decimal


class Fill(BaseModel):
    model_config = ConfigDict(frozen=True)

    price: Money
    volume: Money


class Order(BaseModel):
    """A market order, ended: what was asked, and the trades it got."""

    model_config = ConfigDict(frozen=True)

    uuid: str
    identifier: str | None
    market: str
    side: Literal["bid", "ask"]
    amount: Money  # won of a bid, fee not counted; coins of an ask
    created_at: UtcTime
    fills: tuple[Fill, ...]

    @property
    def volume(self) -> Volume:
        return Volume(sum((fill.volume for fill in self.fills), Decimal(0)))

    @property
    def funds(self) -> Krw:
        return Krw(sum((fill.price * fill.volume for fill in self.fills), Decimal(0)))

    @property
    def fee(self) -> Krw:
        return fee(self.funds)


def read_order(fields: Mapping[str, str]) -> Asked:
    """Check everything that needs neither prices nor balances. Raises Refusal 400 with Upbit's name."""
    market, side, ord_type = (fields.get(name, "") for name in ("market", "side", "ord_type"))
    if not market:
        raise Refusal(400, "validation_error", "market is missing, market does not have a valid value")
    if side not in ("bid", "ask"):
        raise Refusal(400, "validation_error", "side is missing, side does not have a valid value")
    if ord_type in NOT_BUILT:
        raise Refusal(400, "invalid_parameter", f"ord_type {ord_type} is not built yet here; price and market are")
    if ord_type not in ("price", "market"):
        raise Refusal(400, "validation_error", "ord_type is missing, ord_type does not have a valid value")
    if ord_type != ("price" if side == "bid" else "market") or fields.get("time_in_force"):
        raise Refusal(400, f"create_{side}_error", "a market buy is bid and price, a market sell is ask and market")
    if side == "bid":
        return Asked(market, "bid", _won(fields))
    return Asked(market, "ask", _coins(fields))


def _won(fields: Mapping[str, str]) -> Decimal:
    if fields.get("volume"):
        raise Refusal(400, "create_bid_error", "a market buy has no volume, only price, the won to spend")
    won = _amount(fields.get("price"))
    if won is None:
        raise Refusal(400, "invalid_price_bid", "price must be won above zero in plain digits, such as 50000")
    if won < MIN_TOTAL:
        raise Refusal(400, "under_min_total_bid", f"the smallest order is {MIN_TOTAL} KRW")
    if won > MAX_TOTAL:
        raise Refusal(400, "over_krw_funds_bid", f"the largest order is {MAX_TOTAL} KRW")
    return won


def _coins(fields: Mapping[str, str]) -> Decimal:
    if fields.get("price"):
        raise Refusal(400, "create_ask_error", "a market sell has no price, only volume, the coins to give")
    coins = _amount(fields.get("volume"))
    if coins is None:
        message = "volume must be coins above zero in plain digits with at most 8 decimals, such as 0.0115"
        raise Refusal(400, "invalid_volume_ask", message)
    return coins


def _amount(given: str | None) -> Decimal | None:
    """Above zero, plain digits, at most 8 decimals; else None."""
    if given is None or not AMOUNT.fullmatch(given) or not given.isascii():
        return None
    return Decimal(given) or None


def order_uuid(identifier: str | None, number: int) -> str:
    """The same for the same identifier; without one, for the n-th order of the account."""
    return str(uuid5(IDS, f"identifier {identifier}" if identifier is not None else f"number {number}"))


def as_created(order: Order) -> dict[str, Any]:
    """The answer to the POST: the order as it came in, nothing executed yet."""
    reserved = fee(Krw(order.amount)) if order.side == "bid" else Decimal(0)
    rest = {} if order.side == "bid" else {"remaining_volume": text(order.amount)}
    return {
        **_head(order, "wait"),
        **rest,
        "reserved_fee": text(reserved),
        "remaining_fee": text(reserved),
        "paid_fee": "0",
        "locked": text(order.amount + reserved),
        **_tail(order, executed=Decimal(0), count=0),
    }


def as_ended(order: Order) -> dict[str, Any]:
    """The answer to a GET. `locked` of an ended buy still shows what went back, as at Upbit."""
    if order.side == "ask":
        state, rest, reserved, left, locked = "done", {"remaining_volume": "0"}, Decimal(0), Decimal(0), Decimal(0)
    else:
        unspent = order.amount - order.funds
        reserved = fee(Krw(order.amount))
        left = reserved - order.fee
        state, rest, locked = ("cancel" if unspent else "done"), {}, unspent + left
    return {
        **_head(order, state),
        **rest,
        "reserved_fee": text(reserved),
        "remaining_fee": text(left),
        "paid_fee": text(order.fee),
        "locked": text(locked),
        **_tail(order, executed=order.volume, count=len(order.fills)),
        "trades": [_trade(order, n, fill) for n, fill in enumerate(order.fills)],
    }


def _head(order: Order, state: str) -> dict[str, Any]:
    """Empty fields are left out, as Upbit does today: a market buy has no volume, a market sell no price."""
    bid = order.side == "bid"
    return {
        "market": order.market,
        "uuid": order.uuid,
        "side": order.side,
        "ord_type": "price" if bid else "market",
        ("price" if bid else "volume"): text(order.amount),
        "state": state,
        "created_at": order.created_at.astimezone(SEOUL).isoformat(timespec="seconds"),
    }


def _tail(order: Order, executed: Decimal, count: int) -> dict[str, Any]:
    named = {} if order.identifier is None else {"identifier": order.identifier}
    return {
        "executed_volume": text(executed),
        "prevented_volume": "0",
        "prevented_locked": "0",
        "trades_count": count,
        **named,
    }


def _trade(order: Order, n: int, fill: Fill) -> dict[str, Any]:
    return {
        "market": order.market,
        "uuid": str(uuid5(UUID(order.uuid), str(n))),
        "price": text(fill.price),
        "volume": text(fill.volume),
        "funds": text(fill.price * fill.volume),
        "trend": "up" if order.side == "bid" else "down",
        "created_at": order.created_at.astimezone(SEOUL).isoformat(timespec="microseconds"),
        "side": order.side,
    }


def chance(market: str, account_row: Any) -> dict[str, Any]:
    """What may be ordered in a market; account_row: currency -> its entry of the account list."""
    quote, base = market.split("-")
    rate = text(FEE_RATE)
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
            "bid_types": ["price"],
            "ask_types": ["market"],
            "bid": {"currency": quote, "min_total": text(MIN_TOTAL)},
            "ask": {"currency": base, "min_total": text(MIN_TOTAL)},
            "max_total": text(MAX_TOTAL),
            "state": "active",
        },
        "bid_account": account_row(quote),
        "ask_account": account_row(base),
    }
