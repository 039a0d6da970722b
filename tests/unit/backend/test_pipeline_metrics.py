"""How the chain stands, at /metrics: what waits, was put aside, did not end; nothing is guessed when a side is away."""

import asyncio
import re

import httpx
import nats
import pytest

from services.backend.adapters import pipeline_watch
from services.backend.adapters.broker_page import BrokerPage
from services.backend.core.pipeline import Machine
from services.local.nats_server import NatsServer, free_port
from shared.bus import topology
from shared.bus.namespace import Namespace, dead_place
from shared.catalogue.jobs import TAPE_STOPPED
from shared.clock import SystemClock
from shared.switch import Heartbeat
from tests.support import backend
from tests.support.builders import CYCLE, due, end, fill, missed, snapshot
from tests.support.waiting import eventually

MISSED = "KRW-ETH-20260105T0400Z"
OPEN = "KRW-ETH-20260105T0500Z"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(pipeline_watch, "EVERY_S", 0.05)


async def figures(running) -> dict[str, float]:
    """Every series of /metrics by its name with labels."""
    text = (await running.api.get("/metrics")).text
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in re.findall(r"(?m)^[a-z].*$", text)}


async def shown(running, series: str, value: float) -> None:
    async def it_is() -> bool:
        return (await figures(running)).get(series) == value

    await eventually(it_is)


async def test_before_anything_happened_every_known_counter_stands_at_zero(running):
    await shown(running, 'cycles_ended_total{end="OrderUnresolved",symbol="KRW-ETH"}', 0)
    seen = await figures(running)
    assert seen['cycles_missed_total{reason="late",symbol="KRW-ETH"}'] == 0
    assert seen['dead_letters{stage="executor"}'] == 0
    assert seen["nats_up"] == 1
    assert "clock_heartbeat_timestamp_seconds" not in seen  # no clock ever lived


async def test_a_switch_that_cannot_be_relied_on_is_shown_until_a_command_sets_it_anew(running):
    await shown(running, "switch_unbacked", 0)
    await (await running.js.key_value("bot")).put("wish", b'{"status":"running","by":"a stranger"}')
    await shown(running, "switch_unbacked", 1)
    assert "changed past the API" in (await running.api.get("/health")).json()["switch"]
    await running.api.post("/api/bot/pause", headers=backend.OWNER)
    await shown(running, "switch_unbacked", 0)
    assert (await running.api.get("/health")).json()["switch"] == "ok"


async def test_a_clock_whose_tape_stopped_is_told_wherever_one_asks_whether_all_is_well(running):
    now = SystemClock().now()
    why = TAPE_STOPPED.because({"fault": "it is torn"})
    stopped = {"stop_code": why.code, "stop_figures": why.figures}
    beat = Heartbeat(at=now, started_at=now, interval_min=60, jobs=(), **stopped)
    await running.switch.beat(beat)
    told = "시계가 더는 사이클을 시작하지 않습니다: 재생이 멈춤: it is torn"
    assert (await running.api.get("/api/bot/status")).json()["trouble"] == told
    said = "the clock starts no cycle any more: the tape stopped: it is torn"

    async def not_ready() -> bool:
        return bool((await running.api.get("/ready")).json().get("detail") == said)

    await eventually(not_ready)
    assert (await running.api.get("/health")).json()["time"] == said


async def test_ends_and_missed_slots_are_counted_by_market_and_kind(running):
    await running.booked(due(), snapshot(), fill(), end("OrderFilled"), missed(cycle=MISSED))
    await shown(running, 'cycles_ended_total{end="OrderFilled",symbol="KRW-ETH"}', 1)
    await shown(running, 'cycles_missed_total{reason="late",symbol="KRW-ETH"}', 1)
    assert 'scheduler_job_last_success_timestamp_seconds{job_name="trading_job"}' in await figures(running)


async def test_a_cycle_that_did_not_end_shows_since_when(running):
    series = 'cycle_open_timestamp_seconds{symbol="KRW-ETH"}'
    await running.booked(due(cycle=OPEN))

    async def it_shows() -> bool:
        return series in await figures(running)

    await eventually(it_shows)
    await running.booked(end("OrderSkipped", cycle=OPEN))

    async def it_is_gone() -> bool:
        return series not in await figures(running)

    await eventually(it_is_gone)


async def test_what_waits_for_a_reader_that_is_away_is_shown(running):
    await running.booked(due(), due(cycle=OPEN))
    await shown(running, 'jetstream_consumer_num_pending{consumer="collector",stream="EV"}', 2)
    await shown(running, 'jetstream_consumer_num_pending{consumer="projection",stream="EV"}', 0)


async def test_a_letter_shows_until_somebody_deals_with_it(running):
    await running.log.publish_raw(
        b"?", dead_place("filter", snapshot(cycle=CYCLE).subject), stream="DLQ", headers={"Nats-Msg-Id": "dead:1"}
    )
    await shown(running, 'dead_letters{stage="filter"}', 1)
    await running.js.purge_stream("DLQ")
    await shown(running, 'dead_letters{stage="filter"}', 0)


async def test_a_broker_that_is_away_shows_zero_and_no_old_figures(running, server):
    await shown(running, "nats_up", 1)
    server.stop()
    async with asyncio.timeout(20):  # a scrape asks the broker nothing; the server's end may take a while
        seen = await figures(running)
    assert seen["bot_running"] == 1
    await shown(running, "nats_up", 0)
    assert not [name for name in await figures(running) if name.startswith("jetstream_")]
    server.start()
    await shown(running, "nats_up", 1)


FULL = b'{"status":"unavailable","error":"JetStream stream \'$G > EV\' write error: no space left on device"}'


@pytest.mark.parametrize(("status", "body", "well"), [(200, b'{"status":"ok"}', 1), (503, FULL, 0)])
async def test_what_the_broker_says_of_itself_is_shown(tmp_path, server, status, body, well):
    async def healthz(reader, writer):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET /healthz HTTP/1.1")
        writer.write(b"HTTP/1.1 %d .\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()

    port = free_port()
    async with (
        await asyncio.start_server(healthz, "127.0.0.1", port),
        backend.backend(tmp_path, server, nats_monitor_url=f"http://127.0.0.1:{port}") as running,
    ):
        await shown(running, "nats_healthy", well)


async def test_the_brokers_memory_and_the_room_on_its_disk_are_shown(tmp_path):
    with NatsServer(tmp_path / "nats", watched=True) as watched:
        nc = await nats.connect(watched.url)
        await topology.apply(nc.jetstream(), Namespace())
        await nc.close()
        given = {"nats_monitor_url": watched.monitor_url, "broker_dir": str(watched.store)}
        async with backend.backend(tmp_path, watched, **given) as running:
            await running.booked(due())

            async def it_is_stored() -> bool:
                return (await figures(running)).get("broker_store_bytes", 0) > 0

            await eventually(it_is_stored)
            seen = await figures(running)
    assert 2**20 < seen["broker_memory_bytes"] < seen["broker_memory_limit_bytes"] == 2**30
    assert 0 < seen["broker_disk_free_bytes"] < seen["broker_disk_total_bytes"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"mem": -1e999}', b'{"mem": 5, "jetstream": 7}'])
async def test_a_page_of_another_form_tells_nothing_of_the_machine(tmp_path, body):
    page = httpx.AsyncClient(
        base_url="http://nats.test", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    )
    assert await BrokerPage(page, tmp_path / "nowhere").machine() == Machine()
    await page.aclose()


async def test_of_a_broker_whose_page_is_not_known_or_away_nothing_is_said(tmp_path, server):
    nobody = f"http://127.0.0.1:{free_port()}"
    for url in ("", nobody):
        async with backend.backend(tmp_path, server, nats_monitor_url=url) as running:
            await shown(running, "nats_up", 1)
            assert "nats_healthy" not in await figures(running)
