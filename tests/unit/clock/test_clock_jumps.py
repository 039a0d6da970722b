"""The machine's clock is set while the bot runs: no time counts that the exchange does not confirm."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.clock.core.schedule import newest_credible
from services.clock.handler import CycleStarter
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.slot_time import SlotTime
from services.clock.wall import WallClock
from shared.catalogue import sentence
from shared.catalogue.missed_slots import more_of
from shared.events import CycleMissed, ReportDue, TradingDue, ValuationDue
from shared.missed import ahead
from shared.types import slot_time
from tests.support.builders import due, missed
from tests.support.clock_fakes import AT, FakeExchangeTime, FakeJobs, FakeLog, FakeOwner, JumpingTimer

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
JUMPS_S = [sign * span for span in (60, 3600, 86400, 400 * 86400) for sign in (1, -1)]


class TimedLog(FakeLog):
    """Remembers at which true time each event was said; whatever is started ends at once."""

    def __init__(self, timer):
        super().__init__()
        self.timer, self.at = timer, {}

    async def put(self, event):
        self.at.setdefault(event.cycle, self.timer.at)
        self.ended.add(event.cycle)
        return await super().put(event)

    def slots(self, kind):
        return sorted(slot_time(e.slot) for e in self.said.values() if isinstance(e, kind))


def clock(log, timer, exchange, interval_min=60):
    start = CycleStarter(log, FakeOwner(), {}, "0123456789abcdef", "0.1.0+abc")
    return WallClock(("KRW-ETH",), interval_min, True, log, start, SlotTime(timer, exchange))


class Over(BaseException):
    pass


async def run(jumps, hours, *, silent=(0, 0), off_s=0.0, interval_min=60):
    """Run a clock for some true hours; its log and how often it woke."""
    timer = JumpingTimer(jumps)
    log, until = TimedLog(timer), AT + hours * HOUR
    exchange = FakeExchangeTime(timer, silent=silent, off_s=off_s)
    wall = clock(log, timer, exchange, interval_min)
    wait = timer.wait_until

    async def wait_until(at):
        await wait(at)
        if timer.at >= until:
            raise Over

    timer.wait_until = wait_until
    with pytest.raises(Over):
        await wall.run()
    return log, timer, wall


@pytest.mark.parametrize("jump_s", JUMPS_S)
async def test_a_clock_that_is_set_wrong_for_two_hours_trades_nothing_in_them_and_then_each_hour(jump_s):
    log, timer, wall = await run([(1800, jump_s), (1800 + 7200, 0)], 6)
    assert log.slots(TradingDue) == [AT, *(AT + n * HOUR for n in (3, 4, 5))]
    assert {slot: e.reason for slot, e in log.said.items() if isinstance(e, CycleMissed)} == {
        "KRW-ETH-20260105T0400Z": "clock",
        "KRW-ETH-20260105T0500Z": "clock",
    }
    side = "ahead of" if jump_s > 0 else "behind"
    more = more_of(log.said["KRW-ETH-20260105T0500Z"])
    assert f"{abs(jump_s):,} s {side} the exchange's" in sentence(more, "en")
    assert wall.fault is None
    assert timer.waits < 6 * 60 + 2 * 240 + 20


@pytest.mark.parametrize("jump_s", JUMPS_S)
async def test_while_the_clock_is_wrong_it_says_so_and_when_nothing_runs_next(jump_s):
    timer = JumpingTimer([(0, jump_s)])
    wall = clock(TimedLog(timer), timer, FakeExchangeTime(timer))
    await timer.wait_until(timer.now() + SECOND)
    await wall.catch_up()
    job = wall.job("")
    assert job.next_run is None
    assert job.why == wall.fault
    assert f"{abs(jump_s):,} s" in job.say("en")
    assert "no slot is started until it is set" in job.say("en")


async def test_a_clock_that_is_seconds_ahead_waits_for_the_exchanges_hour():
    log, _, _ = await run([(60, 20.0)], 3)
    assert log.slots(TradingDue) == [AT + n * HOUR for n in range(3)]
    late = [log.at[cycle] - slot_time(cycle[-14:]) for cycle in log.at]
    assert all(timedelta() <= after < 2 * SECOND for after in late)


@pytest.mark.parametrize("off_s", [-86400, 3600, 400 * 86400])
async def test_an_exchange_that_lies_about_the_time_invents_no_slot(off_s):
    log, _, _ = await run([], 6, off_s=off_s)
    assert log.starts() == []
    assert all(AT <= slot <= log.timer.at for slot in log.slots(CycleMissed))


async def test_while_the_exchange_is_silent_slots_are_started_and_none_is_called_missed():
    log, _, _ = await run([], 5, silent=(60, 3 * 3600 + 60))
    assert log.slots(TradingDue) == [AT + n * HOUR for n in range(5)]
    assert log.slots(CycleMissed) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(60, 4 * 3600), st.sampled_from([0, *JUMPS_S]) | st.floats(-29, 29)),
        max_size=4,
    ),
    st.integers(0, 4 * 3600),
    st.integers(0, 3 * 3600),
    st.sampled_from([15, 60]),
)
@example([(600, 86400)], 500, 3600, 60)
async def test_law_no_slot_but_one_the_exchange_confirms_and_on_within_one_slot(gaps, silent_from, silent_s, step):
    """Jumps one after the other, the last one to the right time; the exchange is silent for a while."""
    jumps, after = [], 0
    for gap, ahead_s in gaps:
        after += gap
        jumps.append((after, ahead_s))
    jumps.append((after + 600, 0.0))
    right = max(after + 600, silent_from + silent_s)
    hours = right // 3600 + 4
    log, timer, _ = await run(jumps, hours, silent=(silent_from, silent_from + silent_s), interval_min=step)

    def silent(at):
        return silent_from <= (at - AT).total_seconds() < silent_from + silent_s

    known = {cycle: at for cycle, at in log.at.items() if not silent(at)}
    for cycle, at in known.items():
        assert slot_time(cycle[-14:]) <= at + SECOND  # neither started nor missed before it was there
        if isinstance(log.said[cycle], TradingDue):
            assert at - slot_time(cycle[-14:]) <= 61 * SECOND
    unconfirmed = len(log.at) - len(known)
    assert unconfirmed <= silent_s / 60 / step + 1 + len(jumps)  # one a slot, however the clock is set
    assert len(known) <= hours * 60 / step + 1
    # From the first slot after the clock is right (and the exchange to be heard) each is traded.
    first = AT + timedelta(seconds=right)
    slots = [AT + n * step * MINUTE for n in range(hours * 60 // step)]
    assert {slot for slot in slots if slot >= first} <= {slot_time(cycle[-14:]) for cycle in log.starts()}
    assert timer.waits <= hours * 3600 / 15 + len(slots) + 50


async def test_a_log_that_a_clock_three_hours_ahead_has_written_is_not_believed_and_the_next_slot_trades():
    """The slots it started are spent: the server keeps the first start of each."""
    timer = JumpingTimer([])
    log = TimedLog(timer)
    for hour in range(4):
        await log.put(due(cycle=f"KRW-ETH-20260105T0{3 + hour}00Z", slot_at=AT + hour * HOUR))
    before = dict(log.said)
    timer.at = AT + MINUTE * 50
    wall = clock(log, timer, FakeExchangeTime(timer))
    await wall.catch_up()
    assert "2026-01-05 06:00 UTC, lies in the future" in sentence(wall.fault, "en")
    assert wall.job("").next_run == AT + HOUR
    for hour in (1, 2, 3, 4):
        timer.at = AT + hour * HOUR
        await wall.catch_up()
    assert [cycle for cycle in log.said if cycle not in before] == ["KRW-ETH-20260105T0700Z"]
    assert log.starts()[-1] == "KRW-ETH-20260105T0700Z"


async def test_after_a_future_of_misses_that_never_was_the_slot_that_comes_is_traded():
    timer = JumpingTimer([])
    log = TimedLog(timer)
    await log.put(missed(cycle="KRW-ETH-20270209T0300Z"))
    wall = clock(log, timer, FakeExchangeTime(timer))
    await wall.catch_up()
    assert log.starts() == ["KRW-ETH-20260105T0300Z"]


async def test_a_clock_that_starts_with_the_wrong_time_writes_nothing_into_an_empty_log():
    timer = JumpingTimer([])
    timer.ahead_s = -400 * 86400
    log = TimedLog(timer)
    await clock(log, timer, FakeExchangeTime(timer)).catch_up()
    assert log.said == {}


@pytest.mark.parametrize("jump_s", JUMPS_S)
async def test_nothing_is_valued_or_reported_on_by_a_wrong_clock_and_all_of_it_once_it_is_right(jump_s):
    timer = JumpingTimer([(0, jump_s)], AT - 4 * HOUR)
    jobs = FakeJobs()
    await timer.wait_until(timer.now() + SECOND)
    portfolio_jobs = PortfolioJobs(("KRW-ETH",), 60, True, jobs, FakeOwner(), SlotTime(timer, FakeExchangeTime(timer)))
    await portfolio_jobs.catch_up()
    assert jobs.asked == {}
    assert {job.next_run for job in await portfolio_jobs.jobs()} == {None}
    timer.ahead_s, timer.at = 0, AT - 3 * HOUR
    await portfolio_jobs.catch_up()
    assert jobs.slots(ValuationDue) == jobs.slots(ReportDue) == ["20260105T0000Z"]


async def test_a_last_valuation_and_a_last_report_of_the_future_hold_nobody_up():
    timer, jobs = JumpingTimer([], AT - 3 * HOUR), FakeJobs()
    portfolio_jobs = PortfolioJobs(("KRW-ETH",), 60, True, jobs, FakeOwner(), SlotTime(timer, FakeExchangeTime(timer)))
    timer.at += 30 * DAY
    await portfolio_jobs.catch_up()
    timer.at -= 29 * DAY
    await portfolio_jobs.catch_up()
    assert jobs.slots(ValuationDue)[-1] == jobs.slots(ReportDue)[-1] == "20260106T0000Z"


def test_the_newest_slot_that_has_come_is_believed():
    assert newest_credible([AT, AT + 3 * HOUR], AT + MINUTE) == AT
    assert newest_credible([AT + DAY], AT) is None
    assert newest_credible([AT + 30 * SECOND], AT) == AT + 30 * SECOND


def test_a_log_is_told_to_be_ahead_until_a_slot_of_now_follows():
    told = ahead("KRW-ETH", [AT, AT + DAY], AT)
    assert "KRW-ETH, 2026-01-06 03:00 UTC, lies in the future" in sentence(told, "en")
    assert ahead("KRW-ETH", [AT + DAY, AT], AT) is None
    assert ahead("KRW-ETH", [], AT) is None
