from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock.core.schedule import (
    DueSlot,
    ForgottenSlots,
    LateSlot,
    blocked_by,
    due_slots,
    next_trading,
    slot_before,
    tape_slots,
    wish_at_start,
)
from shared.catalogue.jobs import JOB_HALTED, JOBS_STOPPED, SCHEDULER_OFF, TRADING_PAUSED
from shared.switch import DesiredJobState, DesiredState

T3 = datetime(2026, 1, 5, 3, tzinfo=UTC)
INTERVALS = st.sampled_from([1, 5, 15, 30, 60, 240, 1440])
TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


@pytest.mark.parametrize(
    ("interval_min", "hour", "minute"), [(1, 13, 47), (15, 13, 45), (60, 13, 0), (240, 12, 0), (1440, 0, 0)]
)
def test_slots_lie_on_whole_intervals_of_the_utc_day(interval_min, hour, minute):
    at = datetime(2026, 1, 5, 13, 47, 31, tzinfo=UTC)
    assert slot_before(at, interval_min) == datetime(2026, 1, 5, hour, minute, tzinfo=UTC)


def test_the_next_slot_is_traded():
    assert due_slots(T3 - minutes(60), T3, 60) == [DueSlot(T3)]


def test_a_slot_a_minute_late_is_still_traded():
    assert due_slots(T3 - minutes(60), T3 + timedelta(seconds=60), 60) == [DueSlot(T3)]


def test_a_slot_more_than_a_minute_late_is_never_traded():
    assert due_slots(T3 - minutes(60), T3 + timedelta(seconds=61), 60) == [LateSlot(T3, 61)]


def test_nothing_is_due_twice():
    assert due_slots(T3, T3 + timedelta(seconds=30), 60) == []


def test_after_an_absence_only_the_newest_slot_is_traded():
    assert due_slots(T3 - minutes(180), T3, 60) == [
        LateSlot(T3 - minutes(120), 7200),
        LateSlot(T3 - minutes(60), 3600),
        DueSlot(T3),
    ]


def test_of_two_slots_within_the_grace_the_newer_one_is_traded():
    assert due_slots(T3 - minutes(1), T3 + minutes(1), 1) == [LateSlot(T3, 60), DueSlot(T3 + minutes(1))]


def test_the_very_first_start_makes_up_for_nothing():
    assert due_slots(None, T3 + timedelta(seconds=20), 60) == [DueSlot(T3)]
    assert due_slots(None, T3 + minutes(20), 60) == []


def test_what_is_older_than_31_days_is_only_named():
    found = due_slots(T3 - timedelta(days=33), T3, 60)
    assert found[0] == ForgottenSlots(T3 - timedelta(days=33) + minutes(60), T3 - timedelta(days=31) - minutes(60), 47)
    assert found[1] == LateSlot(T3 - timedelta(days=31), 31 * 86400)
    assert len(found) == 1 + 31 * 24 + 1


def test_a_clock_that_was_set_back_starts_nothing():
    assert due_slots(T3 + minutes(120), T3, 60) == []


@given(TIMES, st.integers(0, 2 * 24 * 60), INTERVALS)
def test_every_slot_after_the_last_is_named_once_and_in_order(last, behind_min, interval_min):
    now = last + minutes(behind_min)
    found = [item for item in due_slots(last, now, interval_min) if not isinstance(item, ForgottenSlots)]
    slots = [item.slot for item in found]
    assert slots == sorted(set(slots))
    assert all(slot_before(slot, interval_min) == slot and last < slot <= now for slot in slots)
    if slots:
        assert slots[-1] == slot_before(now, interval_min)
        assert slots[-1] - slots[0] == (len(slots) - 1) * minutes(interval_min)
    assert all((now - item.slot).total_seconds() <= 60 for item in found if isinstance(item, DueSlot))


def test_a_running_bot_trades_next_at_the_boundary():
    trading = next_trading(T3 + minutes(7), 60, None)
    assert (trading.id, trading.next_run) == ("trading_job", T3 + minutes(60))


def test_a_paused_bot_has_no_next_run_and_says_why():
    job = next_trading(T3, 60, TRADING_PAUSED.because())
    assert (job.next_run, job.say("ko"), job.say("en")) == (None, "봇이 일시정지 상태", "paused")


def test_a_stopped_bot_runs_no_job_and_a_paused_one_those_beside_the_cycle():
    assert blocked_by("stopped", DesiredJobState()) == JOBS_STOPPED.because()
    assert blocked_by("paused", DesiredJobState()) is None


def test_a_job_that_was_halted_names_who_did_it():
    assert blocked_by("running", DesiredJobState(paused=True, by="api")) == JOB_HALTED.because({"by": "api"})


def test_a_disabled_scheduler_names_its_setting():
    assert blocked_by("running", DesiredJobState(), enabled=False) == SCHEDULER_OFF.because()


def test_a_disabled_scheduler_stops_the_bot_and_an_enabled_one_undoes_just_that():
    for before in ("running", "paused"):
        stopped = DesiredState(status="stopped", by="settings", at=T3, before=before)
        assert wish_at_start(DesiredState(status=before), T3, enabled=False) == stopped
        assert wish_at_start(stopped, T3, enabled=True) == DesiredState(status=before, by="settings", at=T3)
    stopped = DesiredState(status="stopped", by="settings", at=T3)
    assert wish_at_start(stopped, T3, enabled=True) == DesiredState(status="running", by="settings", at=T3)


def test_the_owners_own_wish_outlives_a_restart():
    assert wish_at_start(DesiredState(status="stopped", by="api"), T3, enabled=True) is None
    assert wish_at_start(DesiredState(status="paused", by="api"), T3, enabled=True) is None


def test_a_tape_is_played_on_whole_hours_and_never_beyond_its_end():
    assert tape_slots(T3 - minutes(10), 5, T3 + minutes(130)) == [T3, T3 + minutes(60), T3 + minutes(120)]
