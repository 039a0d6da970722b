"""A wrong clock is told once, and once more when it comes again."""

from services.notifier.alarms.clock import ClockAlarm
from shared.catalogue.missed_slots import CLOCK_WRONG, skewed
from shared.fixed_clock import FixedClock
from shared.reason import Reason
from shared.switch import Heartbeat
from tests.support.builders import AT
from tests.unit.notifier.test_late_report_alarm import Owner


async def test_it_is_told_when_it_begins_and_not_at_each_look():
    owner, skews = Owner(), iter([0, 86400, 86401, 0, -3600])

    async def beat():
        wrong = skewed(CLOCK_WRONG, skew_s) if (skew_s := next(skews)) else Reason("")
        about = {"fault_code": wrong.code, "figures": wrong.figures}
        return Heartbeat(at=AT, started_at=AT, interval_min=60, jobs=(), **about)

    watch = ClockAlarm(beat, owner, FixedClock(AT), "en")
    for _ in range(5):
        await watch.check()
    assert [kind for kind, _ in owner.told] == ["error", "error"]
    assert "86,400 s ahead of the exchange's" in owner.told[0][1]
    assert "3,600 s behind the exchange's" in owner.told[1][1]


async def test_it_is_told_in_the_owners_language_and_an_older_clocks_sentence_as_it_is():
    wrong, owner = skewed(CLOCK_WRONG, 86400), Owner()
    about = {"at": AT, "started_at": AT, "interval_min": 60, "jobs": ()}
    for beat in (
        Heartbeat(**about, fault_code=wrong.code, figures=wrong.figures),
        Heartbeat(**about, fault="of an older clock"),
    ):

        async def last(beat=beat):
            return beat

        await ClockAlarm(last, owner, FixedClock(AT), "ko").check()
    assert "86,400초 빠릅니다. 시계를 맞출 때까지" in owner.told[0][1]
    assert "of an older clock" in owner.told[1][1]


async def test_without_a_clock_nothing_is_told_here():
    async def nobody():
        return None

    owner = Owner()
    await ClockAlarm(nobody, owner, FixedClock(AT), "ko").check()
    assert owner.told == []
