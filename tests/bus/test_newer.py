"""A stage that meets what a newer version wrote ends with one sentence; the cycle is left for the newer version."""

import asyncio
import json
from pathlib import Path

import pytest
from nats.js.errors import NotFoundError

from services.collector.adapters.event_memory import EventMemory
from services.executor.adapters.order_log import EventOrderLog
from services.executor.core import position
from shared.bus.last_delivery import LastDelivery
from shared.bus.namespace import DEAD, Namespace
from shared.bus.records import Records
from shared.bus.waiting import must_be_known
from shared.bus.wire import Unreadable, encode
from shared.errors import NEWER, Newer
from shared.events import KINDS, CycleEnded, FillRecorded
from shared.settings import Settings
from shared.stage import Stage
from tests.bus.test_stage import FakeFilter, a_stage
from tests.support.builders import CYCLE, control, due, fill, intent, passed, settled, snapshot
from tests.support.waiting import eventually

HOURS = Path(__file__).parents[1] / "golden" / "hours"
PLACE = CycleEnded.places_of(CYCLE)


def later(event, **changes):
    """The event as the next version of Upcycle writes it."""
    return json.dumps(json.loads(encode(event)) | {"schema_number": 2, "decides": "1"} | changes).encode()


async def none_dead(js):
    with pytest.raises(NotFoundError):
        await js.get_last_msg("DLQ", DEAD)


@pytest.mark.parametrize("changes", [{}, {"kind": "SnapshotSized", "schema_number": 1}])
async def test_a_stage_that_meets_it_ends_with_a_sentence_and_leaves_the_cycle_as_it_is(server, js, log, changes):
    fatal, handler = [], FakeFilter()
    async with a_stage(server, handler, fatal=fatal).running():
        await log.emit(due())
        await js.publish(snapshot().subject, later(snapshot(), **changes))
        await eventually(lambda: fatal)
    (code, why), *_ = fatal
    assert code == NEWER
    assert "upgrade this service" in why
    assert snapshot().subject in why
    assert handler.calls == 0
    assert await log.load(PLACE) is None
    await none_dead(js)


async def test_started_again_it_ends_before_the_message_is_delivered_once_more(server, js, log):
    await js.publish(snapshot().subject, later(snapshot()))
    fatal = []
    async with a_stage(server, FakeFilter(), fatal=fatal).running():
        await eventually(lambda: fatal)
    for _ in range(3):
        fatal.clear()
        with pytest.raises(Newer):
            async with a_stage(server, FakeFilter(), fatal=fatal).running():
                pass
        assert [code for code, _ in fatal] == [NEWER]
    assert (await js.consumer_info("EV", "filter")).delivered.consumer_seq == 1


async def test_a_newer_version_goes_on_with_what_an_older_one_left(server, js, log):
    await js.publish(snapshot().subject, encode(snapshot()))
    sub = await js.pull_subscribe_bind(durable="filter", stream="EV")
    (message,) = await sub.fetch(1)  # delivered to an older version, which ended
    await must_be_known(js._nc, Namespace(), "filter")
    await message.nak()
    async with a_stage(server, FakeFilter()).running():
        await eventually(lambda: log.load(passed().subject))


async def test_what_waits_and_is_rubbish_keeps_no_stage_from_starting(server, js, log):
    await js.publish(snapshot().subject, b"rubbish")
    sub = await js.pull_subscribe_bind(durable="filter", stream="EV")
    await sub.fetch(1)
    await must_be_known(js._nc, Namespace(), "filter")


async def test_a_reader_of_results_buries_none_of_it_either(server, js, log):
    fatal, stage = [], None
    settings = Settings.load(nats_url=server.url)
    stage = Stage("notifier", settings, on_fatal=lambda code, why: fatal.append(code))

    async def receive(_):
        raise AssertionError("nobody can read it")

    stage.receive(receive)
    async with stage.running():
        await js.publish(control().subject, b'{"kind": "WishGiven", "schema_number": 1}')
        await eventually(lambda: fatal)
    assert fatal[0] == NEWER
    await none_dead(js)


async def test_the_last_delivery_of_a_newer_message_ends_no_cycle(server, js, log):
    await log.emit(due())
    ack = await js.publish(snapshot().subject, later(snapshot()))
    told = json.dumps({"stream_seq": ack.seq, "consumer": "filter", "deliveries": 10}).encode()
    await js.publish("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.EV.filter", told)
    with pytest.raises(Newer, match="upgrade this service"):
        await asyncio.wait_for(LastDelivery(log, lambda: js).run(), 20)
    assert await log.load(PLACE) is None
    await none_dead(js)


async def test_an_executor_counts_no_position_out_of_a_log_it_does_not_know(js, log):
    await log.emit(fill())
    await js.publish(intent(cycle="KRW-BTC-20260105T0400Z").subject, later(intent(cycle="KRW-BTC-20260105T0400Z")))
    with pytest.raises(Newer):
        await EventOrderLog(log).ledger()


@pytest.mark.parametrize("event", [intent(), fill(), settled()])
async def test_an_order_record_nobody_can_read_blocks_its_market_and_no_other(js, log, event):
    await js.publish(event.subject, b"rubbish")
    ledger = await EventOrderLog(log).ledger()
    assert ledger.unreadable_in("KRW-ETH") == event.cycle
    assert ledger.unreadable_in("KRW-BTC") is None


async def test_people_may_still_look_at_a_newer_log(js, log):
    await log.emit(due())
    await js.publish(snapshot().subject, later(snapshot()))
    found = [line async for line in Records(js._nc, Namespace()).after(0)]
    assert isinstance(found[1], Unreadable)
    assert found[1].newer
    assert "upgrade this service" in (await Records(js._nc, Namespace()).cycle(due().cycle)).unreadable[0]


@pytest.mark.parametrize("name", ["buy", "sell"])
async def test_todays_services_go_on_with_an_older_log(js, log, name):
    """The recorded hours are from before there were schema numbers."""
    fills = []
    for body in (HOURS / f"{name}.jsonl").read_bytes().splitlines():
        told = json.loads(body)
        assert "schema_number" not in told
        event = KINDS[told["kind"]].model_validate_json(body)
        await js.publish(event.subject, body)
        fills += [event] if isinstance(event, FillRecorded) else []
    ledger = await EventOrderLog(log).ledger()
    assert ledger.held(fills[-1].market) == fills[-1].position
    assert (ledger.open, ledger.stuck, ledger.unreadable) == ({}, {}, {})
    remembered = await EventMemory(log, 60).position(fills[-1].market)
    assert (remembered or position.NOTHING).volume == fills[-1].position.volume
    read = [line async for line in Records(js._nc, Namespace()).after(0)]
    assert not [line for line in read if isinstance(line, Unreadable)]
