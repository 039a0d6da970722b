"""When the portfolio jobs run: what the account is worth each hour, the report each day at 09:00 in Seoul.

Seoul's 09:00 is 00:00 UTC. The report is over Seoul's day before, which ended nine hours earlier.
"""

from datetime import timedelta

from services.clock.core.schedule import is_in_time, slot_before
from shared.events import ReportDue, ValuationDue
from shared.missed import FUTURE
from shared.types import Market, UtcTime, slot_name
from shared.writing import AHEAD

HOUR_MIN, DAY_MIN = 60, 1440
REPORTS_MAX = 7  # made up for after an absence; older days are left alone


def valuation_slot(last: UtcTime | None, now: UtcTime) -> UtcTime | None:
    """Name the hour to value now; None if it was, or if it is more than a minute old: what an account was worth
    cannot be asked later. Only where nothing was ever valued a late one is made, so that there is a figure at all.
    A last one in the future is not believed: a clock was ahead.
    """
    slot = slot_before(now, HOUR_MIN)
    if last is None:
        return slot
    return slot if (slot > last or last > now + FUTURE) and is_in_time(slot, now) else None


def report_slots(last: UtcTime | None, now: UtcTime) -> list[UtcTime]:
    """List the days to report on now, oldest first: late rather than never. The very first start owes none."""
    slot = slot_before(now, DAY_MIN)
    if last is not None and last > now + FUTURE:
        return [slot]  # of what a clock that was ahead has made this one is owed, and no other
    if last is None:
        return [slot] if is_in_time(slot, now) else []
    days = min((slot - last) // timedelta(days=1), REPORTS_MAX)
    return [slot - timedelta(days=n) for n in reversed(range(days))]


def valuation(slot: UtcTime, markets: tuple[Market, ...]) -> ValuationDue:
    return ValuationDue(slot=slot_name(slot), slot_at=slot, markets=markets)


def report(slot: UtcTime, markets: tuple[Market, ...], interval_min: int) -> ReportDue:
    ended = slot - AHEAD
    return ReportDue(
        slot=slot_name(slot),
        slot_at=slot,
        from_at=ended - timedelta(days=1),
        to_at=ended,
        markets=markets,
        interval_min=interval_min,
    )
