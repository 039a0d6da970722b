"""Paper and live never share an event log."""

import nats
import pytest

from services.executor.adapters.log_owner import must_be_ours
from services.executor.live import NotProved
from shared.bus import topology
from shared.bus.world import World
from shared.settings import Settings
from shared.stage import Stage
from tests.support.builders import due
from tests.support.waiting import eventually


async def test_the_first_cycle_says_whose_log_it_is_for_good(server):
    nc = await nats.connect(server.url)
    js, world = nc.jetstream(), World()
    await topology.apply(js, world)
    await must_be_ours(js, world, "live")  # nothing was traded here yet
    stage = Stage("filter", Settings.load(nats_url=server.url), on_fatal=lambda code, why: None)
    async with stage.running():
        for hour, mode in (("03", "paper"), ("04", "live")):
            cycle = f"KRW-ETH-20260105T{hour}00Z"
            event = due(cycle=cycle, settings={"TRADING_MODE": mode})
            await stage.log.emit(event)
            await eventually(lambda event=event: stage.log.load(event.subject))
    await must_be_ours(js, world, "paper")
    with pytest.raises(NotProved, match="TRADING_MODE=live is refused: the event log at this broker holds paper"):
        await must_be_ours(js, world, "live")
    await nc.close()


async def test_what_a_check_before_the_first_message_raises_keeps_the_stage_from_starting(server):
    async def no():
        raise NotProved("not today")

    nc = await nats.connect(server.url)
    await topology.apply(nc.jetstream(), World())
    stage, heard = Stage("filter", Settings.load(nats_url=server.url), on_fatal=lambda code, why: None), []

    async def hear(stored):
        heard.append(stored)

    stage.receive(hear)
    stage.before(no)
    with pytest.raises(NotProved, match="not today"):
        async with stage.running():
            pass
    assert heard == []
    await nc.close()
