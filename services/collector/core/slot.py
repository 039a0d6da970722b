"""Whether a slot is now, by the exchange's clock (pure). What its clock does not know is not traded."""

from datetime import timedelta
from typing import ClassVar

from shared import skew
from shared.catalogue import Entry, Values, slots
from shared.errors import Permanent, Transient
from shared.events import TradingDue
from shared.types import UtcTime

LATE_MAX = timedelta(minutes=10)  # a look taken later is no look at this slot
BOOK_AGE_MAX = timedelta(minutes=10)  # a quiet market's book may be older than the slot, but not so much
EARLY_MAX = timedelta(seconds=2)  # the Date header counts whole seconds
SOON = timedelta(seconds=skew.SKEW_REFUSE_S)  # the bus's tries reach as far


class NotNow(Permanent):
    """The slot is not now, so that nothing is traded in it."""

    why: ClassVar[Entry]

    def __init__(self, text: str, figures: Values) -> None:
        super().__init__(text)
        self.code, self.figures = self.why.code, self.why.because(figures).figures


class ClockWrong(NotNow):
    """This machine's clock is too far off the exchange's for anything to be traded by it."""

    why = slots.CLOCK_SKEW


class SlotOver(NotNow):
    """The exchange's clock says that this slot is long past."""

    why = slots.SLOT_OVER


class SlotAhead(NotNow):
    """The exchange's clock has not come to this slot: whoever started it had a wrong time."""

    why = slots.SLOT_AHEAD


class OldBook(NotNow):
    """The order book stands long before the slot: what it shows is another time's market."""

    why = slots.BOOK_TOO_OLD


class SlotSoon(Transient):
    """The exchange's clock comes to this slot within seconds."""


def check(due: TradingDue, *, now: UtcTime, book_at: UtcTime, skew_s: float | None) -> None:
    """Raises ClockWrong, SlotOver, SlotAhead, SlotSoon or OldBook unless the slot is now.

    now: the exchange's time, by its Date header; book_at: by its order book. skew_s: see shared.skew; None where the
    exchange's time is a tape's, which no machine's clock is held against.
    """
    if skew_s is not None and skew.is_wrong(skew_s):
        raise ClockWrong(
            f"{due.cycle}: {skew.sentence(skew_s)}; the slot is not traded",
            {"fast" if skew_s > 0 else "slow": abs(skew_s)},
        )
    late, early = max(now, book_at) - due.slot_at, due.slot_at - now
    if late > LATE_MAX:
        raise SlotOver(
            f"{due.cycle}: the exchange's clock says {_at(max(now, book_at))}, its slot is over",
            {"late": late.total_seconds()},
        )
    if early > SOON:
        raise SlotAhead(
            f"{due.cycle}: the exchange's clock says {_at(now)}, its slot has not come; it is not traded",
            {"early": early.total_seconds()},
        )
    if early > EARLY_MAX:
        raise SlotSoon(f"{due.cycle}: the exchange's clock says {_at(now)}, its slot comes in a moment")
    if due.slot_at - book_at > BOOK_AGE_MAX:
        raise OldBook(
            f"{due.cycle}: the order book is of {_at(book_at)}, long before the slot",
            {"older": (due.slot_at - book_at).total_seconds()},
        )


def _at(moment: UtcTime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
