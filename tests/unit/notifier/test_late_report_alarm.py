"""A report that was due and has not come is told once."""

from datetime import timedelta

from services.notifier.alarms.late_report import LateReportAlarm
from shared.fixed_clock import FixedClock
from shared.stored import Stored
from tests.support.builders import REPORT_AT, report_due, report_ready


class Owner:
    def __init__(self):
        self.told = []

    async def tell(self, kind, text):
        self.told.append((kind, text))


class Log:
    def __init__(self, asked, made):
        self.asked, self.made = asked, made

    async def last(self):
        return tuple(event and Stored(event, 1, REPORT_AT) for event in (self.asked, self.made))


async def told(asked, made, *, minutes):
    owner, clock = Owner(), FixedClock(REPORT_AT + timedelta(minutes=minutes))
    watch = LateReportAlarm(Log(asked, made).last, owner, clock, "en")
    await watch.check()
    await watch.check()
    return owner.told


async def test_a_missing_report_is_told_once_after_ten_minutes():
    ((kind, text),) = await told(report_due(), None, minutes=11)
    assert kind == "error"
    assert "the report of 2026-01-06 09:00:00 KST has not come for more than 10 min" in text
    assert await told(report_due(), None, minutes=9) == []


async def test_yesterdays_report_does_not_stand_for_todays():
    assert await told(report_due(), report_ready(), minutes=60) == []
    assert len(await told(report_due(), report_ready(slot="20260105T0000Z"), minutes=60)) == 1


async def test_before_the_first_report_is_due_nothing_is_missed():
    assert await told(None, None, minutes=60) == []
