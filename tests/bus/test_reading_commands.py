"""The commands that read the log, as a person types them, over a real broker."""

import asyncio
import json
from datetime import timedelta

import nats
import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Paused
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace, dead_place
from shared.bus.records import Records
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.errors import BadRequest, Permanent
from shared.events import CycleEnded, TradingDue
from shared.switch import Heartbeat
from shared.types import cycle_id
from tests.support.builders import (
    AT,
    CYCLE,
    control,
    decision,
    due,
    end,
    intent,
    missed,
    passed,
    position,
    rejected,
    snapshot,
)
from tests.support.looks import charts

BEFORE = AT - timedelta(hours=3)
RUBBISH = b'{"kind":"TradingDue","of":"another version"}'


@pytest.fixture
def log(server, tmp_path, monkeypatch):
    """Put events into the log: `log(due(), snapshot())`; a pair is a subject and bytes."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    async def put(events):
        broker, emit = make_broker(server.url, name="test", namespace=Namespace())
        async with broker:
            js = broker.connection.jetstream()
            await topology.apply(js, Namespace())
            for event in events:
                if isinstance(event, tuple):
                    headers = {"why": "HistoryMissing: gone", "seq": "1", "deliveries": "1"}
                    await js.publish(*event, headers=headers if event[0].startswith("dead") else None)
                else:
                    await emit.emit(event)

    return lambda *events: asyncio.run(put(events))


@pytest.fixture
def asked(server):
    """What `upcycle …` prints. A refusal is raised, as `main` gets it to say."""

    def run(*words):
        done = CliRunner().invoke(app, [*words, "--nats", server.url], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_why_tells_a_cycle_and_the_last_one(log, asked):
    log(due(), snapshot(), passed(), decision(), end("OrderSkipped"), due(cycle=cycle_id("KRW-BTC", AT)))
    assert "no trade: the analyst said hold" in asked("why", CYCLE, "--language", "en")
    assert "KRW-BTC 2026-01-05 12:00 KST: 아직 끝나지 않음" in asked("why", "--last")
    assert asked("why", "--last", "--market", "KRW-ETH").startswith(CYCLE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["why", "KRW-ETH-20200101T0000Z"], "has no cycle KRW-ETH-20200101T0000Z; the last one is " + CYCLE),
        (["why", "KRW-ETH-20261399T0000Z"], "there is no such time"),
        (["why", "eth at noon"], "'eth at noon' is no cycle id; one looks like KRW-ETH-20261122T1500Z"),
        (["why"], "name a cycle such as"),
        (["why", CYCLE, "--last"], "name a cycle such as"),
        (["replay", "KRW-ETH-20200101T0000Z"], "is not in the log; the log holds 1 cycle, " + CYCLE),
        (["replay", "KRW-ETH-20261399T0000Z"], "there is no such time"),
        (["replay", "--to", "noon"], "'noon' is no time; write it as 2024-12-03T13:00Z"),
        (["replay", "--from", "2026-01-05", "--to", "2026-01-01"], "--from 2026-01-05 lies behind --to 2026-01-01"),
        (["why", "--last", "--market", "KRW-XRP"], "no cycle of KRW-XRP has been started yet"),
        (["why", "--last", "--market", "ETH"], "'ETH' is no market"),
        (["why", "--last", "--language", "fr"], "--language fr: write ko or en"),
        (["events", "--stage", "kitchen"], "--stage kitchen: there is no such stage; write clock, collector"),
        (["events", "--market", "KRW-XRP"], "holds no such event"),
        (["events", "--cycle", "KRW-ETH-20269901T0000Z"], "there is no such time"),
        (["dead", "show", "7"], "there is no dead letter 7"),
        (["dead", "retry", "7"], "there is no dead letter 7"),
        (["dead", "drop", "7", "--why", " "], "--why: say why it may go"),
    ],
)
def test_a_question_that_has_no_answer_is_refused_in_one_sentence(log, asked, words, said):
    log(due())
    with pytest.raises(BadRequest) as refused:
        asked(*words)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("words", "said"), [(["why", "--last"], "no cycle has been started yet"), (["events"], "is empty")]
)
def test_an_empty_log_says_so(log, asked, words, said):
    log()
    with pytest.raises(BadRequest, match=said):
        asked(*words)


def test_of_an_empty_log_status_and_the_dead_letters_tell_that_it_is_empty(log, asked):
    log()
    assert "0 events" in asked("status")
    assert "KRW-ETH       no cycle yet" in asked("status")
    assert asked("dead", "list") == "no dead letters: nothing was put aside\n"


NOWHERE = "there is no event log in nowhere; name another folder with --data-dir"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["why", CYCLE, "--data-dir", "nowhere"], NOWHERE),
        (["events", "--data-dir", "nowhere"], NOWHERE),
        (["status", "--data-dir", "nowhere"], NOWHERE),
        (["dead", "list", "--data-dir", "nowhere"], NOWHERE),
        (["replay", "--data-dir", "nowhere"], NOWHERE),
        (["status", "--nats", "nats://127.0.0.1:1"], "no broker answers at nats://127.0.0.1:1"),
    ],
)
def test_where_there_is_no_log_one_sentence_says_so(words, said):
    with pytest.raises(BadRequest, match=said) as refused:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["events", "--limit", "0"], "greater than or equal to 1"),
        (["status", "--hours", "-1"], "greater than or equal to 1"),
        (["status", "--hours", "9999"], "less than or equal to 744"),
        (["dead", "show", "0"], "greater than or equal to 1"),
        (["dead", "show", "first"], "valid integer"),
        (["dead", "drop", "1"], "Missing option '--why'"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_what_is_allowed(words, said):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize("words", [["why", CYCLE], ["events"], ["status"], ["dead", "list"]])
def test_a_broker_without_the_log_says_what_to_do(server, asked, words):
    with pytest.raises(Permanent, match=r"the broker has no stream (EV|DLQ).*upcycle topology"):
        asked(*words)


def test_a_cycle_of_another_version_says_so(log, asked, monkeypatch):
    monkeypatch.setenv("PAPER_CLOCK", "stepped")
    log((TradingDue.subject_of(CYCLE), RUBBISH), LETTER)
    for words in (["why", CYCLE], ["why", "--last"], ["dead", "retry", "1"]):
        with pytest.raises(BadRequest, match=r"was written by another version of Upcycle.*: .*Field required"):
            asked(*words)
    assert "it may be of another version" in asked("events")
    assert "KRW-ETH-20260105T0300Z" in asked("dead", "list")
    assert "another version of Upcycle, which alone can end it" in asked("dead", "show", "1")
    status = " ".join(asked("status").split())
    assert f"KRW-ETH {CYCLE}: written by another version of Upcycle: {due().subject}" in status
    (slot,) = json.loads(asked("status", "--json"))["missed"]
    assert slot["detail"].startswith(f"nobody can read {due().subject}: TradingDue.cycle: Field required")


def test_events_by_cycle_stage_market_and_number(log, asked):
    bitcoin = cycle_id("KRW-BTC", AT)
    log(due(), snapshot(), due(cycle=bitcoin), passed(), end("CycleFailed", cycle=bitcoin), control())

    def kinds(*words):
        return [line.split()[0] for line in asked("events", *words).splitlines()]

    assert kinds() == ["1", "2", "3", "4", "5", "6"]
    assert kinds("--limit", "2") == ["5", "6"]
    assert kinds("--market", "KRW-BTC") == ["3", "5"]
    assert kinds("--cycle", CYCLE) == ["1", "2", "4"]
    assert kinds("--stage", "collector") == ["2", "5"]
    assert kinds("--stage", "owner") == ["6"]
    assert kinds("--stage", "clock", "--market", "KRW-BTC") == ["3"]


def test_events_come_by_the_newest_slots(log, asked):
    log(*(due(cycle=cycle_id("KRW-ETH", AT.replace(day=day))) for day in (9, 5, 7)))
    assert len(asked("events", "--market", "KRW-ETH", "--limit", "1").splitlines()) == 1


LETTER = (dead_place("collector", due().subject), b'{"kind":"TradingDue"}')


def test_a_dead_letter_is_listed_shown_and_dropped(log, asked):
    log(due(), end("CycleFailed"), LETTER)
    assert "HistoryMissing: gone" in asked("dead", "list")
    shown = asked("dead", "show", "1")
    assert "cycle   KRW-ETH-20260105T0300Z" in shown
    assert "upcycle replay KRW-ETH-20260105T0300Z --stage collector" in shown
    assert "1 is put away" in asked("dead", "drop", "1", "--why", "the file is back")
    assert asked("dead", "list") == "no dead letters: nothing was put aside\n"


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([due(), end("CycleFailed")], "has ended as CycleFailed, and a cycle ends once"),
        ([due(), end("OrderSkipped")], "has ended as OrderSkipped, and a cycle ends once"),
        ([], "was never started"),
    ],
)
def test_what_has_ended_or_never_began_is_not_tried_again(log, asked, events, said):
    log(*events, LETTER)
    with pytest.raises(BadRequest, match=said):
        asked("dead", "retry", "1")


def test_a_reader_of_results_holds_up_no_cycle(log, asked):
    log(due(), (dead_place("notifier", due().subject), RUBBISH))
    with pytest.raises(BadRequest, match="notifier only reads results"):
        asked("dead", "retry", "1")


@pytest.mark.parametrize(
    ("events", "kind"), [([due()], "CycleFailed"), ([due(), snapshot(), intent()], "OrderUnresolved")]
)
def test_a_burial_that_was_cut_short_is_finished_by_hand(server, log, asked, events, kind):
    log(*events, LETTER)
    assert f"it has now, as {kind}" in asked("dead", "retry", "1")

    async def ended():
        nc = await nats.connect(server.url)
        record = await Records(nc, Namespace()).cycle(CYCLE)
        await nc.close()
        return record.first(CycleEnded).kind

    assert asyncio.run(ended()) == kind
    with pytest.raises(BadRequest, match="a cycle ends once"):
        asked("dead", "retry", "1")


def test_status_names_missed_hours_with_their_cause(log, asked, monkeypatch):
    monkeypatch.setenv("PAPER_CLOCK", "stepped")  # time is the tape's: the newest slot is now
    hours = [cycle_id("KRW-ETH", AT.replace(hour=hour)) for hour in (3, 4, 6)]
    late = missed(cycle=hours[1])
    log(due(), end("OrderSkipped"), late, due(cycle=hours[2]), end("OrderSkipped", cycle=hours[2]), LETTER)
    told = asked("status")
    assert "dead letters  1, 1 of them in the last hour" in told
    assert "2026-01-05 13:00 │ KRW-ETH │ the clock woke too late │ 240 s after the" in told
    assert "2026-01-05 14:00 │ KRW-ETH │ no clock was running" in told
    assert f"{hours[2]}: OrderSkipped hold" in told


def test_status_says_in_one_sentence_that_the_newest_slot_lies_in_the_future(log, asked):
    now = SystemClock().now()
    log(due(cycle=cycle_id("KRW-ETH", now.replace(minute=0) + timedelta(days=1))))
    told = " ".join(asked("status").split())
    assert "time the log's newest slot of KRW-ETH" in told
    assert "lies in the future" in told
    log(due(cycle=cycle_id("KRW-ETH", now.replace(minute=0))))
    assert json.loads(asked("status", "--json"))["time"] == ""


def beats(server, **signs):
    """The clock's last sign of life, of just now."""

    async def put():
        broker, _ = make_broker(server.url, name="test", namespace=Namespace())
        async with broker:
            now = SystemClock().now()
            beat = Heartbeat(at=now, started_at=now, interval_min=60, jobs=(), **signs)
            await (await Switch.open(broker.connection.jetstream(), Namespace())).beat(beat)

    asyncio.run(put())


def test_status_judges_the_time_by_the_clock_that_runs_and_not_by_this_terminals_settings(log, asked, server):
    log(due(cycle=cycle_id("KRW-ETH", SystemClock().now().replace(minute=0) + timedelta(days=1))))
    assert json.loads(asked("status", "--json"))["time"]
    beats(server, is_tape=True)
    assert json.loads(asked("status", "--json"))["time"] == ""


def test_status_does_not_say_that_a_bot_runs_whose_tape_stopped(log, asked, server):
    log(due())
    beats(server, is_tape=True, stopped="the tape stopped: torn")  # as an older clock said it
    said = json.loads(asked("status", "--json"))["status"]
    assert said == "running, but the clock starts no cycle any more: the tape stopped: torn"


def test_ask_tells_a_recorded_hour_with_what_the_bot_held(log, asked):
    held = position(opened_by=cycle_id("KRW-ETH", BEFORE))
    opening = decision(cycle=cycle_id("KRW-ETH", BEFORE), reason_code="RULES_OVERSOLD")
    log(opening, due(), snapshot(candles=charts(), position=held), passed(), decision(decision="hold"))
    for named in (CYCLE, "last"):
        told = asked("ask", "--cycle", named)
        assert "then the vote of rsi was +1" in told
        assert f"position_volume = {held.volume} ETH" in told
        assert "then      hold, confidence high (rules, RULES_OVERSOLD)" in told
        assert "holds nothing" not in told
    dry = json.loads(asked("ask", "--cycle", CYCLE, "--dry", "--json"))
    assert (dry["recorded"], dry["decision"], dry["decided_then"]["decision"]) == (True, None, "hold")


def test_ask_judges_a_recorded_hour_that_the_gate_rejected(log, asked):
    log(due(), snapshot(candles=charts()), rejected())
    assert "the gate rejects this hour (WIN_RATE)" in asked("ask", "--cycle", CYCLE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cycle", "yesterday"), "cycle id"),
        (("--cycle", "last", "--at", "2025-03-01T05:00Z"), "not both"),
        (("--cycle", "last", "--market", "ETH"), "is no market"),
        (("--cycle", "last", "--market", "KRW-XRP"), "no cycle of KRW-XRP has been started"),
        (("--cycle", CYCLE), f"has no signal of the gate of {CYCLE}; upcycle why {CYCLE}"),
    ],
)
def test_ask_says_what_it_cannot_find(log, asked, words, said):
    log(due(), snapshot())
    with pytest.raises(BadRequest, match=said):
        asked("ask", *words)


def test_a_panic_that_the_log_has_not_been_told_of_stands_in_status(log, asked, tmp_path):
    log(due())
    assert "halted" not in asked("status")
    Journal(tmp_path / "data" / "executor").write(Paused(by="panic (me)", at=AT))
    said = " ".join(asked("status").split())
    assert "status paused halted by panic (me) at 2026-01-05 12:00 KST; the event log has not been told" in said
