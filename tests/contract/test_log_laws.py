"""The log in memory that tests use keeps the laws of the real one."""

import asyncio

import nats
import pytest

from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.events import CycleEnded, CycleFailed, Event, FillRecorded, OrderFilled, OrderIntended
from tests.support.builders import CYCLE, decision, due, end, fill, intent, missed, snapshot
from tests.support.memory_log import MemoryLog

OTHER = "KRW-BTC-20260105T0300Z"


@pytest.fixture(params=["memory", "nats"])
async def log(request, server):
    if request.param == "memory":
        yield MemoryLog()
        return
    nc = await nats.connect(server.url)
    await topology.apply(nc.jetstream(), Namespace())
    broker, events = make_broker(server.url, name="test", namespace=Namespace())
    await broker.connect()
    yield events
    await broker.stop()
    await nc.close()


async def test_what_is_stored_first_stays_and_everyone_else_gets_it(log):
    first = await log.emit(decision(decision="buy"))
    second = await log.emit(decision(decision="sell"))
    assert (first.new, second.new) == (True, False)
    assert second.event == decision(decision="buy")
    assert second.seq == first.seq


async def test_of_many_at_once_one_is_stored(log):
    stored = await asyncio.gather(*(log.emit(snapshot(price=str(4_000_000 + n))) for n in range(5)))
    assert sum(s.new for s in stored) == 1
    assert len({s.event.price for s in stored}) == 1


async def test_nothing_is_none_and_a_wildcard_is_the_last(log):
    assert await log.load(CycleEnded.places_of(CYCLE)) is None
    await log.emit(fill(cycle="KRW-ETH-20260105T0200Z"))
    await log.emit(fill(cycle=CYCLE))
    await log.emit(fill(cycle=OTHER))
    assert (await log.load(FillRecorded.places(market="KRW-ETH"))).event.cycle == CYCLE
    assert (await log.load(Event.SUBJECT)).event.cycle == OTHER


async def test_one_end_across_stages(log):
    await log.emit(end("CycleRejected"))
    assert (await log.emit(end("CycleFailed", stage="analyst"))).event.kind == "CycleRejected"
    assert (await log.emit(end("OrderSkipped"))).event.kind == "CycleRejected"
    assert (await log.emit(end("CycleRejected", cycle=OTHER))).new


async def test_an_intent_and_a_failure_exclude_each_other(log):
    await log.emit(end("CycleFailed"))
    assert isinstance((await log.emit(intent())).event, CycleFailed)
    first = await log.emit(intent(cycle=OTHER, client_order_id=OTHER))
    late = await log.emit(end("CycleFailed", cycle=OTHER))
    assert isinstance(late.event, OrderIntended)
    assert late.seq == first.seq


async def test_an_end_follows_its_intent_once_and_a_fill_between_them_does_not_disturb(log):
    intended = await log.emit(intent())
    await log.emit(fill())
    assert (await log.emit(end("OrderFilled"), after=intended.seq)).new
    again = await log.emit(end("OrderUnresolved"), after=intended.seq)
    assert not again.new
    assert isinstance(again.event, OrderFilled)


async def test_an_end_that_ignores_the_intent_gets_the_intent(log):
    await log.emit(intent())
    there = await log.emit(end("OrderSkipped"))
    assert (there.new, there.event.kind) == (False, "OrderIntended")


async def test_an_intent_a_second_time_after_the_end_is_not_new(log):
    intended = await log.emit(intent())
    await log.emit(end("OrderFilled"), after=intended.seq)
    again = await log.emit(intent())
    assert not again.new
    assert again.event.kind in {"OrderIntended", "OrderFilled"}


async def test_a_slot_is_started_or_missed(log):
    await log.emit(missed())
    assert (await log.emit(due())).event.kind == "CycleMissed"


async def test_what_came_since_a_place_is_of_its_kind_alone_and_in_order(log):
    first = await log.emit(fill(cycle="KRW-ETH-20260105T0200Z"))
    await log.emit(decision())
    later = [await log.emit(fill(cycle=cycle)) for cycle in (OTHER, CYCLE)]
    found = await log.since(first.seq, FillRecorded.places())
    assert [(seq, told.event.cycle) for seq, told in found] == [(s.seq, s.event.cycle) for s in later]
    assert await log.since(later[-1].seq, FillRecorded.places()) == []
    assert len(await log.since(0, FillRecorded.places())) == 3


async def test_the_last_of_many_places_is_told_with_each_place(log):
    ends = (end("CycleRejected"), end("OrderSkipped", cycle=OTHER))
    for event in (*ends, fill()):
        await log.emit(event)
    places = [CycleEnded.places_of(cycle) for cycle in (CYCLE, OTHER, "KRW-X-20260105T0300Z")]
    found = await log.load_all(places)
    assert [(subject, stored.event) for subject, stored in found] == [(event.subject, event) for event in ends]
