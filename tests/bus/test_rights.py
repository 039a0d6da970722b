"""Every login of compose's broker tries everything: what its table does not name is refused by the server.

What the server let each of them do stands in tests/golden/rights: a right that was added is a line in a diff.
"""

import asyncio
import re
import socket
from contextlib import asynccontextmanager
from typing import get_args

import nats
import pytest

from infra.nats.users import PAGES, SERVICES, USERS
from services.executor.adapters.bucket_switch import BucketSwitch
from services.notifier.adapters.lease import JetStreamLease
from services.notifier.adapters.reports import Reports
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import DEAD, Namespace, dead_place
from shared.bus.outcome import put_aside
from shared.bus.switch import Switch
from shared.bus.wire import encode
from shared.events import KINDS, CycleEnded, Event
from shared.services import OWNER, READERS, STAGES
from tests.support.backend import OWNER as OWNER_OF_API
from tests.support.backend import backend, book_shown
from tests.support.builders import (
    AT,
    CYCLE,
    asked,
    control,
    decision,
    due,
    end,
    examples,
    fill,
    intent,
    job_switched,
    passed,
    snapshot,
    valued,
)
from tests.support.golden import FOLDER, assert_golden

ENDS = [end("CycleFailed", stage=stage) for stage in STAGES[1:]] + [end("CycleFailed", by="clock")]
CONTROLS = [
    example.model_copy(update={"command": command})
    for example in (control(), job_switched())
    for command in get_args(type(example).model_fields["command"].annotation)
]
EVENTS = {event.subject for event in (*examples().values(), *ENDS, *CONTROLS)}
LETTERS = {dead_place(reader, decision().subject) for reader in READERS}
KEYS = (
    "$KV.bot.wish", "$KV.bot.job.trading_job", "$KV.bot.clock", "$KV.bot.other", "$KV.budget.20260105",
    "$KV.telegram.seat", "$KV.history.KRW-ETH", "$O.history.C.abc",
)  # fmt: skip
HEARD = {kind.trunk() for kind in KINDS.values()} | {Event.SUBJECT, DEAD, "$KV.>", "_INBOX.>", "_INBOX_owner.>", ">"}
NEXT = "$JS.API.CONSUMER.MSG.NEXT.EV"
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


async def forbidden(nc, faults) -> bool:
    """The server's refusal comes before its pong, but nats-py tells of it in a task of its own."""
    await nc.flush()
    await nc.flush()
    for _ in range(50):
        await asyncio.sleep(0)
    return any("permissions violation" in fault.lower() for fault in faults)


async def refused(nc, faults, subject, body=b"") -> bool:
    """Whether the server forbids this login to say that."""
    faults.clear()
    await nc.publish(subject, body)
    return await forbidden(nc, faults)


async def deaf(nc, faults, subject) -> bool:
    """Whether the server forbids this login to hear that."""
    faults.clear()
    await nc.subscribe(subject)
    return await forbidden(nc, faults)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_threat_pages_show_the_rights_as_they_are_and_judge_every_login(path):
    told = path.read_text(encoding="utf-8")
    judged = re.findall(r"^\| `([a-z]+)` \|[^|]+\|[^|]+\|$", told, re.M)
    assert judged == [*USERS[1:], OWNER]
    shown = re.findall(r"^\| `([a-z]+)` \|(?:[^|]+\|){3}$", told, re.M)
    assert shown == list(SERVICES)


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_may_just_what_its_golden_file_holds(server, user):
    async with login(server, user) as (nc, faults):
        says = [
            subject for subject in sorted((*EVENTS, *LETTERS, *KEYS)) if not await refused(nc, faults, subject, b"{}")
        ]
        takes = [name for name in READERS if not await refused(nc, faults, f"{NEXT}.{name}", b"1")]
        hears = [subject for subject in sorted(HEARD) if not await deaf(nc, faults, subject)]
        made = [subject for subject in MAKING if not await refused(nc, faults, subject, b"{}")]
    rights = {"says": says, "takes": takes, "hears": hears}
    lines = (f"{verb} {name}\n" for verb, names in rights.items() for name in names)
    assert_golden(f"rights/{user}.txt", "".join(lines))
    assert made == []


def test_no_golden_rights_are_left_over():
    assert {path.stem for path in (FOLDER / "rights").glob("*.txt")} == set(SERVICES)


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
        found = await log.load(CycleEnded.places_of(CYCLE))
        assert (found.event.kind, found.event.stage) == ("OrderUnresolved", "executor")
        assert found.event.subject == end("CycleFailed", by="clock").subject
        await (await Switch.open(js, Namespace())).state()
        await js.stream_info("EV")
        assert fatal == []


async def test_a_reader_of_results_that_meets_rubbish_puts_it_aside_and_ends_no_cycle(server):
    async with login(server, OWNER) as (owner, _), log_of(server, "backend") as (log, js, fatal):
        await owner.jetstream().publish(due().subject, encode(due()))
        await put_aside(log, b"{", snapshot().subject, stage="projection", seq=2, deliveries=1, why="unreadable")
        assert await log.load(CycleEnded.places_of(CYCLE)) is None
        await js.stream_info("EV")
        assert fatal == []


async def test_the_backends_login_is_enough_for_every_route_of_the_api(server, tmp_path):
    """What a login may not do ends its process: one who opened a page would end the backend."""
    given, sale = {"market": "KRW-ETH"}, {"id": f"KRW-ETH-{AT:%Y%m%dT%H%M%SZ}-sale", "amount": "0.0125"}
    with book_shown():
        async with backend(tmp_path, server, nats_url=server.url_of("backend")) as running:
            await running.booked(due(), snapshot(), passed(), asked(), fill(), end("OrderFilled"), valued())
            routes = (await running.api.get("/openapi.json")).json()["paths"]
            addresses = {
                path.format(trade_id=1, cycle=CYCLE, market="KRW-ETH") for path, ways in routes.items() if "get" in ways
            }
            for path in sorted(addresses - {"/api/events/stream"}):
                assert (await running.api.get(path, params=given, headers=OWNER_OF_API)).status_code == 200, path
            stream = running.app.state.backend.stream(0, "a test")
            assert [(await anext(stream)).partition("\n")[0] for _ in range(2)] == [": the log, from here on", "id: 1"]
            await stream.aclose()
            panicked = await running.api.post("/api/bot/panic", params={"sell": True}, headers=OWNER_OF_API)
            assert panicked.status_code == 200, panicked.text
            for job in ("pause", "resume"):
                for path in (f"/api/bot/{job}", f"/api/bot/jobs/daily_report_job/{job}"):
                    assert (await running.api.post(path, headers=OWNER_OF_API)).status_code == 200, path
            sold = await running.api.post("/api/bot/sale/KRW-ETH", params=sale, headers=OWNER_OF_API)
            assert sold.status_code == 200, sold.text
            await running.js.account_info()  # a refusal is told in a task of its own, and this is a round to the broker
            assert running.fatal == []
