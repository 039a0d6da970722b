"""How long something has been so is measured by a clock that nobody sets."""

from datetime import timedelta

from services.clock.adapters.machine_time import MachineTime
from shared import clock
from shared.clock import SteadyClock
from shared.fixed_clock import FixedClock
from tests.support.builders import AT


async def test_it_counts_on_however_the_machines_clock_is_set(monkeypatch):
    machine, seconds = FixedClock(AT), [100.0]
    monkeypatch.setattr(clock, "SystemClock", lambda: machine)
    monkeypatch.setattr(clock, "monotonic", lambda: seconds[0])
    steady = SteadyClock()
    assert steady.now() == AT
    machine.at, seconds[0] = AT - timedelta(days=400), 160.0
    assert steady.now() == AT + timedelta(minutes=1)


async def test_a_clock_that_is_set_back_holds_up_nobody_who_waits():
    machine, seconds = FixedClock(AT), iter(range(0, 1000, 30))
    time = MachineTime(machine, lambda: float(next(seconds)))
    machine.at = AT
    waited = time.wait_until(AT + timedelta(seconds=45))
    machine.at = AT - timedelta(days=1)
    machine.now = iter([AT, *[AT - timedelta(days=1)] * 100]).__next__
    await waited
    assert next(seconds) == 90.0


async def test_a_machine_that_slept_wakes_by_its_clock():
    machine = FixedClock(AT)
    machine.now = iter([AT, AT + timedelta(hours=3)]).__next__
    await MachineTime(machine, lambda: 0.0).wait_until(AT + timedelta(hours=1))
