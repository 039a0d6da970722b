"""Whether a slot is now, by the exchange's clock (pure). What its clock does not know is not traded."""

from datetime import timedelta

from shared import skew
from shared.errors import Permanent, Transient
from shared.events import TradingDue
from shared.types import UtcTime

LATE_MAX = timedelta(minutes=10)  # a look taken later is no look at this slot
BOOK_AGE_MAX = timedelta(minutes=10)  # a quiet market's book may be older than the slot, but not so much
EARLY_MAX = timedelta(seconds=2)  # the Date header counts whole seconds
SOON = timedelta(seconds=skew.SKEW_REFUSE_S)  # the bus's tries reach as far


class ClockWrong(Permanent):
    """This machine's clock is too far off the exchange's for anything to be traded by it."""

    code = "CLOCK_SKEW"


class SlotOver(Permanent):
    """The exchange's clock says that this slot is long past."""

    code = "SLOT_OVER"


class SlotAhead(Permanent):
    """The exchange's clock has not come to this slot: whoever started it had a wrong time."""

    code = "SLOT_AHEAD"


class OldBook(Permanent):
    """The order book stands long before the slot: what it shows is another time's market."""

    code = "BOOK_TOO_OLD"


class SlotSoon(Transient):
    """The exchange's clock comes to this slot within seconds."""


def check(due: TradingDue, *, now: UtcTime, book_at: UtcTime, skew_s: float | None) -> None:
    """Raises ClockWrong, SlotOver, SlotAhead, SlotSoon or OldBook unless the slot is now.

    now: the exchange's time, by its Date header; book_at: by its order book. skew_s: see shared.skew; None where the
    exchange's time is a tape's, which no machine's clock is held against.
    """
    if skew_s is not None and skew.is_wrong(skew_s):
        raise _because(
            ClockWrong(f"{due.cycle}: {skew.sentence(skew_s)}; the slot is not traded"),
            f"이 컴퓨터의 시계가 거래소보다 {abs(skew_s):,.0f}초 {'빠릅니다' if skew_s > 0 else '느립니다'}. "
            "시계를 맞추세요(NTP). 이 시각은 거래하지 않고, 다시 시작하지도 않습니다",
        )
    late, early = max(now, book_at) - due.slot_at, due.slot_at - now
    if late > LATE_MAX:
        raise _because(
            SlotOver(f"{due.cycle}: the exchange's clock says {_at(max(now, book_at))}, its slot is over"),
            f"거래소 시계로 이미 {late.total_seconds():,.0f}초 지난 시각이라 거래하지 않습니다",
        )
    if early > SOON:
        raise _because(
            SlotAhead(f"{due.cycle}: the exchange's clock says {_at(now)}, its slot has not come; it is not traded"),
            f"거래소 시계로 아직 {early.total_seconds():,.0f}초 남은 시각입니다. "
            "시작한 컴퓨터의 시계가 빨랐습니다. 이 시각은 거래하지 않고, 다시 시작하지도 않습니다",
        )
    if early > EARLY_MAX:
        raise SlotSoon(f"{due.cycle}: the exchange's clock says {_at(now)}, its slot comes in a moment")
    if due.slot_at - book_at > BOOK_AGE_MAX:
        raise _because(
            OldBook(f"{due.cycle}: the order book is of {_at(book_at)}, long before the slot"),
            f"호가창이 이 시각보다 {(due.slot_at - book_at).total_seconds():,.0f}초 오래되어 거래하지 않습니다",
        )


def _because(fault: Permanent, reason: str) -> Permanent:
    fault.reason = reason
    return fault


def _at(moment: UtcTime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
