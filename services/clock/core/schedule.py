"""Which slots are due, and what runs next. A slot lies on a whole interval of the UTC day.

Seoul has no summer time, so an hour's boundary there is one in UTC, and Upbit's day begins at 00:00 UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.catalogue import jobs
from shared.missed import FUTURE
from shared.reason import Reason
from shared.switch import DesiredJobState, DesiredState, Job, Status
from shared.types import UtcTime

GRACE_S = 60.0
BACKFILL = timedelta(days=31)
TRADING, SNAPSHOT, REPORT = "trading_job", "portfolio_snapshot_job", "daily_report_job"


@dataclass(frozen=True)
class DueSlot:
    """A slot to trade now."""

    slot: UtcTime


@dataclass(frozen=True)
class LateSlot:
    """A slot that will never be traded."""

    slot: UtcTime
    seconds: float


@dataclass(frozen=True)
class MistimedSlot:
    """A slot that came while this machine's clock was wrong. It will never be traded."""

    slot: UtcTime
    skew_s: float


@dataclass(frozen=True)
class ForgottenSlots:
    """Slots too old to be recorded one by one."""

    first: UtcTime
    last: UtcTime
    slots: int


def slot_before(at: UtcTime, interval_min: int) -> UtcTime:
    """Give the last slot that is not after `at`."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(minutes=interval_min)
    return midnight + (at - midnight) // step * step


def due_slots(
    last: UtcTime | None, now: UtcTime, interval_min: int, grace_s: float = GRACE_S
) -> list[DueSlot | LateSlot | ForgottenSlots]:
    """List what is to be said of the slots after `last`, oldest first; at most the newest is traded.

    last: the newest slot that was started or missed; None at the very first start, when nothing is made up for.
    """
    step = timedelta(minutes=interval_min)
    newest = slot_before(now, interval_min)
    if last is None:
        return [DueSlot(newest)] if is_in_time(newest, now, grace_s) else []
    first = slot_before(last, interval_min) + step
    found: list[DueSlot | LateSlot | ForgottenSlots] = []
    oldest = slot_before(now - BACKFILL, interval_min)
    if first < oldest:
        found.append(ForgottenSlots(first, oldest - step, (oldest - first) // step))
        first = oldest
    for n in range(max(0, (newest - first) // step + 1)):
        slot = first + n * step
        if slot == newest and is_in_time(slot, now, grace_s):
            found.append(DueSlot(slot))
        else:
            found.append(LateSlot(slot, (now - slot).total_seconds()))
    return found


def newest_credible(slots: Sequence[UtcTime], now: UtcTime) -> UtcTime | None:
    """The newest of some slots that has come; None if none has. A clock that was ahead may have dealt with others."""
    return max((slot for slot in slots if slot <= now + FUTURE), default=None)


def is_in_time(slot: UtcTime, now: UtcTime, grace_s: float = GRACE_S) -> bool:
    return (now - slot).total_seconds() <= grace_s


def next_trading(now: UtcTime, interval_min: int, blocked_by: Reason | None) -> Job:
    """Say when a market is looked at next. blocked_by: why not, if it is not."""
    at = None if blocked_by else slot_before(now, interval_min) + timedelta(minutes=interval_min)
    return Job.of(TRADING, at, blocked_by)


def blocked_by(status: Status, job: DesiredJobState, *, enabled: bool = True) -> Reason | None:
    """Say what keeps a job from running; nothing if it runs. A paused bot still values and reports."""
    if not enabled:
        return jobs.SCHEDULER_OFF.because()
    if status == "stopped":
        return jobs.JOBS_STOPPED.because()
    return jobs.JOB_HALTED.because({"by": job.by or "-"}) if job.paused else None


def wish_at_start(wish: DesiredState, now: UtcTime, *, enabled: bool) -> DesiredState | None:
    """Say what the setting makes of the owner's wish; None if it stays.

    A stop that only the setting had asked for ends with the setting, and what stood before it stands again; the
    owner's own never ends so.
    """
    if not enabled and wish.status != "stopped":
        return DesiredState(status="stopped", by="settings", at=now, before=wish.status)
    if enabled and wish.status == "stopped" and wish.by == "settings":
        return DesiredState(status=wish.before or "running", by="settings", at=now)
    return None


def tape_slots(first: UtcTime, hours: int, tape_ends: UtcTime) -> list[datetime]:
    """List the hours to play: `hours` of them from `first` on, none after the tape's end."""
    begin = slot_before(first, 60)
    if begin < first:
        begin += timedelta(hours=1)
    return [slot for n in range(hours) if (slot := begin + timedelta(hours=n)) <= tape_ends]
