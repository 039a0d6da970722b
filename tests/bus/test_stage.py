"""A stage on a real server: once, retried, buried, kept alive, handed over."""

import asyncio
import json
from dataclasses import replace

import pytest
from nats.js.errors import NotFoundError

from services.notifier.core import messages
from shared.bus import topology
from shared.bus.dead_letters import DeadLetters
from shared.bus.namespace import DEAD, Namespace, dead_place
from shared.bus.switch import Switch
from shared.bus.wire import encode
from shared.catalogue import sentence
from shared.errors import Permanent, Transient
from shared.events import CycleEnded, CycleRejected, DecisionMade, SignalPassed, SignalRejected, SnapshotTaken
from shared.refusals import with_code
from shared.services import READERS
from shared.settings import Settings
from shared.stage import NotReady, Stage, signature
from shared.switch import DesiredState
from shared.wiring import Miswired
from tests.support.builders import AT, CYCLE, control, decision, due, end, intent, passed, rejected, snapshot
from tests.support.twice import Twice
from tests.support.waiting import eventually

QUICK = {"filter": replace(READERS["filter"], ack_wait_s=2.0)}


class FakeFilter:
    """Answers every snapshot with what it is told to, and counts its calls."""

    def __init__(self, answer=None, faults=(), takes_s=0.0):
        self.answer = answer or passed()
        self.faults = list(faults)
        self.takes_s = takes_s
        self.calls = 0

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed | SignalRejected:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        await asyncio.sleep(self.takes_s)
        return self.answer


def a_stage(server, handler, *, follow=lambda _: None, prefix="", parallel=1, fatal=None, name="filter", **options):
    settings = Settings.load(nats_url=server.url, subject_prefix=prefix)
    fatal = fatal if fatal is not None else []
    stage = Stage(name, settings, on_fatal=lambda code, why: fatal.append((code, why)), **options)
    stage.handle(handler, follow=follow, parallel=parallel)
    return stage


def ended(signal):
    if isinstance(signal, SignalRejected):
        return end("CycleRejected", cycle=signal.cycle)
    return None


async def dead(js):
    try:
        message = await js.get_last_msg("DLQ", DEAD)
    except NotFoundError:
        return None
    return message


async def test_one_snapshot_becomes_one_signal_however_often_it_is_delivered(server, js, log):
    handler = FakeFilter()
    async with a_stage(server, handler).running():
        await log.emit(snapshot())
        await eventually(lambda: log.load(passed().subject))
        await js.delete_consumer("EV", "filter")  # forgets what was acknowledged: everything comes again
    await topology.apply(js, Namespace())
    async with a_stage(server, handler).running():
        await eventually(lambda: acknowledged(js, 1))
    assert handler.calls == 1


async def test_a_reader_made_anew_answers_no_cycle_that_has_ended_and_each_that_has_not(server, js, log):
    """As a new stage's on an older log: it hears the log from its beginning."""
    older, open_ = "KRW-ETH-20260105T0200Z", CYCLE
    for cycle in (older, open_):
        await log.emit(snapshot(cycle=cycle))
    await log.emit(end("OrderSkipped", cycle=older))
    handler = FakeFilter()
    async with a_stage(server, handler).running():
        await eventually(lambda: acknowledged(js, 2))
        assert [cycle for cycle in (older, open_) if await log.load(passed(cycle=cycle).subject)] == [open_]
    assert handler.calls == 1


async def acknowledged(js, n):
    info = await js.consumer_info("EV", "filter")
    return info.ack_floor.consumer_seq >= n and info.num_pending == 0


async def test_a_missing_second_output_is_finished_on_redelivery(server, js, log):
    handler = FakeFilter(answer=rejected())
    await log.emit(snapshot())
    await log.emit(rejected())  # the process died before the end was published
    async with a_stage(server, handler, follow=ended).running():
        stored = await eventually(lambda: log.load(end("CycleRejected").subject))
    assert isinstance(stored.event, CycleRejected)
    assert handler.calls == 0


async def test_what_lies_in_the_log_holds_whatever_another_process_answers(server, js, log):
    handler = FakeFilter(answer=passed())
    async with a_stage(server, handler, follow=ended).running():
        await log.emit(rejected())  # of another process, that was given the same message
        await log.emit(snapshot())
        await eventually(lambda: log.load(end("CycleRejected").subject))
    assert isinstance((await log.load(passed().subject)).event, SignalRejected)
    assert handler.calls == 1


async def test_a_stage_whose_work_is_paid_for_looks_for_its_answer_before_any_work(server, js, log):
    analyst = FakeAnalyst()
    async with a_stage(server, analyst, name="analyst").running():
        await log.emit(decision())
        await log.emit(passed())
        await eventually(lambda: emptied_by(js, "analyst"))
    assert analyst.calls == 0


async def test_what_was_answered_and_not_acknowledged_is_not_worked_on_again(server, js, log):
    handler = FakeFilter()
    async with a_stage(server, handler, middlewares=[Twice]).running() as stage:
        await log.emit(snapshot())
        await eventually(lambda: counted(stage)["redeliveries"])
        await eventually(lambda: acknowledged(js, 2))
    assert handler.calls == 1


async def test_what_may_work_later_is_tried_again(server, js, log):
    handler = FakeFilter(faults=[Transient("busy")])
    stage = a_stage(server, handler)
    assert counted(stage) == {"redeliveries": 0, "failures": 0}
    async with stage.running():
        await log.emit(snapshot())
        await eventually(lambda: log.load(passed().subject))
    assert handler.calls == 2
    assert counted(stage) == {"redeliveries": 1, "failures": 1}


def counted(stage) -> dict[str, float]:
    lines = [line.split() for line in stage.metrics.render().decode().splitlines()]
    counts = {series: float(value) for series, *_, value in lines if series.startswith("stage_")}
    return {name: counts[f'stage_{name}_total{{stage="filter"}}'] for name in ("redeliveries", "failures")}


async def test_a_fault_is_told_whatever_stands_in_its_text(server, js, log):
    handler = FakeFilter(faults=[Permanent("half \ud800 of \x1b[2J a\nletter \u202e")])
    async with a_stage(server, handler).running():
        await log.emit(due())
        await log.emit(snapshot())
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    assert (stored.event.kind, stored.event.said.isprintable()) == ("CycleFailed", True)
    (letter,) = [letter async for letter in DeadLetters(js._nc, Namespace()).all()]
    assert letter.why == "Permanent: half \ufffd of ␛[2J a letter \ufffd"


async def test_what_never_works_is_buried_at_once_and_ends_its_cycle(server, js, log):
    handler = FakeFilter(faults=[Permanent("no history for KRW-ETH")])
    async with a_stage(server, handler).running():
        await log.emit(due())
        await log.emit(snapshot())
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
        await log.emit(snapshot(cycle="KRW-BTC-20260105T0300Z"))
        await eventually(lambda: handler.calls == 2)  # the pipeline goes on
    assert stored.event.kind == "CycleFailed"
    assert "no history for KRW-ETH" in stored.event.said
    message = await dead(js)
    assert message.headers["why"] == "Permanent: no history for KRW-ETH"
    assert message.subject == dead_place("filter", snapshot().subject)


async def test_a_no_of_the_exchange_that_we_know_ends_the_cycle_in_its_own_words(server, js, log):
    fault = with_code(Permanent("the exchange refused the key: expired_access_key"), "expired_access_key")
    async with a_stage(server, FakeFilter(faults=[fault])).running():
        await log.emit(due())
        await log.emit(snapshot())
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    end = stored.event
    assert (end.kind, end.reason_code) == ("CycleFailed", "EXPIRED_KEY")
    assert sentence(end, "ko") == "API 키가 만료되었습니다. 업비트 Open API 관리에서 새 키를 만드세요"
    assert "Message: the API key has expired; make a new one at Upbit\n" in messages.message(end, "en")
    assert (await dead(js)).headers["why"] == "Permanent: the exchange refused the key: expired_access_key"


async def test_the_fifth_failure_buries(server, js, log, monkeypatch):
    monkeypatch.setattr("shared.bus.outcome._pause_s", lambda tries: 0.01)
    handler = FakeFilter(faults=[Transient(f"try {n}") for n in range(9)])
    async with a_stage(server, handler).running():
        await log.emit(due())
        await log.emit(snapshot())
        await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    assert handler.calls == 5
    assert (await dead(js)).headers["deliveries"] == "5"


async def test_giving_up_after_an_intent_leaves_an_unresolved_order(server, js, log):
    handler = FakeFilter(faults=[Permanent("cannot go on")])
    async with a_stage(server, handler).running():
        await log.emit(due())
        await log.emit(intent())
        await log.emit(snapshot())
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    assert stored.event.kind == "OrderUnresolved"
    assert stored.event.client_order_id == CYCLE


@pytest.mark.parametrize("rubbish", [b"", b"{", b"\xff\xfe", b"[]", b'{"kind":"Unheard"}', b'{"kind":"SnapshotTaken"}'])
async def test_a_malformed_message_is_buried_once_and_the_pipeline_goes_on(server, js, log, rubbish):
    handler = FakeFilter()
    async with a_stage(server, handler).running():
        await js.publish(snapshot(cycle="KRW-BTC-20260105T0300Z").subject, rubbish)
        await log.emit(snapshot())
        await eventually(lambda: log.load(passed().subject))
        message = await eventually(lambda: dead(js))
    assert message.data in (rubbish, None)
    assert message.headers["why"].startswith("Unreadable")
    assert (await js.stream_info("DLQ")).state.messages == 1


async def test_rubbish_on_a_started_cycle_ends_it_as_failed(server, js, log):
    async with a_stage(server, FakeFilter()).running():
        await log.emit(due())
        await js.publish(snapshot().subject, b"rubbish")
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    assert stored.event.kind == "CycleFailed"


async def test_rubbish_under_a_name_nothing_was_started_with_ends_no_cycle(server, js, log):
    async with a_stage(server, FakeFilter()).running():
        await js.publish(snapshot().subject, b"rubbish")
        await eventually(lambda: dead(js))
    assert await log.load(CycleEnded.places_of(CYCLE)) is None


async def test_a_long_call_is_not_delivered_a_second_time(server, js, log, monkeypatch):
    monkeypatch.setattr("shared.bus.topology.READERS", QUICK)
    monkeypatch.setattr("shared.bus.outcome.READERS", QUICK)
    await topology.apply(js, Namespace())
    first, second = FakeFilter(takes_s=2.6), FakeFilter(takes_s=2.6)
    async with a_stage(server, first).running(), a_stage(server, second).running():
        await log.emit(snapshot())
        await eventually(lambda: log.load(passed().subject))
    assert first.calls + second.calls == 1


async def test_two_processes_share_the_work_of_one_reader(server, js, log):
    first, second = FakeFilter(takes_s=0.02), FakeFilter(takes_s=0.02)
    cycles = [f"KRW-ETH-20260105T{n:04d}Z" for n in range(20)]
    for handler in (first, second):
        handler.__class__ = EchoFilter
    async with a_stage(server, first).running(), a_stage(server, second).running():
        for cycle in cycles:
            await log.emit(snapshot(cycle=cycle))
        for cycle in cycles:
            await eventually(lambda c=cycle: log.load(SignalPassed.subject_of(c)))
    assert first.calls + second.calls == 20
    assert min(first.calls, second.calls) > 0


class EchoFilter(FakeFilter):
    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed | SignalRejected:
        self.calls += 1
        await asyncio.sleep(self.takes_s)
        return passed(cycle=snapshot.cycle)


async def test_a_prefix_makes_a_second_world_that_the_first_never_hears(server, js, log):
    await topology.apply(js, Namespace("sandbox.try1."))
    real, other = FakeFilter(), FakeFilter()
    sandbox = a_stage(server, other, prefix="sandbox.try1.")
    async with a_stage(server, real).running(), sandbox.running():
        await sandbox.log.emit(snapshot())
        await eventually(lambda: sandbox.log.load(passed().subject))
    assert (real.calls, other.calls) == (0, 1)
    assert (await js.stream_info("EV")).state.messages == 0
    assert await log.load(passed().subject) is None


async def test_a_stage_without_its_topology_does_not_start_and_says_what_is_missing(server):
    with pytest.raises(NotReady, match="apply the topology first"):
        async with a_stage(server, FakeFilter()).running():
            raise AssertionError("it started")


async def test_a_stage_whose_consumer_is_gone_ends_its_process(server, js):
    fatal = []
    async with a_stage(server, FakeFilter(), fatal=fatal).running() as stage:
        assert await stage.ready() is None
        await js.delete_consumer("EV", "filter")
        await eventually(lambda: fatal)
        assert await stage.ready() == "consumer filter"
    assert fatal == [(71, "consumer filter is gone from the broker; apply the topology and start again")]


async def test_stopping_is_no_fault_and_finishes_what_is_in_hand(server, js, log):
    fatal, handler = [], FakeFilter(takes_s=0.3)
    async with a_stage(server, handler, fatal=fatal).running():
        await log.emit(snapshot())
        await eventually(lambda: handler.calls)
    assert await log.load(passed().subject) is not None
    assert fatal == []


async def test_a_broker_that_comes_back_finds_the_stage_waiting(server, js, log):
    async with a_stage(server, FakeFilter()).running():
        server.kill()
        server.start()
        await eventually(lambda: emitted(log, snapshot()))
        await eventually(lambda: log.load(passed().subject))


async def emitted(log, event):
    try:
        return await log.emit(event)
    except Transient:
        return None


async def test_applying_the_topology_twice_changes_nothing(js):
    before = [await js.consumer_info("EV", name) for name in READERS]
    await topology.apply(js, Namespace())
    after = [await js.consumer_info("EV", name) for name in READERS]
    assert [c.config for c in before] == [c.config for c in after]


async def test_the_switch_keeps_what_the_owner_asked_for(js):
    switch = await Switch.open(js, Namespace())
    assert (await switch.state()).status == "running"
    await switch.change(lambda _: DesiredState(status="paused", by="api", at=AT))
    again = await Switch.open(js, Namespace())
    assert (await again.state()).status == "paused"


async def test_metrics_have_no_series_for_each_subject(server, js, log):
    handler = FakeFilter()
    handler.__class__ = EchoFilter
    async with a_stage(server, handler).running() as stage:
        for n in range(30):
            await log.emit(snapshot(cycle=f"KRW-ETH-20260105T{n:04d}Z"))
        await eventually(lambda: handler.calls == 30)
        text = stage.metrics.render().decode()
    assert "20260105T" not in text
    for name in ("stage_duration", "messaging_process_duration", "messaging_publish_duration"):
        assert f"\n{name}_seconds_count" in text
        assert f"\n{name}_seconds_bucket" in text


@pytest.mark.parametrize("parent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "rubbish", ""])
async def test_the_end_over_a_fault_belongs_to_its_messages_trace_or_to_a_new_one(server, js, log, parent):
    failed = end("CycleFailed", stage="filter").subject
    async with a_stage(server, FakeFilter(faults=[Permanent("never")])).running():
        await log.emit(due())
        await js.publish(snapshot().subject, encode(snapshot()), headers={"traceparent": parent})
        await eventually(lambda: log.load(failed))
    went = await js.get_last_msg("EV", failed)
    version, trace_id, span_id, flags = went.headers["traceparent"].split("-")
    assert (version, len(trace_id), len(span_id), flags) == ("00", 32, 16, "01")
    assert (trace_id in parent) == parent.startswith("00-")
    assert span_id not in parent


async def test_one_trace_runs_through_a_stage(server, js, log):
    async with a_stage(server, FakeFilter()).running():
        await log.emit(snapshot())
        await eventually(lambda: log.load(passed().subject))
    came = await js.get_last_msg("EV", snapshot().subject)
    went = await js.get_last_msg("EV", passed().subject)
    assert came.headers["traceparent"].split("-")[1] == went.headers["traceparent"].split("-")[1]
    assert went.headers["correlation_id"] == CYCLE
    assert json.loads(went.data)["kind"] == "SignalPassed"


class FakeAnalyst:
    calls = 0

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        self.calls += 1
        raise AssertionError("nobody asks it")


async def test_a_sibling_is_passed_over_and_a_stranger_ends_its_cycle(server, js, log, monkeypatch):
    async with a_stage(server, FakeAnalyst(), name="analyst").running():
        await log.emit(due())
        await log.emit(rejected())
        await eventually(lambda: emptied_by(js, "analyst"))
    assert await dead(js) is None
    cycle = "KRW-BTC-20260105T0300Z"
    monkeypatch.setitem(READERS, "analyst", replace(READERS["analyst"], passes_over=()))
    async with a_stage(server, FakeAnalyst(), name="analyst").running():
        await log.emit(due(cycle=cycle))
        await log.emit(rejected(cycle=cycle))
        stored = await eventually(lambda: log.load(CycleEnded.places_of(cycle)))
    assert "analyst is given SignalRejected, which it does not hear" in stored.event.said
    assert (await dead(js)).subject == dead_place("analyst", rejected(cycle=cycle).subject)


async def emptied_by(js, reader):
    info = await js.consumer_info("EV", reader)
    return info.ack_floor.consumer_seq > 0 and info.num_pending == info.num_ack_pending == 0


async def test_a_handler_that_takes_what_its_stage_does_not_hear_is_named_at_once(server):
    told = "analyst: its handler takes SnapshotTaken, and in shared/services.py it hears SignalPassed"
    with pytest.raises(Miswired, match=told):
        a_stage(server, FakeFilter(), name="analyst")


class Stray:
    async def __call__(self, snapshot: SnapshotTaken) -> DecisionMade:
        return decision()


async def test_a_handler_that_gives_what_its_service_does_not_say_is_named_at_once(server):
    told = "filter: its handler gives DecisionMade, and in shared/services.py it says SignalPassed and SignalRejected"
    with pytest.raises(Miswired, match=told):
        a_stage(server, Stray())


def test_a_signature_is_the_topology():
    assert signature(FakeFilter()) == ((SnapshotTaken,), (SignalPassed, SignalRejected))


async def test_a_reader_of_several_subjects_hears_them_all(server, js, log):
    heard = []
    stage = Stage("notifier", Settings.load(nats_url=server.url))

    async def hear(stored):
        heard.append(stored.event.kind)

    stage.receive(hear)
    async with stage.running():
        await log.emit(end("CycleRejected"))
        await log.emit(control())
        await eventually(lambda: len(heard) == 2)
    assert sorted(heard) == ["ControlGiven", "CycleRejected"]
