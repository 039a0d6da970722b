"""Real hours with every service its own process, of which some are killed: the log is the same to the byte."""

import asyncio
import os
import signal
from decimal import Decimal

import pytest

from services.local.chain import chain
from services.local.system import system
from services.paper.app import create_exchange
from shared.events import CycleEnded, CycleMissed, Event, FillRecorded, ReportReady
from shared.services import PIPELINE, READERS
from tests.pipeline.test_hours import LOOSE, stepped
from tests.support.checkers import (
    assert_balances_add_up,
    assert_each_started_cycle_ended_once,
    assert_one_order_for_each_cycle,
    bodies,
    events,
    of_the_tape,
    until_over,
)
from tests.support.processes import end_all

BUYS_LATE = "2024-08-07T17:00Z"  # in its third hour
# Where it hurts: each stage with its message in hand, the executor with an order filled and its cycle not ended.
MOMENTS = {stage: READERS[stage].hears for stage in PIPELINE} | {"executor": (FillRecorded,)}


@pytest.fixture
def folders(tmp_path):
    yield tmp_path / "whole", tmp_path / "killed"
    end_all(tmp_path / "killed")


async def undisturbed(settings):
    async with chain(settings) as running:
        async for _ in running.events(settings.tape_hours * len(settings.markets)):
            pass
        await until_over(running.js)
        return await bodies(running.js)


async def killed(settings, stages):
    """Play the hours in processes; kill each stage once, at its moment, one after the other."""
    said = []
    left, victims = settings.tape_hours * len(settings.markets), list(stages)
    async with system(settings, api_port=None, say=said.append) as running:
        watch = asyncio.ensure_future(running.supervisor.watch())
        await running.supervisor.start("clock")
        try:
            while left:
                event = await asyncio.wait_for(running.heard.get(), 60)
                left -= isinstance(event, CycleEnded | CycleMissed)
                if victims and isinstance(event, MOMENTS[victims[0]]) and left < settings.tape_hours * 2 - 2:
                    os.kill(running.supervisor.children[victims.pop(0)].process.pid, signal.SIGKILL)
            await until_over(running.nc.jetstream())
        finally:
            watch.cancel()
        found, dead = await bodies(running.nc.jetstream()), await bodies(running.nc.jetstream(), "DLQ")
    assert victims == []
    assert [line.split()[:5] for line in said] == [[name, "ended", "with", "code", "-9"] for name in stages]
    assert dead == []
    return found


async def compare(data_dir, folders, stages, start, hours):
    whole, cut = folders
    asked = {"start": start, "hours": hours, **LOOSE}
    expected = await undisturbed(stepped(data_dir, whole, **asked))
    settings = stepped(data_dir, cut, **asked)
    # The chain in one process has no backend, which makes the reports.
    reports = ReportReady.trunk().removesuffix(">")
    found = [one for one in await killed(settings, stages) if not one[0].startswith(reports)]
    log: list[Event] = events(found)
    exchange = create_exchange(settings)  # out of the journal that the killed world's exchange left
    try:
        assert_each_started_cycle_ended_once(log)
        assert_one_order_for_each_cycle(log, exchange)
        assert_balances_add_up(log, exchange, Decimal(settings.paper_balance_krw))
    finally:
        exchange.close()
    assert {type(e) for e in log} >= {FillRecorded}
    assert [subject for subject, _ in found] == [subject for subject, _ in expected]
    assert of_the_tape(found) == of_the_tape(expected)


async def test_an_analyst_and_an_executor_killed_midway_change_no_byte(data_dir, folders):
    await compare(data_dir, folders, ["analyst", "executor"], BUYS_LATE, 4)


@pytest.mark.slow
@pytest.mark.parametrize("stage", MOMENTS)
async def test_any_stage_killed_midway_changes_no_byte_of_48_hours(data_dir, folders, stage):
    await compare(data_dir, folders, [stage], "2024-08-07T06:00Z", 48)
