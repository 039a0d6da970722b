"""A process that dies every time on one message leaves no cycle hanging."""

import asyncio
import json
import sys
import textwrap
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from shared.bus import topology
from shared.bus.last_delivery import ConsumerGone, LastDelivery, MessageGone
from shared.bus.namespace import Namespace, dead_place
from shared.events import CycleEnded
from shared.services import READERS
from shared.stage.stage import _cancelled
from tests.support.builders import CYCLE, decided, due, intent, snapshot
from tests.support.processes import environment
from tests.support.waiting import eventually

QUICK_S, TIMES = 0.2, 3
DIES = textwrap.dedent("""
    import asyncio, os, sys
    from shared.events import CycleEnded, SignalPassed, SnapshotTaken
    from shared.settings import Settings
    from shared.stage import Stage

    async def handler(snapshot: SnapshotTaken) -> SignalPassed:
        os._exit(9)

    async def main():
        stage = Stage("filter", Settings.load(nats_url=sys.argv[1]))
        stage.handle(handler)
        async with stage.running():
            await asyncio.sleep(60)

    asyncio.run(main())
""")


@pytest.fixture
def quick(monkeypatch):
    """The server gives up after three deliveries, half a second."""
    readers = {name: replace(reader, ack_wait_s=QUICK_S) for name, reader in READERS.items()}
    monkeypatch.setattr(topology, "READERS", readers)
    monkeypatch.setattr(topology, "SERVER_DELIVERIES_MAX", TIMES)


async def dies_each_time(js, reader):
    """Take a message as often as the server gives it, and never say a word about it."""
    sub = await js.pull_subscribe_bind(durable=reader, stream="EV")
    for _ in range(TIMES):
        await sub.fetch(1, timeout=5)
    with pytest.raises(TimeoutError):
        await sub.fetch(1, timeout=3 * QUICK_S)


@asynccontextmanager
async def last_deliveries_heard(log, js):
    task = asyncio.create_task(LastDelivery(log, lambda: js).run())
    try:
        yield
    finally:
        await _cancelled([task])


async def the_end(log):
    stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    return stored.event


async def test_its_cycle_ends_as_failed_and_the_message_is_put_aside(quick, js, log):
    await topology.apply(js, Namespace())
    await log.emit(due())
    await log.emit(snapshot())
    await dies_each_time(js, "filter")
    async with last_deliveries_heard(log, js):
        end = await the_end(log)
    assert (end.kind, end.stage, end.said) == ("CycleFailed", "filter", "the filter died at each of 3 deliveries")
    letter = await js.get_last_msg("DLQ", dead_place("filter", ">"))
    assert letter.headers["why"] == end.said
    assert letter.subject == dead_place("filter", snapshot().subject)


async def test_where_an_intent_lies_the_order_is_unresolved(quick, js, log):
    await topology.apply(js, Namespace())
    for event in (due(), *decided(), intent()):
        await log.emit(event)
    await dies_each_time(js, "executor")
    async with last_deliveries_heard(log, js):
        end = await the_end(log)
    assert (end.kind, end.client_order_id, end.decision) == ("OrderUnresolved", CYCLE, "buy")


async def test_a_real_process_that_dies_on_a_message_each_time_it_is_started_again(quick, server, js, log, tmp_path):
    await topology.apply(js, Namespace())
    await log.emit(due())
    await log.emit(snapshot())
    codes = []
    async with last_deliveries_heard(log, js):
        for _ in range(TIMES):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                DIES,
                server.url,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
                cwd=tmp_path,
            )
            codes.append(await process.wait())
        # The server notices at the next pull that the last one was in vain.
        sub = await js.pull_subscribe_bind(durable="filter", stream="EV")
        with pytest.raises(TimeoutError):
            await sub.fetch(1, timeout=3 * QUICK_S)
        end = await the_end(log)
    assert codes == [9] * TIMES
    assert end.kind == "CycleFailed"


async def test_one_that_ended_meanwhile_keeps_its_end(quick, js, log):
    from tests.support.builders import end

    await topology.apply(js, Namespace())
    for event in (due(), snapshot(), end("CycleRejected")):
        await log.emit(event)
    await dies_each_time(js, "filter")
    async with last_deliveries_heard(log, js):
        await eventually(lambda: _done(js))
    assert (await the_end(log)).kind == "CycleRejected"


async def _done(js):
    info = await js.consumer_info("ADV", topology.LAST_DELIVERY)
    return info.ack_floor.consumer_seq >= 1


async def test_a_consumer_that_is_gone_ends_the_process_instead_of_a_silent_wait(js, log):
    await js.delete_consumer("ADV", topology.LAST_DELIVERY)
    with pytest.raises(ConsumerGone, match="apply the topology"):
        await LastDelivery(log, lambda: js).run()


async def test_a_message_that_is_gone_from_the_log_is_named(js, log):
    said = {"stream_seq": 7, "consumer": "filter", "deliveries": 3}
    await js.publish("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.EV.filter", json.dumps(said).encode())
    with pytest.raises(MessageGone, match="message 7 was delivered 3 times to the filter and is gone from the log"):
        await LastDelivery(log, lambda: js).run()
