from datetime import timedelta

import pytest

from services.clock.core.schedule import DueSlot
from services.clock.handler import CycleStarter
from services.clock.heartbeat import HeartbeatLoop
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.slot_time import SlotTime
from services.clock.wall import WallClock
from shared.errors import Transient
from shared.events import TradingDue
from shared.switch import DesiredJobState, DesiredState
from tests.support.clock_fakes import AT, FakeJobs, FakeLog, FakeOwner, FakeTimer

HOUR = timedelta(hours=1)


def starter(log: FakeLog, owner: FakeOwner | None = None) -> CycleStarter:
    return CycleStarter(log, owner or FakeOwner(), {"TRADING_AMOUNT": "50000"}, "0123456789abcdef", "0.1.0+abc")


def wall(log: FakeLog, timer: FakeTimer, *, owner: FakeOwner | None = None, markets=("KRW-ETH",)) -> WallClock:
    return WallClock(markets, 60, True, log, starter(log, owner), SlotTime(timer))


async def test_a_start_carries_what_is_to_decide():
    log = FakeLog()
    await starter(log)("KRW-ETH", DueSlot(AT))
    due = log.said["KRW-ETH-20260105T0300Z"]
    assert isinstance(due, TradingDue)
    assert due.settings == {"TRADING_AMOUNT": "50000"}
    assert (due.slot_at, due.settings_digest, due.code) == (AT, "0123456789abcdef", "0.1.0+abc")


async def test_every_market_gets_its_cycle_on_the_hour():
    log, timer = FakeLog(), FakeTimer()
    clock = wall(log, timer, markets=("KRW-ETH", "KRW-BTC"))
    assert (await clock.catch_up()).at == AT
    assert log.starts() == ["KRW-ETH-20260105T0300Z", "KRW-BTC-20260105T0300Z"]


@pytest.mark.parametrize("status", ["paused", "stopped"])
async def test_a_slot_while_the_bot_is_not_to_run_is_missed_with_that_reason(status):
    log = FakeLog()
    await wall(log, FakeTimer(), owner=FakeOwner(DesiredState(status=status, by="api"))).catch_up()
    assert log.misses() == {"KRW-ETH-20260105T0300Z": status}


async def test_a_bot_that_buys_nothing_more_gets_its_cycles_so_that_the_analyst_can_sell():
    log = FakeLog()
    await wall(log, FakeTimer(), owner=FakeOwner(DesiredState(status="exits-only", by="api"))).catch_up()
    assert log.starts() == ["KRW-ETH-20260105T0300Z"]


async def test_a_market_whose_last_cycle_has_not_ended_misses_its_slot_and_the_other_does_not():
    log, timer = FakeLog(), FakeTimer()
    clock = wall(log, timer, markets=("KRW-ETH", "KRW-BTC"))
    await clock.catch_up()
    log.ended.add("KRW-BTC-20260105T0300Z")
    timer.at += HOUR
    await clock.catch_up()
    assert log.misses() == {"KRW-ETH-20260105T0400Z": "previous_unfinished"}
    assert "KRW-BTC-20260105T0400Z" in log.starts()


async def test_a_market_trades_again_once_its_cycle_has_ended():
    log, timer = FakeLog(), FakeTimer()
    clock = wall(log, timer)
    await clock.catch_up()
    timer.at += HOUR
    await clock.catch_up()
    log.ended.add("KRW-ETH-20260105T0300Z")
    timer.at += HOUR
    await clock.catch_up()
    assert log.starts() == ["KRW-ETH-20260105T0300Z", "KRW-ETH-20260105T0500Z"]


async def test_after_a_restart_the_hours_in_between_are_recorded_as_late():
    log = FakeLog()
    await wall(log, FakeTimer(AT)).catch_up()
    log.ended.add("KRW-ETH-20260105T0300Z")
    await wall(log, FakeTimer(AT + 3 * HOUR)).catch_up()
    assert log.misses() == {"KRW-ETH-20260105T0400Z": "late", "KRW-ETH-20260105T0500Z": "late"}
    assert log.starts()[-1] == "KRW-ETH-20260105T0600Z"


async def test_a_first_start_between_two_slots_says_nothing_and_later_gaps_are_gaps():
    log, timer = FakeLog(), FakeTimer(AT + timedelta(minutes=20))
    clock = wall(log, timer)
    await clock.catch_up()
    assert log.said == {}
    timer.at = AT + 2 * HOUR
    await clock.catch_up()
    assert log.misses() == {"KRW-ETH-20260105T0400Z": "late"}


async def test_the_newest_slot_is_missed_if_recording_an_absence_took_longer_than_the_grace():
    class SlowLog(FakeLog):
        async def put(self, event):
            await super().put(event)
            timer.at += timedelta(seconds=45)

    log, timer = SlowLog(), FakeTimer(AT)
    await wall(log, timer).catch_up()
    log.ended.add("KRW-ETH-20260105T0300Z")
    timer.at = AT + 3 * HOUR
    await wall(log, timer).catch_up()
    assert log.misses()["KRW-ETH-20260105T0600Z"] == "late"


async def test_a_broker_that_is_away_for_a_moment_costs_no_slot():
    class Away(FakeOwner):
        failures = 3

        async def state(self):
            if self.failures:
                self.failures -= 1
                raise Transient("no answer")
            return DesiredState()

    class Stop(BaseException):
        pass

    class OneSlot(FakeTimer):
        async def wait_until(self, at):
            raise Stop

    log = FakeLog()
    with pytest.raises(Stop):
        await wall(log, OneSlot(), owner=Away()).run()
    assert log.starts() == ["KRW-ETH-20260105T0300Z"]


async def test_a_disabled_scheduler_starts_nothing_and_records_nothing():
    log = FakeLog()
    clock = WallClock(("KRW-ETH",), 60, False, log, starter(log), SlotTime(FakeTimer()))
    await clock.run()
    assert log.said == {}


def portfolio_jobs(owner, timer):
    return PortfolioJobs(("KRW-ETH",), 60, True, FakeJobs(), owner, SlotTime(timer))


async def test_a_slot_is_missed_while_the_trading_job_is_halted():
    log, owner = FakeLog(), FakeOwner()
    owner.halted["trading_job"] = DesiredJobState(paused=True, by="api")
    await wall(log, FakeTimer(), owner=owner).catch_up()
    assert log.misses() == {"KRW-ETH-20260105T0300Z": "paused"}


async def test_the_heartbeat_says_when_it_began_and_what_runs_next():
    owner, timer = FakeOwner(), FakeTimer(AT + timedelta(minutes=7))
    log = FakeLog()
    clock = wall(log, timer, owner=owner)
    await HeartbeatLoop(owner, timer, AT, 60, True, clock.job, portfolio_jobs(owner, timer)).beat()
    (beat,) = owner.beats
    assert (beat.at, beat.started_at, beat.interval_min) == (AT + timedelta(minutes=7), AT, 60)
    assert [(job.id, job.next_run) for job in beat.jobs] == [
        ("trading_job", AT + HOUR),
        ("portfolio_snapshot_job", AT + HOUR),
        ("daily_report_job", AT + 21 * HOUR),
    ]


async def test_a_start_with_the_scheduler_disabled_stops_the_bot():
    owner, timer = FakeOwner(), FakeTimer()
    await HeartbeatLoop(owner, timer, AT, 60, False, wall(FakeLog(), timer).job, portfolio_jobs(owner, timer)).begin()
    assert (await owner.state()).status == "stopped"
    assert (await owner.state()).by == "settings"
