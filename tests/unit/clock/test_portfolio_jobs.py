"""The jobs beside the cycles on the machine's time: an hour valued in time or never, no day without report."""

from datetime import timedelta

import pytest

from services.clock.core.portfolio_jobs import report_slots, valuation_slot
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.slot_time import SlotTime
from shared.events import ReportDue, ValuationDue
from shared.switch import DesiredJobState, DesiredState
from tests.support.clock_fakes import AT, FakeJobs, FakeOwner, FakeTimer

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
NINE = AT - 3 * HOUR  # 09:00 in Seoul


def clock(jobs, at, owner=None, enabled=True):
    return PortfolioJobs(("KRW-ETH", "KRW-BTC"), 60, enabled, jobs, owner or FakeOwner(), SlotTime(FakeTimer(at)))


def test_an_hour_is_valued_within_its_minute():
    assert valuation_slot(AT - HOUR, AT + 60 * SECOND) == AT


def test_an_hour_that_is_over_is_not_valued_later():
    assert valuation_slot(AT - HOUR, AT + 61 * SECOND) is None


def test_an_hour_is_valued_once():
    assert valuation_slot(AT, AT + SECOND) is None


def test_the_very_first_start_is_valued_at_once():
    assert valuation_slot(None, AT + 40 * 60 * SECOND) == AT


def test_a_report_is_made_late_rather_than_never():
    assert report_slots(NINE - DAY, NINE + 5 * HOUR) == [NINE]


def test_after_an_absence_every_day_gets_its_report_oldest_first():
    assert report_slots(NINE - 3 * DAY, NINE + HOUR) == [NINE - 2 * DAY, NINE - DAY, NINE]


def test_of_a_long_absence_the_last_seven_days_are_reported_on():
    assert len(report_slots(NINE - 40 * DAY, NINE)) == 7


def test_a_first_start_owes_no_report():
    assert report_slots(None, NINE + HOUR) == []
    assert report_slots(None, NINE + SECOND) == [NINE]


async def test_two_clocks_over_two_days_ask_once_for_each_hour_and_day():
    jobs = FakeJobs()
    for at in (NINE + n * HOUR for n in range(48)):
        for _ in range(2):
            await clock(jobs, at + SECOND).catch_up()
    assert len(jobs.slots(ValuationDue)) == 48
    assert jobs.slots(ReportDue) == ["20260105T0000Z", "20260106T0000Z"]


async def test_a_report_is_over_seouls_day_before():
    jobs = FakeJobs()
    await clock(jobs, NINE).catch_up()
    (due,) = [due for due in jobs.asked.values() if isinstance(due, ReportDue)]
    assert (due.from_at, due.to_at) == (NINE - 33 * HOUR, NINE - 9 * HOUR)
    assert (due.markets, due.interval_min) == (("KRW-ETH", "KRW-BTC"), 60)


async def test_a_paused_bot_is_still_valued_and_reported_on():
    jobs = FakeJobs()
    await clock(jobs, NINE, FakeOwner(DesiredState(status="paused", by="api"))).catch_up()
    assert len(jobs.asked) == 2


@pytest.mark.parametrize(("status", "enabled"), [("stopped", True), ("running", False)])
async def test_a_stopped_bot_and_a_disabled_scheduler_run_nothing(status, enabled):
    jobs = FakeJobs()
    await clock(jobs, NINE, FakeOwner(DesiredState(status=status)), enabled).catch_up()
    assert jobs.asked == {}


async def test_a_halted_job_alone_does_not_run_and_says_who_halted_it():
    jobs, owner = FakeJobs(), FakeOwner()
    owner.halted["portfolio_snapshot_job"] = DesiredJobState(paused=True, by="api")
    portfolio_jobs = clock(jobs, NINE, owner)
    await portfolio_jobs.catch_up()
    assert jobs.slots(ValuationDue) == []
    assert jobs.slots(ReportDue) == ["20260105T0000Z"]
    snapshot, report = await portfolio_jobs.jobs()
    assert (snapshot.next_run, snapshot.say("en")) == (None, "paused by api")
    assert (report.next_run, report.why) == (NINE + DAY, None)


async def test_a_halted_report_is_made_up_for_once_it_may_run_again():
    jobs, owner = FakeJobs(), FakeOwner()
    await clock(jobs, NINE, owner).catch_up()
    owner.halted["daily_report_job"] = DesiredJobState(paused=True, by="api")
    await clock(jobs, NINE + DAY, owner).catch_up()
    owner.halted.clear()
    await clock(jobs, NINE + DAY + 5 * HOUR, owner).catch_up()
    assert jobs.slots(ReportDue) == ["20260105T0000Z", "20260106T0000Z"]
