"""The log as people read it, over a real broker: cycles, dead letters, missed hours."""

from datetime import timedelta

import pytest

from shared.bus.dead_letters import DROPPED, DeadLetters
from shared.bus.namespace import Namespace, dead_place
from shared.bus.records import Records
from shared.bus.stream import NoStream
from shared.events import SnapshotTaken, TradingDue
from shared.reason import Reason
from shared.types import cycle_id
from tests.support.builders import AT, CYCLE, decision, due, end, missed, passed, settled, snapshot

HOUR = timedelta(hours=1)


@pytest.fixture
def records(js):
    return Records(js._nc, Namespace())


LETTER = dead_place("collector", due().subject)


async def bury(js, *, subject=LETTER, why="HistoryMissing: gone", seq=1):
    headers = {"why": why, "stage": subject.split(".")[1], "seq": str(seq), "deliveries": "5"}
    return (await js.publish(subject, b'{"kind":"TradingDue"}', headers=headers)).seq


async def test_a_cycle_is_read_in_the_order_it_happened(log, records):
    for event in (due(), snapshot(), passed(), decision(), end("OrderSkipped")):
        await log.emit(event)
    await log.emit(due(cycle=cycle_id("KRW-BTC", AT)))
    record = await records.cycle(CYCLE)
    assert [entry.event.kind for entry in record.entries] == [
        "TradingDue", "SnapshotTaken", "SignalPassed", "DecisionMade", "OrderSkipped",
    ]  # fmt: skip
    assert record.faults == record.unreadable == ()
    assert await records.last_started() == cycle_id("KRW-BTC", AT)
    assert await records.last_started("KRW-ETH") == CYCLE


async def test_an_empty_log_holds_no_cycle(records):
    assert (await records.cycle(CYCLE)).entries == ()
    assert await records.last_started() is None
    assert await records.missed(["KRW-ETH"], AT, 60) == []


async def test_a_broker_without_the_log_is_told_in_one_sentence(server, js):
    await js.delete_stream("EV")
    with pytest.raises(NoStream, match="the broker has no stream EV; apply the topology first"):
        await Records(js._nc, Namespace()).cycle(CYCLE)


async def test_what_nobody_can_read_is_named_and_the_rest_is_told(log, js, records):
    await log.emit(due())
    await js.publish(SnapshotTaken.subject_of(CYCLE), b'{"kind":"SnapshotTaken","from":"another version"}')
    record = await records.cycle(CYCLE)
    assert [entry.event.kind for entry in record.entries] == ["TradingDue"]
    assert f"{SnapshotTaken.subject_of(CYCLE)}: SnapshotTaken.cycle: Field required" in record.unreadable[0]


async def test_the_dead_letters_of_a_cycle_are_its_faults(js, records):
    id = await bury(js)
    await bury(js, subject=dead_place("notifier", end("OrderSkipped").subject), why="Unreadable: ?")
    await bury(js, subject=dead_place("collector", due(cycle="KRW-BTC-20260105T0300Z").subject))
    faults = (await records.cycle(CYCLE)).faults
    assert [(fault.stage, fault.why, fault.deliveries) for fault in faults] == [
        ("collector", "HistoryMissing: gone", 5), ("notifier", "Unreadable: ?", 5),
    ]  # fmt: skip
    assert faults[0].id == id


async def test_a_dropped_letter_leaves_a_record_of_who_and_why(js):
    letters = DeadLetters(js._nc, Namespace())
    letter = await letters.get(await bury(js))
    await letters.drop(letter, why="the file is back", by="kim", at=AT)
    assert await letters.get(letter.id) is None
    assert [left async for left in letters.all()] == []
    record = (await js.get_last_msg("DLQ", f"{DROPPED}.{letter.id}")).data.decode()
    assert '"why": "the file is back", "by": "kim"' in record
    assert '"cycle": "KRW-ETH-20260105T0300Z"' in record


async def test_letters_are_counted_from_a_time_on_and_drops_are_not(js):
    letters = DeadLetters(js._nc, Namespace())
    first = await letters.get(await bury(js))
    for hour in ("04", "05"):
        await bury(js, subject=dead_place("collector", due(cycle=f"KRW-ETH-20260105T{hour}00Z").subject))
    await letters.drop(first, why="seen", by="kim", at=AT)
    assert await letters.since(first.at - HOUR) == 2
    assert await letters.since(first.at + HOUR) == 0


async def test_every_missed_hour_has_its_cause(log, records):
    def at(hour):
        return cycle_id("KRW-ETH", AT + hour * HOUR)

    for event in (
        due(), end("OrderSkipped"),
        missed(cycle=at(1), reason="paused", detail="paused by api", reason_code="", figures=()),
        due(cycle=at(3)), snapshot(cycle=at(3)),
        due(cycle=at(4)), end("CycleFailed", cycle=at(4)),
        due(cycle=at(5)),
    ):  # fmt: skip
        await log.emit(event)
    found = await records.missed(["KRW-ETH"], AT + 5 * HOUR + timedelta(minutes=5), 60)
    assert [(slot.cycle, slot.cause) for slot in found] == [
        (at(1), "paused"),
        (at(2), "no_clock"),
        (at(3), "unfinished"),
    ]
    assert found[0].more == Reason("", text="paused by api")


async def test_a_slot_whose_order_was_adopted_was_traded(log, records):
    """The log forgot it: no start of it is there any more, or it says that nobody was there to start it."""
    forgotten, late, begun = (cycle_id("KRW-ETH", AT + hour * HOUR) for hour in (1, 2, 3))
    for event in (
        due(), end("OrderSkipped"), missed(cycle=late), due(cycle=begun),
        settled(cycle=forgotten), settled(cycle=late), settled(cycle=begun),
    ):  # fmt: skip
        await log.emit(event)
    found = await records.missed(["KRW-ETH"], AT + 4 * HOUR + timedelta(minutes=1), 60)
    assert [(slot.cycle, slot.cause) for slot in found] == [(begun, "unfinished")]


async def test_on_a_tape_the_newest_slot_stands_for_now(log, records):
    for hour in (0, 2):
        await log.emit(due(cycle=cycle_id("KRW-ETH", AT + hour * HOUR)))
        await log.emit(end("OrderSkipped", cycle=cycle_id("KRW-ETH", AT + hour * HOUR)))
    found = await records.missed(["KRW-ETH"], AT + 9000 * HOUR, 60, tape=True)
    assert [slot.slot_at for slot in found] == [AT + HOUR]


async def test_reading_goes_on_behind_a_place_over_many_batches(log, records):
    for hour in range(300):
        await log.emit(due(cycle=cycle_id("KRW-ETH", AT + hour * HOUR)))
    assert [stored.seq async for stored in records.after(0)] == list(range(1, 301))
    assert [stored.seq async for stored in records.after(290)] == list(range(291, 301))
    assert await records.end() == 300


async def test_an_event_says_in_which_delivery_it_was_made(server, log, records):
    from shared.bus.broker import make_broker, subscribe
    from shared.errors import Transient
    from tests.support.waiting import eventually

    broker, own = make_broker(server.url, name="collector", namespace=Namespace())
    tries = []

    async def stubborn(stored):
        tries.append(stored)
        if len(tries) == 1:
            raise Transient("not yet")
        await own.emit(snapshot())

    subscribe(broker, Namespace(), "collector", stubborn)
    async with broker:
        await broker.start()
        await log.emit(due())
        await eventually(lambda: log.load(snapshot().subject))
    record = await records.cycle(CYCLE)
    assert [(type(entry.event) is TradingDue, entry.delivery) for entry in record.entries] == [(True, 1), (False, 2)]
