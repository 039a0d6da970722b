"""Every login of compose's broker tries everything: what its table does not name is refused by the server.

The allowed sayers of each event are written by hand here, so that a line added to the table is seen.
"""

import asyncio
import re
import socket
from contextlib import asynccontextmanager

import nats
import pytest

from infra.nats.users import PAGES, SERVICES, USERS
from services.executor.adapters.bucket_switch import BucketSwitch
from services.notifier.adapters.lease import JetStreamLease
from services.notifier.adapters.reports import Reports
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.outcome import put_aside
from shared.bus.switch import Switch
from shared.bus.wire import encode
from shared.services import OWNER, READERS
from tests.support.backend import OWNER as OWNER_OF_API
from tests.support.backend import backend, book_shown
from tests.support.builders import AT, CYCLE, decision, due, end, fill, intent, passed, snapshot, valued

SAYERS = {
    "ev.tick.KRW-ETH.20260105T0300Z": {"clock"},
    "ev.missed.KRW-ETH.20260105T0300Z": {"clock"},
    "ev.due.valuation.20260105T0300Z": {"clock"},
    "ev.exit.KRW-ETH.20260105T030012Z-exit": {"clock", "executor"},
    "ev.snapshot.KRW-ETH.20260105T0300Z": {"collector"},
    "ev.signal.KRW-ETH.20260105T0300Z": {"filter"},
    "ev.decision.KRW-ETH.20260105T0300Z": {"analyst"},
    "ev.intent.executor.KRW-ETH.20260105T0300Z": {"executor"},
    "ev.fill.KRW-ETH.20260105T0300Z": {"executor"},
    "ev.found.KRW-ETH.20260105T0300Z": {"executor"},
    "ev.settled.KRW-ETH.20260105T0300Z": set(),
    "ev.ended.collector.KRW-ETH.20260105T0300Z": {"collector"},
    "ev.ended.filter.KRW-ETH.20260105T0300Z": {"filter"},
    "ev.ended.analyst.KRW-ETH.20260105T0300Z": {"analyst"},
    "ev.ended.executor.KRW-ETH.20260105T0300Z": {"executor"},
    "ev.valued.20260105T0300Z": {"executor"},
    "ev.report.20260105T0000Z": {"backend"},
    "ev.ended.clock.KRW-ETH.20260105T0300Z": {"clock"},
    "ev.control.pause.1": {"backend", "executor"},
    "ev.control.stop.1": {"backend"},
    "ev.control.start.1": {"backend"},
    "ev.control.resume.1": {"backend"},
    "ev.control.exits-only.1": {"backend"},
    "ev.sale.KRW-ETH.20260105T030000Z-sale": {"backend"},
    "ev.control.resume_job.1": {"backend"},
    "dead.executor.decision.KRW-ETH.20260105T0300Z": {"clock", "executor"},
    "$KV.bot.wish": {"clock", "backend"},
    "$KV.bot.job.trading_job": {"backend"},
    "$KV.bot.clock": {"clock"},
    "$KV.bot.other": set(),
    "$KV.budget.20260105": {"analyst"},
    "$KV.telegram.seat": {"notifier"},
    "$KV.history.KRW-ETH": {"collector"},
    "$O.history.C.abc": {"collector"},
}
OWN = {"executor": {"executor", "valuation", "sale"}, "backend": {"projection", "report"}}
MAKING = (
    "$JS.API.STREAM.CREATE.X",
    "$JS.API.STREAM.UPDATE.EV",
    "$JS.API.STREAM.DELETE.EV",
    "$JS.API.STREAM.PURGE.EV",
    "$JS.API.STREAM.PURGE.DLQ",
    "$JS.API.STREAM.MSG.DELETE.EV",
    "$JS.API.CONSUMER.CREATE.EV.executor",
    "$JS.API.CONSUMER.CREATE.EV",
    "$JS.API.CONSUMER.DURABLE.CREATE.EV.executor",
    "$JS.API.CONSUMER.DELETE.EV.executor",
    "$JS.API.CONSUMER.PAUSE.EV.executor",
    "$JS.API.STREAM.SNAPSHOT.EV",
    "$JS.API.SERVER.STEPDOWN",
)


@pytest.fixture
async def server(server):
    async with login(server, OWNER) as (owner, _):
        await topology.apply(owner.jetstream(), Namespace())
    return server


@asynccontextmanager
async def login(server, user):
    faults = []

    async def hear(e):
        faults.append(str(e))

    nc = await nats.connect(server.url_of(user), inbox_prefix=f"_INBOX_{user}", error_cb=hear)
    try:
        yield nc, faults
    finally:
        await nc.close()


async def heard(nc):
    """The server's refusal comes before its pong, but nats-py tells of it in a task of its own."""
    await nc.flush()
    await nc.flush()
    for _ in range(50):
        await asyncio.sleep(0)


async def refused(nc, faults, subject, body=b"") -> bool:
    """Whether the server forbids this login to say that."""
    faults.clear()
    await nc.publish(subject, body)
    await heard(nc)
    return any("permissions violation" in fault.lower() for fault in faults)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_threat_pages_show_the_rights_as_they_are_and_judge_every_login(path):
    told = path.read_text(encoding="utf-8")
    judged = re.findall(r"^\| `([a-z]+)` \|[^|]+\|[^|]+\|$", told, re.M)
    assert judged == [*USERS[1:], OWNER]
    shown = re.findall(r"^\| `([a-z]+)` \|(?:[^|]+\|){3}$", told, re.M)
    assert shown == list(SERVICES)


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_says_what_is_its_own_and_nothing_else(server, user):
    async with login(server, user) as (nc, faults):
        said = {subject for subject in SAYERS if not await refused(nc, faults, subject, b"{}")}
        assert said == {subject for subject, sayers in SAYERS.items() if user in sayers}
        made = [subject for subject in MAKING if not await refused(nc, faults, subject, b"{}")]
        assert made == []


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_takes_its_own_messages_and_nobody_elses(server, user):
    async with login(server, user) as (nc, faults):
        taken = set()
        for reader in READERS:
            if not await refused(nc, faults, f"$JS.API.CONSUMER.MSG.NEXT.EV.{reader}", b"1"):
                taken.add(reader)
        assert taken == OWN.get(user, {user} & set(READERS))


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_hears_its_own_inbox_and_only_the_backend_the_log(server, user):
    hears = set()
    async with login(server, user) as (nc, faults):
        for subject in ("ev.>", "ev.intent.>", "$KV.>", "_INBOX.>", "_INBOX_owner.>", ">"):
            faults.clear()
            await nc.subscribe(subject)
            await heard(nc)
            if not any("permissions violation" in fault.lower() for fault in faults):
                hears.add(subject)
    assert hears == ({"ev.>", "ev.intent.>"} if user == "backend" else set())


@pytest.mark.parametrize("given", ['{"user":"executor","pass":"guess"}', "{}"])
def test_a_wrong_password_and_none_open_nothing(server, given):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(f"CONNECT {given}\r\nPING\r\n".encode())
        said = b""
        while more := line.recv(4096):
            said += more
    assert b"Authorization Violation" in said
    assert b"PONG" not in said


async def test_the_notifiers_login_is_enough_to_hear_commands_and_to_look_for_reports(server):
    async with login(server, "notifier") as (nc, faults):
        lease = JetStreamLease(lambda: nc.jetstream(timeout=30), Namespace(), "me")
        assert await lease.acquire() == 0
        assert await lease.advance(8)
        await lease.release()
        assert await Reports(lambda: nc, Namespace()).last() == (None, None)
        assert faults == []


@asynccontextmanager
async def log_of(server, user):
    """The event log by a login; and what ends its process."""
    fatal = []
    broker, log = make_broker(
        server.url_of(user), name=user, namespace=Namespace(), on_fatal=lambda *why: fatal.append(why)
    )
    await broker.connect()
    try:
        yield log, broker.connection.jetstream(), fatal
    finally:
        await broker.stop()


async def test_the_executors_login_is_enough_to_pause(server):
    async with log_of(server, "executor") as (log, js, fatal):
        switch = BucketSwitch(lambda: Switch.open(js, Namespace()), log)
        assert await switch.pause("a panic", AT)
        assert await switch.status() == "paused"
        await js.stream_info("EV")  # a refusal is told in a task of its own
        assert fatal == []


async def test_the_clocks_login_is_enough_to_end_a_cycle_for_a_stage_that_cannot(server):
    async with login(server, OWNER) as (owner, _), log_of(server, "clock") as (log, js, fatal):
        js_of_owner = owner.jetstream()
        for event in (due(), decision(), intent()):
            await js_of_owner.publish(event.subject, encode(event))
        await put_aside(log, b"", decision().subject, stage="executor", seq=2, deliveries=10, why="died", by="clock")
        found = await log.load("ev.ended.*.KRW-ETH.20260105T0300Z")
        assert (found.event.kind, found.event.stage) == ("OrderUnresolved", "executor")
        assert found.event.subject == "ev.ended.clock.KRW-ETH.20260105T0300Z"
        await (await Switch.open(js, Namespace())).state()
        await js.stream_info("EV")
        assert fatal == []


async def test_a_reader_of_results_that_meets_rubbish_puts_it_aside_and_ends_no_cycle(server):
    async with login(server, OWNER) as (owner, _), log_of(server, "backend") as (log, js, fatal):
        await owner.jetstream().publish(due().subject, encode(due()))
        await put_aside(log, b"{", snapshot().subject, stage="projection", seq=2, deliveries=1, why="unreadable")
        assert await log.load("ev.ended.*.KRW-ETH.20260105T0300Z") is None
        await js.stream_info("EV")
        assert fatal == []


async def test_the_backends_login_is_enough_for_every_route_of_the_api(server, tmp_path):
    """What a login may not do ends its process: one who opened a page would end the backend."""
    given, sale = {"market": "KRW-ETH"}, {"id": f"KRW-ETH-{AT:%Y%m%dT%H%M%SZ}-sale", "amount": "0.0125"}
    with book_shown():
        async with backend(tmp_path, server, nats_url=server.url_of("backend")) as running:
            await running.booked(due(), snapshot(), passed(), decision(), fill(), end("OrderFilled"), valued())
            routes = (await running.api.get("/openapi.json")).json()["paths"]
            asked = {
                path.format(trade_id=1, cycle=CYCLE, market="KRW-ETH") for path, ways in routes.items() if "get" in ways
            }
            for path in sorted(asked - {"/api/events/stream"}):
                assert (await running.api.get(path, params=given, headers=OWNER_OF_API)).status_code == 200, path
            stream = running.app.state.backend.stream(0, "a test")
            assert [(await anext(stream)).partition("\n")[0] for _ in range(2)] == [": the log, from here on", "id: 1"]
            await stream.aclose()
            for job in ("pause", "resume"):
                for path in (f"/api/bot/{job}", f"/api/bot/jobs/daily_report_job/{job}"):
                    assert (await running.api.post(path, headers=OWNER_OF_API)).status_code == 200, path
            sold = await running.api.post("/api/bot/sale/KRW-ETH", params=sale, headers=OWNER_OF_API)
            assert sold.status_code == 200, sold.text
            await running.js.account_info()  # a refusal is told in a task of its own, and this is a round to the broker
            assert running.fatal == []
