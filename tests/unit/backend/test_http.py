"""The backend from outside: what is refused and how, the switch, and what a restart keeps."""

from urllib.parse import quote

import pytest
from sqlalchemy import text

from services.backend.core.commands import STATUS_AFTER
from shared.bus.namespace import dead_place
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.db import make_engine
from shared.events import ControlGiven
from shared.switch import DesiredState
from tests.support import backend
from tests.support.backend import OWNER, TOKEN
from tests.support.builders import (
    CYCLE,
    control,
    decision,
    due,
    end,
    fill,
    found,
    intent,
    log_accepted,
    missed,
    settled,
    snapshot,
)
from tests.support.waiting import eventually

BOUGHT = (due(), snapshot(), decision(), fill(), end("OrderFilled"))


def problem(response, status):
    """The body of a refusal, which must be RFC 9457's."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert (body["status"], body["instance"]) == (status, quote(response.request.url.path))
    return body["detail"]


# --- what is refused ---------------------------------------------------------------------------


IMPOSSIBLE = (
    "/api/trades?limit=-1",
    "/api/trades?limit=0",
    "/api/trades?limit=501",
    "/api/trades?limit=ten",
    "/api/trades?offset=-1",
    "/api/trades?offset=99999999999999999999",
    "/api/trades?symbol=KRW-ETH'%20OR%20'1'='1",
    "/api/trades?symbol=<script>alert(1)</script>",
    "/api/trades?side=hold",
    "/api/trades/0",
    "/api/trades/-1",
    "/api/trades/99999999999999999999",
    "/api/trades/1;drop table trades",
    "/api/cycles?limit=-1",
    "/api/cycles?market=USDT-BTC",
    "/api/cycles/KRW-ETH",
    "/api/cycles/KRW-ETH-20260105T0300Z'--",
    "/api/cycles/KRW-ETH-99999999T9999Z.>",
)


async def test_an_impossible_question_is_refused_by_name(running):
    for address in IMPOSSIBLE:
        assert problem(await running.api.get(address), 422).partition(":")[0] in {
            "limit", "offset", "symbol", "side", "trade_id", "market", "cycle",
        }, address  # fmt: skip


async def test_what_is_not_there_is_404(running):
    for address in ("/api/trades/7", f"/api/cycles/{CYCLE}", "/api/nothing", "/"):
        problem(await running.api.get(address), 404)


async def test_an_order_that_was_adopted_is_a_trade_like_any_other(running):
    await running.booked(found(), fill(), settled())  # the log knows nothing else of its cycle
    (trade,) = (await running.api.get("/api/trades")).json()["trades"]
    assert (trade["symbol"], trade["side"], trade["amount"]) == ("KRW-ETH", "buy", 0.0125)


async def test_a_missed_slot_says_why_there_is_no_cycle(running):
    await running.booked(missed())
    assert "late: 240 s after the slot" in problem(await running.api.get(f"/api/cycles/{CYCLE}"), 404)


async def test_the_wrong_method_is_405_and_names_the_right_one(running):
    assert problem(await running.api.post("/api/trades"), 405) == "POST does nothing here; allowed: GET"


async def test_who_goes_astray_is_shown_the_way(running):
    assert problem(await running.api.get("/api/trade"), 404) == "there is nothing here; /docs shows what there is"
    assert problem(await running.api.get("/api/trades?symbol=eth"), 422) == "symbol: write it like KRW-ETH"
    assert problem(await running.api.get("/api/cycles/x"), 422) == "cycle: write it like KRW-ETH-20261122T1500Z"
    by = {**OWNER, "X-Asked-By": "<b>"}
    assert problem(await running.api.post("/api/bot/stop", headers=by), 422) == "X-Asked-By: write it like my-phone"


@pytest.mark.parametrize("command", [*STATUS_AFTER])
async def test_without_the_owners_token_nothing_is_switched(running, command):
    for given in (None, "Bearer ", f"Basic {TOKEN}", "Bearer ttt"):
        response = await running.api.post(f"/api/bot/{command}", headers={"Authorization": given} if given else {})
        assert TOKEN not in problem(response, 401)
        assert response.headers["WWW-Authenticate"] == "Bearer"
        wish = await running.switch.state()
        assert (wish.status, wish.by, wish.at) == ("running", "topology", None)


async def test_a_token_in_other_letters_is_refused_and_not_a_bug(running):
    problem(await running.api.post("/api/bot/stop", headers={"Authorization": "Bearer 비밀".encode()}), 401)


async def test_with_no_token_set_nobody_can_switch_and_the_remedy_is_named(tmp_path, server):
    async with backend.backend(tmp_path, server, api_token=None) as running:
        said = problem(await running.api.post("/api/bot/stop", headers=OWNER), 503)
        assert "API_TOKEN" in said
        assert ".env" in said
        assert "32 characters" in said
        assert (await running.api.get("/api/bot/status")).status_code == 200


# --- the switch --------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "status"), [*STATUS_AFTER.items()])
async def test_the_owner_switches_and_it_is_kept_told_and_booked(running, command, status):
    answer = await running.api.post(f"/api/bot/{command}", headers=OWNER)
    assert (answer.status_code, answer.json()["status"], answer.json()["by"]) == (200, status, "api")
    assert (await running.switch.state()).status == status
    assert (await running.api.get("/api/bot/status")).json()["status"] == status
    told = await running.log.load(ControlGiven.places(command=command))
    assert (told.event.command, told.event.by) == (command, "api")


async def test_asking_twice_does_no_harm(running):
    first, again = [(await running.api.post("/api/bot/pause", headers=OWNER)).json() for _ in range(2)]
    assert first == again
    assert len(await running.log.subjects(ControlGiven.places())) == 1


async def test_a_repeat_says_what_was_said_the_first_time(running):
    """Started out of a pause, a bot that is asked to resume was not resumed, and nobody is told so."""
    for command in ("pause", "resume", "start"):
        answer = await running.api.post(f"/api/bot/{command}", headers=OWNER | {"X-Asked-By": command})
    assert answer.json()["by"] == "resume"
    assert {name.split(".")[2] for name in await running.log.subjects(ControlGiven.places())} == {"pause", "resume"}


@pytest.mark.parametrize("command", ["pause", "resume"])
async def test_only_start_sets_a_stopped_bot_going(running, command):
    await running.api.post("/api/bot/stop", headers=OWNER)
    said = problem(await running.api.post(f"/api/bot/{command}", headers=OWNER), 409)
    assert said == f"the bot is stopped, and {command} changes nothing; only start sets it going again"
    assert (await running.switch.state()).status == "stopped"
    assert len(await running.log.subjects(ControlGiven.places())) == 1
    assert (await running.api.post("/api/bot/start", headers=OWNER)).json()["status"] == "running"


async def test_a_stop_in_the_same_moment_is_not_undone_by_a_resume(running):
    """The wish is set only where it is still the one that was looked at."""
    await running.api.post("/api/bot/pause", headers=OWNER)
    asked = []

    def to(wish):
        asked.append(wish.status)
        return DesiredState(status="running", by="late") if wish.status == "paused" else None

    class Meanwhile:
        """A bucket on which another is quicker once."""

        def __init__(self, bucket):
            self._bucket = bucket

        async def get(self, key):
            return await self._bucket.get(key)

        async def update(self, key, value, last):
            if len(asked) == 1:
                await running.api.post("/api/bot/stop", headers=OWNER)
            return await self._bucket.update(key, value, last=last)

    stands = await Switch(Meanwhile(await running.js.key_value("bot")), running.switch.log).change(to)
    assert asked == ["paused", "stopped"]
    assert stands.status == (await running.switch.state()).status == "stopped"


@pytest.mark.parametrize("command", ["pause", "resume"])
async def test_a_lost_switch_is_told_with_what_to_do_and_set_anew_by_a_command(running, command):
    await (await running.js.key_value("bot")).delete("wish")
    said = (await running.api.get("/api/bot/status")).json()
    assert said["status"] == "paused"
    assert said["trouble"].endswith("upcycle resume")
    answer = await running.api.post(f"/api/bot/{command}", headers=OWNER)
    said = (await running.api.get("/api/bot/status")).json()
    assert (answer.status_code, said["status"], said["trouble"]) == (200, answer.json()["status"], "")


async def test_a_command_that_did_not_reach_the_log_holds_if_it_stops_and_is_told_there_once_it_is_given_again(running):
    bucket = await running.js.key_value("bot")
    assert (await running.api.post("/api/bot/pause", headers=OWNER)).status_code == 200
    for command, before, after in (("resume", "paused", "running"), ("stop", "stopped", "stopped")):
        halfway = DesiredState(status=STATUS_AFTER[command], by="api", at=SystemClock().now(), command=command)
        await bucket.put("wish", halfway.model_dump_json().encode())  # and then the backend died
        assert (await running.api.get("/api/bot/status")).json()["status"] == before
        assert (await running.api.post(f"/api/bot/{command}", headers=OWNER)).status_code == 200
        said = (await running.api.get("/api/bot/status")).json()
        assert (said["status"], said["trouble"]) == (after, "")
        assert (await running.log.load(ControlGiven.places(command=command))).event.at == halfway.at


async def test_a_bucket_put_back_from_an_older_copy_sets_no_stopped_bot_running(running):
    bucket = await running.js.key_value("bot")
    await running.api.post("/api/bot/pause", headers=OWNER)
    await running.api.post("/api/bot/resume", headers=OWNER)
    older = (await bucket.get("wish")).value
    await running.api.post("/api/bot/stop", headers=OWNER)
    await bucket.put("wish", older)
    assert (await running.api.get("/api/bot/status")).json()["status"] == "stopped"
    problem(await running.api.post("/api/bot/resume", headers=OWNER), 409)
    assert (await running.api.post("/api/bot/start", headers=OWNER)).json()["status"] == "running"


async def test_with_the_scheduler_off_the_bot_is_stopped_whatever_is_wished(tmp_path, server):
    async with backend.backend(tmp_path, server, scheduler_enabled=False) as running:
        for command in ("start", "resume", "pause"):
            answer = await running.api.post(f"/api/bot/{command}", headers=OWNER)
            assert problem(answer, 409).startswith("SCHEDULER_ENABLED=false keeps the bot stopped")
        assert (await running.api.post("/api/bot/stop", headers=OWNER)).json()["status"] == "stopped"
        assert (await running.switch.state()).status == "stopped"  # what the executor and the exit guard go by
        assert "bot_running 0.0" in (await running.api.get("/metrics")).text


# --- why a cycle ended as it did ---------------------------------------------------------------


async def test_a_cycle_shows_every_event_in_the_order_of_the_log(running):
    first = await running.log.emit(intent(cycle="KRW-BTC-20260105T0300Z"))  # of another cycle
    await running.booked(*BOUGHT)
    cycle = (await running.api.get(f"/api/cycles/{CYCLE}")).json()
    assert [e["event"]["kind"] for e in cycle["events"]] == [
        "TradingDue", "SnapshotTaken", "DecisionMade", "FillRecorded", "OrderFilled",
    ]  # fmt: skip
    assert [e["seq"] for e in cycle["events"]] == [first.seq + n for n in range(1, 6)]
    assert cycle["events"][3]["event"]["fee"] == "25"
    assert cycle["events"][0]["stored_at"].endswith("+09:00")
    assert (cycle["status"], cycle["decision"], cycle["total"]) == ("success", "buy", 50000)


async def test_the_snapshots_candles_are_described_and_not_poured_out(running):
    await running.booked(due(), snapshot())
    events = (await running.api.get(f"/api/cycles/{CYCLE}")).json()["events"]
    assert set(events[1]["event"]["candles"]) == {"windows"}


async def test_cycles_come_newest_first_by_market(running):
    names = ["KRW-ETH-20260105T0300Z", "KRW-BTC-20260105T0400Z", "KRW-ETH-20260105T0500Z"]
    await running.booked(*(due(cycle=name) for name in names))
    answer = (await running.api.get("/api/cycles", params={"market": "KRW-ETH"})).json()
    assert [c["cycle"] for c in answer["cycles"]] == [names[2], names[0]]
    assert answer["total"] == 2
    assert answer["cycles"][0]["slot_at"] == "2026-01-05T14:00:00+09:00"
    assert answer["cycles"][0]["status"] is None


# --- restarts, outages, repeats ----------------------------------------------------------------


async def test_a_restart_shrinks_no_total(tmp_path, server):
    async with backend.backend(tmp_path, server) as running:
        await running.booked(*BOUGHT)
        before = await business(running)
    async with backend.backend(tmp_path, server) as running:
        assert await business(running) == before
    assert 'trades_total{symbol="KRW-ETH"} 1.0' in before
    assert 'scheduler_job_duration_seconds_count{job_name="trading_job"} 1.0' in before


async def test_scraping_again_counts_nothing_twice(running):
    await running.booked(*BOUGHT)
    assert await business(running) == await business(running)


async def business(running):
    lines = (await running.api.get("/metrics")).text.splitlines()
    names = (
        "scheduler_job_success_",
        "scheduler_job_failure_",
        "scheduler_job_duration_seconds_count",
        "ai_decision",
        "trades",
        "trade_volume",
        "bot_errors",
    )
    return sorted(line for line in lines if line.startswith(names))


async def test_books_that_were_thrown_away_are_built_again_at_the_start(tmp_path, server):
    async with backend.backend(tmp_path, server) as running:
        await running.booked(*BOUGHT, control())
        before = (await running.api.get("/api/trades/1")).json()
    for file in tmp_path.glob("books.db*"):
        file.unlink()
    async with backend.backend(tmp_path, server) as running:

        async def built():
            return (await running.api.get("/api/trades")).json()["total"] == 1

        await eventually(built)
        assert (await running.api.get("/api/trades/1")).json() == before


async def test_books_of_another_log_book_nothing_and_pause_the_bot_until_a_person_goes_on(tmp_path, server):
    async with backend.backend(tmp_path, server) as running:
        await running.booked(*BOUGHT)
    engine = make_engine(running.settings.database)
    async with engine.begin() as db:
        await db.execute(text("update read_state set last_seq = 4711"))
    await engine.dispose()
    async with backend.backend(tmp_path, server) as running:

        async def told():
            health = (await running.api.get("/health")).json()
            return health if health["database"] != "ok" else None

        health = await eventually(told)
        assert "another log" in health["database"]
        assert "it did reach message 4711" in health["database"]
        assert "log_restored 1" in (await running.api.get("/metrics")).text

        async def paused():
            return (await running.api.get("/api/bot/status")).json()["status"] == "paused"

        await eventually(paused)
        assert (await running.api.get("/api/trades")).json()["total"] == 1  # as they stood
        await running.log.emit(log_accepted(at=SystemClock().now()))

        async def booked_anew():
            return (await running.api.get("/health")).json()["database"] == "ok"

        await eventually(booked_anew)
        assert (await running.api.get("/api/trades")).json()["total"] == 1
        assert "log_restored 0" in (await running.api.get("/metrics")).text
    assert running.fatal == []


async def test_a_message_that_nobody_can_read_does_not_hold_up_the_books(running):
    await running.js.publish(due(cycle="KRW-ETH-20260105T0200Z").subject, b"\xff not json")
    await running.booked(due())
    cycles = (await running.api.get("/api/cycles")).json()["cycles"]
    assert [(c["cycle"], c["end_kind"]) for c in cycles] == [("KRW-ETH-20260105T0300Z", None)]
    letter = await running.js.get_last_msg(
        "DLQ", dead_place("projection", ">")
    )  # the stage that reads it ends its cycle
    assert letter.headers["why"].startswith("Unreadable")


async def test_without_tables_the_health_says_what_to_run_and_the_switch_still_works(running):
    await running.booked(due())  # it had them at its start; without, it would not have gone on
    engine = make_engine(running.settings.database)
    async with engine.begin() as db:
        await db.execute(text("drop table trades"))
        await db.execute(text("drop table read_state"))
    await engine.dispose()
    health = await running.api.get("/health")
    assert health.status_code == 200
    assert "python -m infra.migrations" in health.json()["database"]
    problem(await running.api.get("/ready"), 503)
    assert (await running.api.post("/api/bot/stop", headers=OWNER)).json()["status"] == "stopped"
    assert (await running.api.get("/metrics")).status_code == 200


async def test_without_the_broker_the_answer_is_503_and_comes_in_time(running, server):
    server.kill()
    problem(await running.api.post("/api/bot/stop", headers=OWNER), 503)
    problem(await running.api.get("/health"), 503)
    assert (await running.api.get("/api/trades")).status_code == 200
    server.start()

    async def well():
        return (await running.api.get("/ready")).status_code == 200

    await eventually(well)


async def test_times_are_told_in_seoul(running):
    await running.booked(*BOUGHT)
    assert (await running.api.get("/api/bot/status")).json()["last_trade_time"] == "2026-01-05T12:00:00+09:00"
