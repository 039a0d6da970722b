"""The database is down while the bot trades: real processes, a real PostgreSQL that is killed and comes back."""

import asyncio

import pytest
from pydantic import SecretStr

from infra.migrations.run import upgrade
from services.cli.commands.db import booked_from, differences
from services.clock.tape import OVER
from services.local.system import system
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.bus.switch import Switch
from shared.db import make_engine
from shared.events import CycleEnded
from shared.settings import Settings
from tests.support.postgres import own_server
from tests.support.processes import end_all
from tests.support.waiting import eventually

HOURS, BEFORE, AWAY_S = 40, 5, 60


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    end_all(tmp_path / "data")


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_minute_without_the_database_costs_no_cycle_and_no_row(folder, tmp_path):
    with own_server(sync=True) as server:
        settings = Settings.load(
            data_dir=folder, database_url=SecretStr(server.url), paper_clock="stepped", tape_hours=HOURS,
            gate_win_rate_min=0.3, gate_drawdown_max=0.6,
        )  # fmt: skip
        async with system(settings, api_port=None, say=lambda _: None) as running:
            await running.supervisor.start("clock")
            await ended(running, BEFORE)
            server.stop()
            back = asyncio.get_running_loop().time() + AWAY_S
            await ended(running, HOURS - BEFORE)  # it trades on without it, to the end
            switch = await Switch.open(running.nc.jetstream(), Namespace())
            await eventually(lambda: over(switch), within_s=30)
            await asyncio.sleep(max(0.0, back - asyncio.get_running_loop().time()))
            server.start()
            js = running.nc.jetstream()

            async def caught_up():
                info = await js.consumer_info("EV", "projection")
                return not info.num_pending and not info.num_ack_pending

            await eventually(caught_up, within_s=120)  # a delivery may wait a minute for its next try
            upgrade(address := f"sqlite:///{tmp_path / 'again.db'}")
            real, fresh = make_engine(server.url), make_engine(address)
            await booked_from(Records(running.nc, Namespace()), fresh)
            assert [line async for line in differences(real, fresh)] == []
            for engine in (real, fresh):
                await engine.dispose()


async def ended(running, cycles):
    while cycles:
        cycles -= isinstance(await asyncio.wait_for(running.heard.get(), 60), CycleEnded)


async def over(switch):
    beat = await switch.heartbeat()
    return beat is not None and beat.jobs[0].why == OVER
