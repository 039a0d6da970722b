"""Recorded hours through today's handlers, with the network and the clock cut off."""

import asyncio
import json
import os
import socket
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

import pytest

from services.executor.core import ends
from services.executor.core.risk import Denied
from services.replay.differences import differences
from services.replay.event_log import RecordedCycles
from services.replay.recording import Line, Recording, recording
from services.replay.runner import Runner
from services.replay.stages import NoSuchStage
from shared.bus.namespace import Namespace
from shared.bus.wire import decode, encode
from shared.catalogue import orders, sentence
from shared.catalogue.risk import BOT_PAUSED
from shared.events import (
    CycleEnded,
    DecisionMade,
    FillRecorded,
    OrderFilled,
    OrderIntended,
    SignalRejected,
    SnapshotTaken,
)
from shared.prompt.build import Template
from shared.services import PIPELINE
from tests.support.builders import asked, books, model_call
from tests.support.golden_hours import GOLDEN, HOURS, SyntheticYear, golden
from tests.support.hours import LOOSE, play


@pytest.fixture(scope="module")
def runner():
    return Runner(SyntheticYear())


@contextmanager
def cut_off():
    """No socket can be opened and no clock be read."""

    def forbidden(*_, **__):
        raise AssertionError("replay reached out into the world")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("socket", "create_connection", "getaddrinfo"):
            patch.setattr(socket, name, forbidden)
        patch.setattr("shared.clock.SystemClock.now", forbidden)
        patch.setattr("shared.clock.time.clock_gettime", forbidden)
        yield


@pytest.mark.skipif(os.environ.get("UPCYCLE_GOLDEN") != "hours", reason="the older an hour, the more it proves")
def test_recording_the_golden_hours(tmp_path):
    from services.local.event_log import open_log

    async def record():
        await play(tmp_path, start="2025-01-02T00:00Z", hours=36, **LOOSE)
        await play(tmp_path, start="2025-01-03T12:00Z", hours=1, gate_win_rate_min=0.9)
        async with open_log(None, tmp_path) as nc:
            log = RecordedCycles(nc, Namespace())
            for cycle in await log.started():
                recorded = await log.read(cycle)
                end = recorded.find(CycleEnded)
                name = "rejected" if end.kind == "CycleRejected" else end.decision
                (HOURS / f"{name}.jsonl").write_bytes(b"".join(line.body + b"\n" for line in recorded.lines))

    HOURS.mkdir(exist_ok=True)
    asyncio.run(record())


@pytest.mark.parametrize("name", GOLDEN)
async def test_a_golden_hour_is_the_same_today_byte_by_byte(name, runner):
    with cut_off():
        reruns = await runner(golden(name))
    assert [rerun.why_not for rerun in reruns] == [None] * len(reruns)
    assert [d for rerun in reruns for d in differences(rerun)] == []
    spoke = [stage for stage in PIPELINE if golden(name).said_by(stage)]
    assert [rerun.stage for rerun in reruns] == spoke
    assert spoke[-1] == golden(name).find(CycleEnded).stage


async def test_the_golden_hours_hold_a_buy_a_sell_a_hold_and_a_rejection():
    ends = {name: golden(name).find(CycleEnded) for name in GOLDEN}
    assert {name: (end.kind, end.decision) for name, end in ends.items()} == {
        "hold": ("OrderSkipped", "hold"),
        "buy": ("OrderFilled", "buy"),
        "sell": ("OrderFilled", "sell"),
        "rejected": ("CycleRejected", "hold"),
    }


def tampered(then: Recording, kind, old: bytes, new: bytes) -> Recording:
    found = []
    for line in then.lines:
        body = line.body.replace(old, new) if isinstance(line.event, kind) else line.body
        found.append((line.event.subject, body))
    return recording(then.cycle, found)


async def test_a_difference_is_told_by_its_field_and_by_the_first_stage_that_differs(runner):
    then = golden("buy")
    end = then.find(OrderFilled)
    other = tampered(then, OrderFilled, f'"total":"{end.total}"'.encode(), b'"total":"1"')
    other = tampered(other, SnapshotTaken, b'"level":"low"', b'"level":"medium"')
    found = [d for rerun in await runner(other) for d in differences(rerun)]
    assert (found[0].stage, found[0].field, found[0].then, found[0].now) == (
        "collector", "safety.market_risk.level", "medium", "low",
    )  # fmt: skip
    assert (found[-1].stage, found[-1].kind, found[-1].field, found[-1].then) == (
        "executor",
        "OrderFilled",
        "total",
        "1",
    )


async def test_a_field_this_version_added_is_no_difference_while_it_says_its_default(runner):
    older = tampered(golden("buy"), SnapshotTaken, b',"at":null', b"")
    assert older != golden("buy")
    assert [d for rerun in await runner(older, ["collector"]) for d in differences(rerun)] == []


async def test_a_field_inside_a_part_that_a_later_version_added_is_no_difference(runner):
    then = golden("rejected").find(SignalRejected)
    assert "hours_missing" not in golden("rejected").said_by("filter")[0].body.decode()
    (rerun,) = await runner(golden("rejected"), ["filter"])
    assert rerun.now[0].report.hours_missing > 0 == then.report.hours_missing
    assert differences(rerun) == []


async def test_an_order_that_a_pause_stopped_behind_its_intent_is_the_same_again(runner):
    then, seen = golden("buy"), books()
    intent = then.find(OrderIntended).model_copy(update={"books": seen})
    end = ends.denied(then.find(DecisionMade), "buy", Denied(BOT_PAUSED.because()), seen)
    before = [line for line in then.lines if not isinstance(line.event, OrderIntended | FillRecorded | CycleEnded)]
    stopped = (*before, *(Line(event, encode(event)) for event in (intent, end)))
    (rerun,) = await runner(replace(then, lines=stopped), ["executor"])
    assert rerun.why_not is None
    assert differences(rerun) == []


@pytest.mark.parametrize("why", ["HTTP 404 order_not_found", orders.STILL_OPEN.because({"state": "wait"})])
async def test_an_order_of_unknown_outcome_is_the_same_again(runner, why):
    then = golden("buy")
    end = ends.unresolved(then.find(DecisionMade), then.find(OrderIntended), why)
    before = [line for line in then.lines if not isinstance(line.event, FillRecorded | CycleEnded)]
    (rerun,) = await runner(replace(then, lines=(*before, Line(end, encode(end)))), ["executor"])
    assert rerun.why_not is None
    assert differences(rerun) == []


async def test_an_older_end_of_an_order_of_unknown_outcome_is_told_in_the_same_words(runner):
    then = golden("buy")
    end = ends.unresolved(then.find(DecisionMade), then.find(OrderIntended), "HTTP 404 order_not_found")
    body = json.loads(encode(end)) | {"reason": sentence(end, "ko")}
    older = json.dumps({name: value for name, value in body.items() if name not in ("figures", "said")}).encode()
    before = [line for line in then.lines if not isinstance(line.event, FillRecorded | CycleEnded)]
    (rerun,) = await runner(replace(then, lines=(*before, Line(decode(older, end.subject), older))), ["executor"])
    assert rerun.why_not is None
    assert differences(rerun) == []


async def test_one_stage_can_be_run_alone(runner):
    assert [rerun.stage for rerun in await runner(golden("buy"), ["analyst"])] == ["analyst"]


async def test_what_was_not_said_now_is_a_difference(runner):
    then = golden("buy")
    (rerun,) = await runner(then, ["executor"])
    found = differences(type(rerun)(rerun.stage, rerun.then, rerun.now[:1]))
    assert [(d.kind, d.field, d.now) for d in found] == [
        ("FillRecorded", "", "(not there)"),
        ("OrderFilled", "", "(not there)"),
    ]


async def test_a_stage_whose_input_is_missing_cannot_be_run_again(runner):
    then = golden("buy")
    without = Recording(then.cycle, tuple(line for line in then.lines if not isinstance(line.event, SnapshotTaken)))
    (rerun,) = await runner(without, ["filter"])
    assert rerun.why_not == "there is no SnapshotTaken in the log"


async def test_settings_of_this_machine_decide_nothing(runner, monkeypatch):
    monkeypatch.setenv("TRADING_AMOUNT", "99000")
    monkeypatch.setenv("GATE_WIN_RATE_MIN", "0.99")
    assert [d for rerun in await runner(golden("buy")) for d in differences(rerun)] == []


def asked_with(version: str) -> Recording:
    """A golden hour as if a model had been asked, with a prompt of that template."""
    then = golden("hold")
    events = [event for line in then.lines if not isinstance(event := line.event, DecisionMade)]
    decision = asked(cycle=events[0].cycle, decision="hold", call=model_call(prompt_version=version))
    return recording(then.cycle, [(e.subject, e.model_dump_json().encode()) for e in (*events, decision)])


async def test_a_prompt_is_built_again_from_the_template_it_was_built_from(monkeypatch, runner):
    old = {"v0": Template("v0", "You judged, in $language.", "$market then")}
    monkeypatch.setattr("services.analyst.app.load_template", old.__getitem__)
    (rerun,) = await runner(asked_with("v0"), ["analyst"])
    (decision,) = rerun.now
    assert decision.call.prompt_version == "v0"
    assert decision.call.prompt_sha256 == sha256(b"You judged, in Korean.\0KRW-ETH then").hexdigest()


async def test_a_prompt_whose_template_is_gone_is_not_built_from_another(runner):
    (rerun,) = await runner(asked_with("v0"), ["analyst"])
    assert rerun.why_not == "the prompt's template v0 is not among those of this version"


async def test_a_stage_that_replay_was_never_taught_is_named(monkeypatch, runner):
    monkeypatch.setattr("services.replay.stages.find_spec", lambda place: None)
    told = "what answers filter for history: services/replay/stages/filter.py is to say it"
    with pytest.raises(NoSuchStage, match=told):
        await runner(golden("buy"), ["filter"])
