"""The broker's files put back from an older copy: under running services, and between two runs of the executor."""

import shutil
from contextlib import asynccontextmanager

import nats
import pytest

from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adopt import Adopter
from services.executor.app import wire
from services.local.nats_server import NatsServer
from shared.bus import topology
from shared.bus.broker import RESTORED
from shared.bus.memory import LogRestored, LogTrouble
from shared.bus.namespace import Namespace
from shared.clock import SystemClock
from shared.events import CycleEnded
from shared.events.control import control_id
from shared.settings import Settings
from shared.stage import Stage
from shared.switch import DesiredState
from tests.support.builders import control, decided, due, snapshot
from tests.support.fake_exchange import FakeExchange, FakePace
from tests.support.waiting import eventually


class House:
    """A broker with a copy of its files, an exchange, and the executor's folder."""

    def __init__(self, folder):
        self.folder, self.server, self.exchange = folder, NatsServer(folder / "nats", sync="2m"), FakeExchange()
        self.journal = Journal(folder / "executor")
        self.fatal = []

    @asynccontextmanager
    async def running(self, name="executor"):
        settings = Settings.load(nats_url=self.server.url, data_dir=self.folder)
        stage = Stage(name, settings, on_fatal=lambda code, why: self.fatal.append((name, code, why)))
        if name == "executor":
            self.books = wire(stage, settings, self.exchange, FakePace())
        async with stage.running():
            yield stage

    async def decide(self, stage, hour, side="buy"):
        cycle = f"KRW-ETH-20260105T{hour:02}00Z"
        for event in (due(cycle=cycle), snapshot(cycle=cycle), *decided(cycle=cycle, decision=side)):
            await stage.log.emit(event)
        return (await eventually(lambda: stage.log.load(CycleEnded.places_of(cycle)))).event

    def copy(self):
        self.server.stop()
        shutil.copytree(self.folder / "nats", self.folder / "copy")
        self.server.start()

    def put_back(self):
        self.server.kill()
        shutil.rmtree(self.folder / "nats")
        shutil.copytree(self.folder / "copy", self.folder / "nats")
        self.server.start()

    async def resume(self, stage):
        """As the backend does at the owner's word."""
        at, switch = SystemClock().now(), await stage.switch()
        given = control(command="resume", id=control_id(at), at=at)
        await stage.log.emit(given, after=await switch.log.end())
        await switch.change(lambda _: DesiredState(status="running", by="owner", at=at, command="resume"))

    async def status(self, stage):
        return (await (await stage.switch()).state()).status


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path)
    house.server.start()
    nc = await nats.connect(house.server.url)
    await topology.apply(nc.jetstream(), Namespace())
    await nc.close()
    yield house
    house.server.stop()


async def test_services_that_run_live_through_a_restart_and_end_over_an_older_copy(house):
    async with house.running() as executor, house.running("clock") as clock:
        await house.decide(executor, 1)
        house.copy()
        await eventually(lambda: answers(clock))
        assert (await house.decide(clock, 2)).kind == "OrderFilled"
        assert house.fatal == []

        house.put_back()
        told = await eventually(lambda: len({name for name, _, _ in house.fatal}) == 2 and house.fatal)
        with pytest.raises(LogRestored, match="put back from an older copy"):
            await house.decide(executor, 3, "sell")
    assert {code for _, code, _ in told} == {RESTORED}
    assert len(house.exchange.requests) == 2
    assert house.journal.read().behind is not None


async def answers(stage):
    try:
        return await stage.log.reach()
    except LogTrouble:
        return None


async def test_an_executor_that_was_down_starts_paused_says_what_is_forgotten_and_waits_for_a_person(house):
    async with house.running() as executor:
        await house.decide(executor, 1)
    house.copy()
    async with house.running() as executor:
        last = await house.decide(executor, 2)
    house.put_back()
    held = house.journal.read().held("KRW-ETH")

    async with house.running() as executor:
        assert await house.status(executor) == "paused"
        assert b"\nlog_restored 1.0" in executor.metrics.render()
        told = log_rollback.rollback_text(house.journal.read(), house.journal.read().behind.why)
        assert f"the last fill is that of {last.cycle}" in told
        assert f"the bot holds {held.volume} of KRW-ETH; no order leaves before you have said: upcycle adopt" in told

        await house.resume(executor)  # not enough
        denied = await house.decide(executor, 3)
        assert (denied.kind, denied.reason_code) == ("OrderDenied", "BOT_PAUSED")
        assert house.journal.read().held("KRW-ETH") == held  # the log does not teach it its own loss

        adopter = Adopter(house.exchange, EventOrderLog(executor.log), house.books.compare)
        assert [event.cycle for event in await adopter.found()] == [last.cycle]
        await adopter(last.cycle, by="owner", at=SystemClock().now())
        await log_rollback.accept(executor.log, house.journal, by="owner", at=SystemClock().now())
        bought = await house.decide(executor, 4)
        assert bought.kind == "OrderFilled", bought.reason
    assert house.journal.read().behind is None
    assert house.journal.read().held("KRW-ETH").volume > held.volume
    assert len(house.exchange.requests) == 3

    async with house.running() as executor:  # what was accepted is not told again
        assert b"\nlog_restored 0.0" in executor.metrics.render()
