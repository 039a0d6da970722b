"""The clock on a real server: two at once start nothing twice, and a tape waits for its cycles."""

import asyncio
import re
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.clock.adapters.jetstream_cycles import JetStreamCycles, JetStreamEnds, JetStreamJobs
from services.clock.adapters.owner_switch import OwnerSwitch
from services.clock.adapters.paper_time import PaperTime
from services.clock.app import create_stage
from services.clock.core.schedule import DueSlot, LateSlot
from services.clock.handler import CycleStarter
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.slot_time import SlotTime
from services.clock.tape import OVER, TapeClock
from services.clock.wall import WallClock
from services.collector.adapters.event_memory import EventMemory
from services.local.chain import served
from services.local.nats_server import free_port
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.events import CycleMissed, Event, PastCycle, ReportDue, TradingDue, ValuationDue
from shared.settings import Settings
from shared.switch import DesiredState
from shared.types import cycle_id, slot_time
from tests.support.admin_time import TOKEN, AdminTime
from tests.support.builders import AT, due, end, fill, missed, position, report_due, valued
from tests.support.clock_fakes import FakeOwner, FakeTimer, no_portfolio_jobs
from tests.support.waiting import eventually

HOUR = timedelta(hours=1)
MARKETS = ("KRW-ETH", "KRW-BTC")


@pytest.fixture
async def other_log(server, js):
    broker, events = make_broker(server.url, name="other", namespace=Namespace())
    await broker.connect()
    yield events
    await broker.stop()


def starter(events, *wishes):
    return CycleStarter(JetStreamCycles(events), FakeOwner(*wishes), {}, "0123456789abcdef", "0.1.0+abc")


async def test_two_clocks_at_once_start_or_miss_each_of_200_slots_once(log, other_log, js):
    one, other = starter(log), starter(other_log, DesiredState(status="paused", by="api"))
    slots = [AT + n * HOUR for n in range(200)]

    async def play(start, backward):
        for n, slot in enumerate(slots):
            item = LateSlot(slot, 90) if (n % 7 == 0) is backward else DueSlot(slot)
            await start("KRW-ETH", item)
            if not backward:
                await log.emit(end("CycleRejected", cycle=cycle_id("KRW-ETH", slot)))

    await asyncio.gather(play(one, False), play(other, True))
    starts = [
        (await js.stream_info("EV", subjects_filter=kind.places(market="KRW-ETH"))).state.subjects or {}
        for kind in (TradingDue, CycleMissed)
    ]
    assert sum(map(len, starts)) == sum(sum(messages.values()) for messages in starts) == 200


async def test_two_wall_clocks_over_the_same_hours_agree(log, other_log, js):
    timers = FakeTimer(AT), FakeTimer(AT)
    clocks = [
        WallClock(MARKETS, 60, True, JetStreamCycles(events), starter(events), SlotTime(timer))
        for events, timer in zip((log, other_log), timers, strict=True)
    ]
    for _ in range(20):
        await asyncio.gather(*(clock.catch_up() for clock in clocks))
        for timer in timers:
            timer.at += HOUR
    info = await js.stream_info("EV", subjects_filter=Event.SUBJECT)
    assert len(info.state.subjects) == 40
    assert sum(info.state.subjects.values()) == 40
    # Nobody ended the first cycle, so nothing else was started.
    assert await log.subjects(TradingDue.places()) == {due(cycle="KRW-BTC-20260105T0300Z").subject, due().subject}


async def test_the_newest_slots_are_told_in_the_order_of_the_log(log):
    cycles = JetStreamCycles(log)
    assert await cycles.last_slots("KRW-ETH") == []
    await log.emit(due())
    await log.emit(missed(cycle="KRW-ETH-20260105T0400Z"))
    await log.emit(due(cycle="KRW-BTC-20260105T0900Z"))
    assert await cycles.last_slots("KRW-ETH") == [AT, AT + HOUR]
    assert await cycles.last_started("KRW-ETH") == "KRW-ETH-20260105T0300Z"


async def test_rubbish_in_the_place_of_a_start_does_not_stop_the_clock(log, js):
    await js.publish(due().subject, b"{]")
    start = starter(log)
    await start("KRW-ETH", DueSlot(AT))
    await start("KRW-ETH", DueSlot(AT + HOUR))
    assert (await log.load(due(cycle="KRW-ETH-20260105T0400Z").subject)).event.kind == "TradingDue"


async def test_a_tape_is_played_hour_by_hour_each_after_the_ends_of_the_one_before(log, other_log, server):
    exchange = AdminTime(AT - HOUR)
    ends = JetStreamEnds(Namespace())
    await ends.listen(log._broker.connection)
    seen: list[tuple[str, bool]] = []

    async def pipeline(msg):
        """End a cycle a moment after its tick, and note what the exchange's time was then."""
        cycle = TradingDue.model_validate_json(msg.data).cycle
        await asyncio.sleep(0.005)
        seen.append((cycle, exchange.now == slot_time(cycle[-14:])))
        await other_log.emit(end("CycleRejected", cycle=cycle))

    await other_log._broker.connection.subscribe(TradingDue.trunk(), cb=pipeline)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(exchange.app),
        base_url="http://paper",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        clock = TapeClock(
            MARKETS, AT, 24, JetStreamCycles(log), FakeOwner(), starter(log), PaperTime(client), ends, FakeTimer(),
            no_portfolio_jobs(),
        )  # fmt: skip
        await asyncio.wait_for(clock.run(), 120)
    assert clock.job(None).why == OVER
    assert exchange.moves == [AT + n * HOUR for n in range(24)]
    assert len(seen) == 48
    assert all(in_time for _, in_time in seen)


async def test_the_clocks_process_beats_and_starts_its_first_cycle_on_the_minute_it_is_in(server, js):
    stage = create_stage(Settings.load(nats_url=server.url, scheduler_interval_minutes=1))
    switch = await Switch.open(js, Namespace())
    async with stage.running():
        beat = await eventually(switch.heartbeat)
        # A minute is never older than the grace, so the very first start trades it.
        tick = await eventually(lambda: stage.log.load(TradingDue.places(market="KRW-ETH")))
    assert beat.interval_min == 1
    assert [job.id for job in beat.jobs] == ["trading_job", "portfolio_snapshot_job", "daily_report_job"]
    assert isinstance(tick.event, TradingDue)
    assert tick.event.settings["SCHEDULER_INTERVAL_MINUTES"] == "1"


async def test_the_clocks_process_starts_nothing_while_the_exchange_says_another_time(server, js):
    stamped = {"Date": format_datetime(SystemClock().now() - timedelta(days=1), usegmt=True)}

    async def ticker(_: Request) -> JSONResponse:
        return JSONResponse([], headers=stamped)

    port = free_port()
    exchange, url = Starlette(routes=[Route("/v1/ticker", ticker)]), f"http://127.0.0.1:{port}"
    stage = create_stage(Settings.load(nats_url=server.url, scheduler_interval_minutes=1, upbit_base_url=url))
    async with served(exchange, port), stage.running():
        shown = await eventually(lambda: re.search(rb"\nclock_skew_seconds (\S+)", stage.metrics.render()))
        await eventually((await Switch.open(js, Namespace())).heartbeat)
    assert abs(float(shown[1]) - 86400) < 5
    assert (await js.stream_info("EV")).state.messages == 0


async def test_a_clock_with_the_scheduler_disabled_beats_and_starts_nothing(server, js):
    stage = create_stage(Settings.load(nats_url=server.url, scheduler_interval_minutes=1, scheduler_enabled=False))
    switch = await Switch.open(js, Namespace())
    async with stage.running():
        beat = await eventually(switch.heartbeat)
    assert beat.jobs[0].say("en") == "SCHEDULER_ENABLED=false"
    assert (await switch.state()).status == "stopped"
    assert (await js.stream_info("EV")).state.messages == 0


async def test_the_switch_is_opened_when_first_asked(js):
    asked = OwnerSwitch(lambda: Switch.open(js, Namespace()))
    await asked.change(lambda _: DesiredState(status="paused", by="api"))
    assert (await asked.state()).status == "paused"


async def test_the_collector_remembers_what_the_last_fill_left(log):
    memory = EventMemory(log, 60)
    assert await memory.position("KRW-ETH") is None
    await log.emit(fill())
    assert (await memory.position("KRW-ETH")).volume == position().volume
    assert await memory.position("KRW-BTC") is None
    sold = fill(cycle="KRW-ETH-20260105T0400Z", side="sell", position=position(volume="0", cost="0"))
    await log.emit(sold)
    assert await memory.position("KRW-ETH") is None


async def test_rubbish_in_the_place_of_a_fill_hides_no_position(log, js):
    await log.emit(fill())
    await js.publish(fill(cycle="KRW-ETH-20260105T0400Z").subject, b"{]")
    assert (await EventMemory(log, 60).position("KRW-ETH")).volume == position().volume


async def test_the_collector_remembers_the_ends_of_the_last_five_slots_newest_first(log):
    for hour in range(8):
        cycle = cycle_id("KRW-ETH", AT + hour * HOUR)
        await log.emit(end("OrderFilled" if hour == 6 else "CycleRejected", cycle=cycle))
    past = await EventMemory(log, 60).past("KRW-ETH", "20260105T1000Z")
    assert [p.cycle[-14:-3] for p in past] == [
        "20260105T09",
        "20260105T08",
        "20260105T07",
        "20260105T06",
        "20260105T05",
    ]
    assert past[0] == PastCycle(
        cycle="KRW-ETH-20260105T0900Z", end="OrderFilled", decision="buy", reason_code="ORDERFILLED"
    )


async def test_the_clocks_process_plays_a_tape_and_its_heartbeat_says_when_it_is_over(server, js, other_log):
    exchange, port = AdminTime(AT - HOUR), free_port()

    async def pipeline(msg):
        await other_log.emit(end("CycleRejected", cycle=TradingDue.model_validate_json(msg.data).cycle))

    async def value(msg):
        due = ValuationDue.model_validate_json(msg.data)
        await other_log.emit(valued(due.slot_at))

    await other_log._broker.connection.subscribe(TradingDue.trunk(), cb=pipeline)
    await other_log._broker.connection.subscribe(ValuationDue.places(), cb=value)
    settings = Settings.load(
        nats_url=server.url,
        paper_clock="stepped",
        paper_admin_token=TOKEN,
        tape_from="2026-01-05T03:00Z",
        tape_hours=3,
        upbit_base_url=f"http://127.0.0.1:{port}",
    )
    switch = await Switch.open(js, Namespace())
    async with served(exchange.app, port), create_stage(settings).running():

        async def over():
            beat = await switch.heartbeat()
            return beat is not None and beat.jobs[0].why == OVER

        await eventually(over)
    assert exchange.moves == [AT, AT + HOUR, AT + 2 * HOUR]
    assert len(await other_log.subjects(ValuationDue.places())) == 3


async def test_two_clocks_ask_for_each_valuation_and_report_once(log, other_log, js):
    midnight = AT.replace(hour=0)
    for hour in range(26):
        timer = FakeTimer(midnight + hour * HOUR + timedelta(seconds=1))
        both = [
            PortfolioJobs(MARKETS, 60, True, JetStreamJobs(events), FakeOwner(), SlotTime(timer))
            for events in (log, other_log)
        ]
        await asyncio.gather(*(jobs.catch_up() for jobs in both))
    info = await js.stream_info("EV", subjects_filter=Event.SUBJECT)
    assert sum(info.state.subjects.values()) == len(info.state.subjects) == 28
    reports = {report_due(midnight).subject, report_due(midnight + 24 * HOUR).subject}
    assert await log.subjects(ReportDue.places()) == reports
