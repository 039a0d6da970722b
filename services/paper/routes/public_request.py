"""What a quote is asked for, read as Upbit reads it; Refusal where it cannot be."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from starlette.requests import Request

from services.paper.core.refusal import MISSING_PARAMETER, WRONG_TYPE, WRONG_VALUE, quotation
from services.paper.ports import app_state

TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?")


def number(value: float | Decimal) -> int | float:
    """Whole numbers without a point, as Upbit's samples have them."""
    return int(value) if value == int(value) else float(value)


def one(request: Request, name: str) -> str | None:
    """A parameter; given several times it is read as one list with commas."""
    given = request.query_params.getlist(name)
    return ",".join(given) if given else None


def markets_of(request: Request, name: str) -> list[str]:
    """The known markets asked for; one unknown among them fails the whole call."""
    given = one(request, name)
    if not given:
        raise quotation(400, MISSING_PARAMETER)
    markets = given.split(",") if name == "markets" else [given]
    if not all(app_state(request).exchange.listed(market) for market in markets):
        raise quotation(404, "Code not found")
    return markets


def whole(request: Request, name: str, default: int) -> int:
    given = one(request, name)
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise quotation(400, WRONG_TYPE)
    if int(given) == 0:
        raise quotation(400, WRONG_VALUE)
    return int(given)


def before_of(request: Request) -> datetime | None:
    """Without a zone it is UTC; a plus sign sent bare arrives as a space."""
    given = one(request, "to")
    if not given:
        return None
    if len(given) == 25 and given[19] == " ":
        given = f"{given[:19]}+{given[20:]}"
    if not TIME.fullmatch(given):
        raise quotation(400, WRONG_VALUE)
    try:
        moment = datetime.fromisoformat(given)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise quotation(400, WRONG_VALUE) from e
