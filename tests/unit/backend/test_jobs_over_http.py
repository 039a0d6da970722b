"""The jobs one by one, the report from the books, and what the API tells beside trades and cycles."""

import asyncio
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from infra.migrations.run import downgrade, upgrade
from services.backend.core.export import harmless
from services.backend.routes import examples
from services.cli.commands.db import booked_from, differences
from shared.bus.broker import stored_at
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.db import make_engine
from shared.events import JobSwitched, ReportReady
from shared.switch import Heartbeat, Job
from shared.types import cycle_id
from tests.support import backend
from tests.support.backend import OWNER, TOKEN
from tests.support.builders import (
    AT,
    REPORT_AT,
    decision,
    due,
    end,
    fill,
    passed,
    report_due,
    report_ready,
    snapshot,
    valued,
)
from tests.support.waiting import eventually

BOUGHT = (due(), snapshot(), passed(), decision(), fill(), end("OrderFilled"))


async def get(running, address, **headers):
    answer = await running.api.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_halted_job_says_who_and_when_and_asking_twice_changes_nothing(running):
    job = Job(id="daily_report_job", next_run=REPORT_AT)
    await running.switch.beat(Heartbeat(at=AT, started_at=AT, interval_min=60, jobs=(job,)))
    halt = "/api/bot/jobs/daily_report_job/pause"
    first = (await running.api.post(halt, headers=OWNER | {"X-Asked-By": "telegram"})).json()
    again = (await running.api.post(halt, headers=OWNER)).json()
    assert first == again
    assert (first["paused"], first["by"], first["note"], first["next_run"]) == (
        True, "telegram", "paused by telegram", None,
    )  # fmt: skip
    assert (await running.switch.job("daily_report_job")).paused
    (told,) = await running.log.subjects(JobSwitched.places(command="pause_job"))
    assert (await running.log.load(told)).event.job == "daily_report_job"
    await running.api.post("/api/bot/jobs/daily_report_job/resume", headers=OWNER)
    states = {state["id"]: state for state in (await get(running, "/api/bot/jobs"))["jobs"]}
    assert list(states) == ["trading_job", "portfolio_snapshot_job", "daily_report_job"]
    assert not states["daily_report_job"]["paused"]
    assert states["daily_report_job"]["next_run"] == "2026-01-06T09:00:00+09:00"


@pytest.mark.parametrize("job", ["no_such_job", "trading_job'; drop table trades; --", "<script>"])
async def test_a_job_nobody_has_is_refused(running, job):
    assert (await running.api.post(f"/api/bot/jobs/{job}/pause", headers=OWNER)).status_code == 422


async def test_a_report_is_made_from_the_books_and_only_once(running):
    await running.booked(*BOUGHT, valued(REPORT_AT), report_due())
    stored = await eventually(lambda: running.log.load(ReportReady.places()))
    made = stored.event
    assert (made.day.isoformat(), made.trades, made.buys) == ("2026-01-05", 1, 1)
    assert (str(made.current_value), made.valued_at) == ("1001225.00", REPORT_AT)
    await running.booked(report_due(REPORT_AT + timedelta(days=1)))
    await eventually(lambda: running.log.load(report_ready(slot="20260107T0000Z").subject))
    assert len(await running.log.subjects(ReportReady.places())) == 2


async def test_the_portfolio_is_that_of_the_last_valuation(running):
    empty = await get(running, "/api/portfolio")
    assert (empty["total_value_krw"], empty["coins"], empty["history"]) == (None, [], [])
    await running.booked(*BOUGHT, valued())
    told = await get(running, "/api/portfolio")
    assert (told["krw_balance"], told["total_value_krw"], told["unrealised"]) == (949975, 1001225, 1225)
    (coin,) = told["coins"]
    assert (coin["symbol"], coin["coin_balance"], coin["value"], coin["bot_cost"]) == ("KRW-ETH", 0.0125, 51250, 50025)


async def test_decisions_tell_what_was_said_and_what_was_done(running):
    await running.booked(*BOUGHT)
    (said,) = (await get(running, "/api/decisions?decision=buy"))["decisions"]
    assert (said["decision"], said["done"], said["analyst"], said["end_kind"]) == ("buy", "buy", "rules", "OrderFilled")
    assert (await get(running, "/api/decisions?decision=sell"))["decisions"] == []


async def test_trades_are_exported_and_no_cell_is_a_formula(running):
    await running.booked(due(), fill(reason='=HYPERLINK("http://evil")', confidence=None))
    answer = await running.api.get("/api/trades/export.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = answer.text.removeprefix("\ufeff").splitlines()
    assert head.split(",")[:4] == ["id", "created_at", "symbol", "side"]
    assert row.startswith("1,2026-01-05T12:00:00+09:00,KRW-ETH,buy,4000000.00000000,")
    assert "'=HYPERLINK" in row


@pytest.mark.parametrize("table", ["cycles", "decisions"])
async def test_cycles_and_decisions_are_exported_page_by_page(running, table):
    names = [cycle_id("KRW-ETH", AT + timedelta(hours=n)) for n in range(3)]
    for name in names:
        said = "=1+1" if name == names[2] else "calm"
        told = {"reason": "", "reason_code": "LLM_HOLD", "said": said}
        await running.booked(due(cycle=name), decision(cycle=name, decision="hold", **told))
        await running.booked(end("OrderSkipped", cycle=name, **told))
    first = await running.api.get(f"/api/{table}/export.csv?limit=2&language=en")
    assert first.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = first.text.removeprefix("\ufeff").splitlines()
    assert head == getattr(examples, f"{table.upper()}_CSV").splitlines()[0]
    assert [row.split(",")[0] for row in rows] == names[:0:-1]
    assert ",'=1+1," in rows[0]
    address = re.fullmatch(r'<(.+)>; rel="next"', first.headers["link"])[1]
    last = await running.api.get(address)
    assert [row.split(",")[0] for row in last.text.splitlines()[1:]] == names[:1]
    assert "link" not in last.headers


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\tx", "＝1+1", "＠SUM(A1)"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"
    assert harmless(f"fine; {text};") == f"fine;' {text};"


@pytest.mark.parametrize("text", ["RSI 과매도 구간 진입", "a-b=c", "5 + 5; 6", ""])
def test_what_is_no_formula_stays(text):
    assert harmless(text) == text


async def test_the_stream_tells_what_comes_and_goes_on_from_where_a_reader_was(running):
    await running.booked(*BOUGHT)

    async def told(after, count):
        """The first lines of the stream behind a place; ASGI without a socket gives a body only as a whole."""
        lines, stream = [], running.app.state.backend.stream(after, "a test")
        async for line in stream:
            lines += [line] if line.startswith("id:") else []
            if len(lines) == count:
                await stream.aclose()
                return lines
        return lines

    whole = await asyncio.wait_for(told(0, 6), 60)
    assert [line.splitlines()[1] for line in whole] == [f"event: {event.kind}" for event in BOUGHT]
    assert (await asyncio.wait_for(told(4, 2), 60)) == whole[4:]
    assert "arrow" not in "".join(whole)
    later = asyncio.ensure_future(told(None, 1))
    for n in range(300):  # until one comes after it has begun to listen
        await running.log.emit(due(cycle=cycle_id("KRW-ETH", AT + timedelta(hours=1 + n))))
        if (await asyncio.wait({later}, timeout=0.2))[0]:
            break
    assert "event: TradingDue" in later.result()[0]


async def test_reading_can_be_closed_too(tmp_path, server):
    async with backend.backend(tmp_path, server, api_require_auth_for_reads=True) as running:
        for address in ("/api/trades", "/api/bot/status", "/api/portfolio", "/api/events/stream"):
            assert (await running.api.get(address)).status_code == 401
        assert (await running.api.get("/api/trades", headers=OWNER)).status_code == 200
        assert (await running.api.get("/health")).status_code == 200


async def test_who_guesses_tokens_waits_and_the_owner_never_does(running):
    wrong = {"Authorization": "Bearer " + "x" * 32}
    answers = [await running.api.post("/api/bot/start", headers=wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await running.api.post("/api/bot/start", headers=OWNER)).status_code == 200


async def test_a_token_in_the_address_is_refused_and_not_repeated(running):
    answer = await running.api.get(f"/api/trades?token={TOKEN}")
    assert answer.status_code == 400
    assert "Authorization" in answer.json()["detail"]
    assert TOKEN not in answer.text


async def test_the_page_of_the_api_needs_nothing_from_elsewhere(running):
    page = (await running.api.get("/docs")).text
    assert "GET /api/trades" in page
    assert "<script" not in page
    assert "cdn" not in page.lower()


async def test_books_thrown_away_under_a_running_backend_are_read_again(running):
    await running.booked(*BOUGHT)
    await asyncio.to_thread(downgrade, running.settings.database)
    await asyncio.to_thread(upgrade, running.settings.database)
    await running.booked(valued())

    async def whole():
        return (await running.api.get("/api/trades")).json().get("total") == 1

    await eventually(whole)
    assert (await get(running, "/api/portfolio"))["total_value_krw"] == 1001225


def test_the_time_of_a_delivery_is_to_the_microsecond_what_the_log_says():
    old = "$JS.ACK.EV.projection.1.7.7.1795384487535889614.0"
    new = "$JS.ACK._.hash.EV.projection.1.7.7.1795384487535889614.0.random"
    assert stored_at(old) == stored_at(new) == datetime.fromisoformat("2026-11-22T21:54:47.535889614Z")


async def test_books_built_again_from_the_log_are_the_same_to_the_last_microsecond(running, tmp_path):
    await running.booked(*BOUGHT, valued(), report_due())
    await eventually(lambda: running.log.load(ReportReady.places()))
    await eventually(running.is_read)
    address = f"sqlite:///{tmp_path / 'again.db'}"
    upgrade(address)
    real, fresh = make_engine(running.settings.database), make_engine(address)
    await booked_from(Records(running.log._broker.connection, Namespace()), fresh)
    assert [line async for line in differences(real, fresh)] == []
    async with fresh.begin() as db:
        await db.execute(text("update trades set side = 'sell'"))
    (line,) = [line async for line in differences(real, fresh)]
    assert line == "trades 1: side is buy, not sell"
    for engine in (real, fresh):
        await engine.dispose()
