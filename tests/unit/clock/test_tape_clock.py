import asyncio
from datetime import timedelta

import pytest

from services.clock.handler import CycleStarter
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.slot_time import SlotTime
from services.clock.tape import OVER, TapeClock
from shared.events import ReportDue, ValuationDue
from shared.switch import DesiredJobState, DesiredState
from tests.support.builders import fill
from tests.support.clock_fakes import AT, EndsAtOnce, EndsNever, FakeJobs, FakeLog, FakeOwner, FakeTape, FakeTimer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def exchange() -> FakeTape:
    return FakeTape(AT - HOUR, first=AT - 500 * DAY, last=AT + 30 * DAY)


def tape(
    log, exchange, *, ends=None, owner=None, begin=AT, hours=3, markets=("KRW-ETH",), give_up_s=120.0, jobs=None
) -> TapeClock:
    owner = owner or FakeOwner()
    start = CycleStarter(log, owner, {}, "0123456789abcdef", "0.1.0+abc")
    ends = ends or EndsAtOnce(log)
    timer = FakeTimer()
    portfolio_jobs = PortfolioJobs(markets, 60, True, jobs or FakeJobs(), owner, SlotTime(timer))
    return TapeClock(markets, begin, hours, log, owner, start, exchange, ends, timer, portfolio_jobs, give_up_s)


async def test_each_hour_is_played_once_and_in_order(log, exchange):
    clock = tape(log, exchange)
    await clock.run()
    assert log.starts() == ["KRW-ETH-20260105T0300Z", "KRW-ETH-20260105T0400Z", "KRW-ETH-20260105T0500Z"]
    assert exchange.moves == [AT, AT + HOUR, AT + 2 * HOUR]


async def test_the_exchange_moves_on_only_after_every_markets_cycle_has_ended(log, exchange):
    seen = []

    class Watched(FakeTape):
        async def move(self, to):
            seen.append((to, sorted(log.starts()) == sorted(log.ended)))
            return await super().move(to)

    watched = Watched(AT - HOUR, first=exchange.first, last=exchange.last)
    await tape(log, watched, markets=("KRW-ETH", "KRW-BTC")).run()
    assert seen == [(AT, True), (AT + HOUR, True), (AT + 2 * HOUR, True)]
    assert len(log.ended) == 6


async def test_a_tape_that_is_over_says_so_in_the_heartbeat(log, exchange):
    clock = tape(log, exchange)
    await clock.run()
    assert (clock.job(None).next_run, clock.job(None).why) == (None, OVER)


async def test_a_restart_goes_on_where_the_tape_was(log, exchange):
    await tape(log, exchange, hours=2).run()
    exchange.moves.clear()
    await tape(log, exchange, hours=4).run()
    assert exchange.moves == [AT + 2 * HOUR, AT + 3 * HOUR]
    assert len(log.starts()) == 4


async def test_a_restart_waits_for_the_cycle_that_was_under_way(log, exchange):
    await tape(log, exchange, hours=1).run()
    log.ended.clear()
    ends = EndsAtOnce(log)
    await tape(log, exchange, hours=2, ends=ends).run()
    assert ends.order == ["KRW-ETH-20260105T0300Z", "KRW-ETH-20260105T0400Z"]


async def test_a_cycle_that_does_not_end_stops_the_tape(log, exchange):
    clock = tape(log, exchange, ends=EndsNever(), give_up_s=0)
    await clock.run()
    assert log.starts() == ["KRW-ETH-20260105T0300Z"]
    assert clock.job(None).say("en") == "the tape stopped: KRW-ETH-20260105T0300Z did not end within 0 s"
    assert clock.job(None).why == clock.stopped


async def test_an_hour_the_exchange_is_past_is_not_traded_with_later_prices(log, exchange):
    exchange.at, jobs = AT + 2 * HOUR, FakeJobs()
    await tape(log, exchange, hours=4, jobs=jobs).run()
    assert log.misses() == {"KRW-ETH-20260105T0300Z": "late", "KRW-ETH-20260105T0400Z": "late"}
    assert log.starts() == ["KRW-ETH-20260105T0500Z", "KRW-ETH-20260105T0600Z"]
    assert jobs.slots(ValuationDue) == ["20260105T0500Z", "20260105T0600Z"]


async def test_a_slot_whose_order_was_adopted_is_spent_and_the_tape_goes_on(log, exchange):
    log.said["KRW-ETH-20260105T0300Z"] = fill(cycle="KRW-ETH-20260105T0300Z")
    clock = tape(log, exchange, ends=EndsNever(), hours=1)
    await clock.run()
    assert (log.starts(), clock.job(None).why) == ([], OVER)


async def test_an_exchange_that_is_a_year_past_the_log_stops_the_tape_and_says_what_to_do(log, exchange):
    exchange.at = AT
    clock = tape(log, exchange, begin=AT - 365 * DAY)
    await clock.run()
    assert (log.starts(), log.misses()) == ([], {})
    assert "365 days past the hour that is next by the log" in clock.job(None).say("en")
    assert "choose another data folder (--data-dir)" in clock.job(None).say("en")


async def test_without_a_first_slot_the_tape_begins_400_days_in(log, exchange):
    early = FakeTape(exchange.first, first=exchange.first, last=exchange.last)
    await tape(log, early, begin=None, hours=1).run()
    assert early.moves == [exchange.first + 400 * DAY]


async def test_a_short_tape_begins_as_late_as_its_hours_allow(log):
    short = FakeTape(AT - 10 * DAY, first=AT - 10 * DAY, last=AT)
    await tape(log, short, begin=None, hours=3).run()
    assert short.moves == [AT - 3 * HOUR, AT - 2 * HOUR, AT - HOUR]


async def test_a_first_slot_outside_the_tape_is_named_with_what_the_tape_holds(log, exchange):
    clock = tape(log, exchange, begin=AT + 60 * DAY)
    await clock.run()
    assert "the tape runs from" in clock.job(None).say("en")
    assert exchange.moves == []


async def test_a_paused_tape_waits_and_misses_nothing(log, exchange):
    paused = DesiredState(status="paused", by="api")
    await tape(log, exchange, owner=FakeOwner(paused, paused, paused, DesiredState())).run()
    assert len(log.starts()) == 3
    assert log.misses() == {}


def test_a_paused_tape_shows_no_next_run(log, exchange):
    assert tape(log, exchange).job("paused").next_run is None


async def test_each_hour_of_a_tape_is_valued_after_its_cycles_and_a_day_of_it_reported_on(log, exchange):
    jobs = FakeJobs()
    clock = tape(log, exchange, begin=AT + 20 * HOUR, hours=3, jobs=jobs)
    await clock.run()
    assert jobs.slots(ValuationDue) == ["20260105T2300Z", "20260106T0000Z", "20260106T0100Z"]
    (report,) = [due for due in jobs.asked.values() if isinstance(due, ReportDue)]
    assert report.slot == "20260106T0000Z"
    assert (report.from_at, report.to_at) == (AT - 12 * HOUR, AT + 12 * HOUR)  # 5 January in Seoul


async def test_a_tape_goes_on_where_nobody_values_it(log, exchange):
    jobs = FakeJobs(answered=False)
    clock = tape(log, exchange, jobs=jobs)
    clock.portfolio_jobs.answer_s = 0.0
    await clock.run()
    assert len(log.starts()) == len(jobs.slots(ValuationDue)) == 3


async def test_a_tape_waits_while_its_trading_job_is_halted(log, exchange):
    owner = FakeOwner()
    owner.halted["trading_job"] = DesiredJobState(paused=True, by="api")
    clock = tape(log, exchange, owner=owner)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(clock.run(), 0.05)
    assert log.starts() == []
