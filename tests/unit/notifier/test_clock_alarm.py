"""A wrong clock is told once, and once more when it comes again."""

from services.notifier.alarms.clock import ClockAlarm
from shared.fixed_clock import FixedClock
from shared.skew import sentence
from shared.switch import Heartbeat
from tests.support.builders import AT
from tests.unit.notifier.test_late_report_alarm import Owner


async def test_it_is_told_when_it_begins_and_not_at_each_look():
    owner, faults = Owner(), iter(["", sentence(86400), sentence(86401), "", sentence(-3600)])

    async def beat():
        return Heartbeat(at=AT, started_at=AT, interval_min=60, jobs=(), fault=next(faults))

    watch = ClockAlarm(beat, owner, FixedClock(AT), "en")
    for _ in range(5):
        await watch.check()
    assert [kind for kind, _ in owner.told] == ["error", "error"]
    assert "86,400 s ahead of the exchange's" in owner.told[0][1]
    assert "3,600 s behind the exchange's" in owner.told[1][1]


async def test_without_a_clock_nothing_is_told_here():
    async def nobody():
        return None

    owner = Owner()
    await ClockAlarm(nobody, owner, FixedClock(AT), "ko").check()
    assert owner.told == []
