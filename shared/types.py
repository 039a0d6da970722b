"""Words of the domain as types. Money is Decimal; shares are 0..1; times are aware and UTC."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal, NewType, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer

Krw = NewType("Krw", Decimal)  # won
Price = NewType("Price", Decimal)  # won per coin
Volume = NewType("Volume", Decimal)  # coins

Ratio = Annotated[float, Field(ge=0, le=1)]  # 0.55 is 55 %
Market = Annotated[str, Field(pattern=r"^KRW-[A-Z0-9]{1,15}$")]  # "KRW-ETH"
# "20261122T1500Z"; with seconds: a cycle of the exit guard, of a panic or of the owner's own sale; the name of an order
# that closes a position
SLOT = r"\d{8}T\d{4}Z|\d{8}T\d{6}Z-(?:exit|panic|sale|close)"
CycleId = Annotated[str, Field(pattern=rf"^KRW-[A-Z0-9]{{1,15}}-(?:{SLOT})$")]  # "KRW-ETH-20261122T1500Z"
Language = Literal["ko", "en"]  # of what a person reads
UtcTime = Annotated[AwareDatetime, AfterValidator(lambda t: t.astimezone(UTC))]


def _refuse_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("money is exact: give a Decimal or its text, never a float")
    return value


def plain(value: Decimal) -> str:
    """Every digit, no exponent: 0.00000001, never 1E-8."""
    return format(value, "f")


_Number = TypeVar("_Number")
# A money field of an event: `Exact[Krw]`. Written as text with every digit; a float is refused.
Exact = Annotated[
    _Number,
    Field(allow_inf_nan=False),
    BeforeValidator(_refuse_float),
    PlainSerializer(plain, return_type=str, when_used="json"),
]

_CYCLE = re.compile(rf"^(KRW-[A-Z0-9]{{1,15}})-({SLOT})$")


def cycle_id(market: str, at: datetime) -> str:
    """Name the cycle of a market at a slot: ("KRW-ETH", 15:00 UTC) -> "KRW-ETH-20261122T1500Z"."""
    return f"{market}-{slot_name(at)}"


def slot_name(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%MZ")


def exit_cycle(market: str, at: datetime, kind: Literal["exit", "panic", "sale", "close"]) -> str:
    """Name a cycle that closes a position: ("KRW-ETH", 15:03:12 UTC, "exit") -> "KRW-ETH-20261122T150312Z-exit"."""
    return f"{market}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{kind}"


def is_panic(cycle: str) -> bool:
    """Whether a cycle is of a panic, which names it by the second it sold in."""
    return cycle.endswith("-panic")


@lru_cache(maxsize=1024)
def split_cycle(cycle: str) -> tuple[str, str]:
    """ "KRW-ETH-20261122T1500Z" -> ("KRW-ETH", "20261122T1500Z"). ValueError if it is no cycle id."""
    match = _CYCLE.match(cycle)
    if match is None:
        raise ValueError(f"{cycle!r} is no cycle id; one looks like KRW-ETH-20261122T1500Z")
    return match[1], match[2]


def slot_time(slot: str) -> datetime:
    """ "20261122T1500Z" -> 2026-11-22 15:00 UTC."""
    time, _, kind = slot.partition("-")
    return datetime.strptime(time, "%Y%m%dT%H%M%SZ" if kind else "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
