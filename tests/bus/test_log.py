"""What the server itself enforces: published once, one end, no intent after a failure."""

import asyncio
import re

import pytest

from shared.bus.wire import Unreadable
from shared.events import (
    CycleEnded,
    CycleFailed,
    DecisionMade,
    FillRecorded,
    OrderFilled,
    OrderIntended,
    TradingDue,
)
from tests.support.builders import CYCLE, decision, due, end, fill, intent, missed, snapshot


async def test_an_event_is_stored_once_and_the_second_publisher_gets_the_first_ones(log, js):
    first = await log.emit(decision(decision="buy"))
    second = await log.emit(decision(decision="sell"))
    assert first.new
    assert not second.new
    assert second.event == decision(decision="buy")
    assert (await js.stream_info("EV")).state.messages == 1


async def test_of_twenty_publishers_at_once_one_is_stored(log, js):
    stored = await asyncio.gather(*(log.emit(snapshot(price=str(4_000_000 + n))) for n in range(20)))
    assert sum(s.new for s in stored) == 1
    assert len({s.event.price for s in stored}) == 1


async def test_what_is_not_there_loads_as_none(log):
    assert await log.load(DecisionMade.subject_of(CYCLE)) is None


async def test_a_subject_with_wildcards_loads_the_last_under_it(log):
    await log.emit(end("CycleFailed", stage="collector"))
    assert (await log.load(CycleEnded.places_of(CYCLE))).event.kind == "CycleFailed"


async def test_a_cycle_has_one_end_across_stages(log):
    first = await log.emit(end("CycleRejected"))
    second = await log.emit(end("CycleFailed", stage="analyst"))
    third = await log.emit(end("OrderSkipped"))
    assert first.new
    assert not second.new
    assert not third.new
    assert third.event.kind == "CycleRejected"


async def test_no_intent_after_a_failure(log):
    await log.emit(end("CycleFailed"))
    stored = await log.emit(intent())
    assert not stored.new
    assert isinstance(stored.event, CycleFailed)


async def test_no_failure_after_an_intent(log):
    stored = await log.emit(intent())
    failed = await log.emit(end("CycleFailed"))
    assert isinstance(failed.event, OrderIntended)
    assert failed.seq == stored.seq


async def test_an_end_after_an_intent_names_it_and_only_one_is_stored(log):
    stored = await log.emit(intent())
    filled = await log.emit(end("OrderFilled"), after=stored.seq)
    again = await log.emit(end("OrderUnresolved"), after=stored.seq)
    assert filled.new
    assert not again.new
    assert isinstance(again.event, OrderFilled)


async def test_a_fill_between_intent_and_end_does_not_disturb_them(log):
    stored = await log.emit(intent())
    await log.emit(fill())
    assert (await log.emit(end("OrderFilled"), after=stored.seq)).new


async def test_a_slot_is_started_or_missed_never_both(log):
    await log.emit(missed())
    stored = await log.emit(due())
    assert stored.event.kind == "CycleMissed"
    other = due(cycle="KRW-BTC-20260105T0300Z")
    assert (await log.emit(other)).new
    assert (await log.emit(missed(cycle=other.cycle))).event.kind == "TradingDue"


async def test_two_markets_do_not_share_their_ends(log):
    await log.emit(end("CycleRejected"))
    assert (await log.emit(end("CycleRejected", cycle="KRW-BTC-20260105T0300Z"))).new


async def test_rubbish_in_the_place_of_an_event_is_named_not_believed(log, js):
    await js.publish(decision().subject, b"{]")
    with pytest.raises(Unreadable, match=re.escape(decision().subject)):
        await log.emit(decision())


async def test_an_event_under_another_subject_is_not_believed(log, js):
    elsewhere = due(cycle="KRW-BTC-20260105T0300Z").subject
    await js.publish(elsewhere, due().model_dump_json().encode())
    with pytest.raises(Unreadable, match="belongs at"):
        await log.load(elsewhere)


async def test_the_body_holds_no_time_of_this_machine(log, js):
    await log.emit(due())
    message = await js.get_last_msg("EV", TradingDue.subject_of(CYCLE))
    assert message.data == due().model_dump_json().encode()
    assert "emitted-at" in message.headers


async def test_rubbish_among_the_fills_is_told_as_such_and_hides_no_other(log, js):
    await log.emit(fill())
    rubbish = fill(cycle="KRW-ETH-20260105T0400Z").subject
    await js.publish(rubbish, b"rubbish")
    await log.emit(fill(cycle="KRW-ETH-20260105T0500Z"))
    told = [found for _, found in await log.since(0, FillRecorded.places())]
    assert [getattr(found, "event", None) and found.event.slot for found in told] == [
        "20260105T0300Z",
        None,
        "20260105T0500Z",
    ]
    ((place, unreadable),) = await log.load_all([rubbish])
    assert (place, isinstance(unreadable, Unreadable)) == (rubbish, True)
