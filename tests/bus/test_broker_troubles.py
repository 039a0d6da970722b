"""The broker gone, wiped, full: a stage says why, ends or recovers, answers its health check, and never spins."""

import asyncio
import shutil
import signal
import sys
import time

import httpx
import pytest
from nats.js.api import DiscardPolicy

from services.local.nats_server import free_port
from shared.bus.event_log import LogFull
from shared.errors import Transient
from shared.events import CycleEnded, SignalPassed, SnapshotTaken
from shared.settings import Settings
from shared.stage import Stage
from tests.support.builders import CYCLE, due, passed, snapshot
from tests.support.processes import environment
from tests.support.waiting import eventually


class Echo:
    def __init__(self):
        self.calls = 0

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed:
        self.calls += 1
        return passed(cycle=snapshot.cycle)


def a_stage(server, handler, fatal):
    stage = Stage("filter", Settings.load(nats_url=server.url), on_fatal=lambda code, why: fatal.append((code, why)))
    stage.handle(handler)
    return stage


async def test_a_store_that_was_wiped_under_a_stage_ends_its_process_with_the_reason(server, js, log):
    fatal = []
    async with a_stage(server, Echo(), fatal).running():
        server.kill()
        shutil.rmtree(server.store / "jetstream")
        server.start()
        await eventually(lambda: fatal)
    assert fatal[0] == (71, "consumer filter is gone from the broker; apply the topology and start again")


async def fill(js, *, room):
    """Leave the stream no room beyond what it holds, as a full disk would; or give it room again."""
    info = await js.stream_info("EV")
    size = -1 if room else max(info.state.bytes, 1)
    await js.update_stream(info.config.evolve(max_bytes=size, discard=DiscardPolicy.NEW))


async def test_a_full_log_says_so_and_stores_nothing(js, log):
    await log.emit(due())
    await fill(js, room=False)
    with pytest.raises(LogFull, match="maximum bytes exceeded"):
        await log.emit(snapshot())
    await fill(js, room=True)
    assert (await log.emit(snapshot())).new


async def test_a_stage_waits_for_room_neither_burying_nor_spinning(server, js, log, monkeypatch):
    monkeypatch.setattr("shared.bus.outcome._pause_s", lambda tries: 0.1)
    handler, fatal = Echo(), []
    await log.emit(due())
    await log.emit(snapshot())
    await fill(js, room=False)
    began = time.monotonic()
    async with a_stage(server, handler, fatal).running():
        await eventually(lambda: handler.calls >= 7)  # past the fifth, where any other fault is buried
        assert await log.load(CycleEnded.places_of(CYCLE)) is None
        assert (await js.stream_info("DLQ")).state.messages == 0
        await fill(js, room=True)
        await eventually(lambda: log.load(passed().subject))
    assert fatal == []
    assert handler.calls <= 2 + (time.monotonic() - began) / 0.1  # it paused between them


async def test_a_message_the_server_would_soon_give_up_is_kept_until_its_cycle_can_end(server, js, log, monkeypatch):
    monkeypatch.setattr("shared.bus.outcome._pause_s", lambda tries: 0.05)
    handler, fatal = Echo(), []
    await log.emit(due())
    await log.emit(snapshot())
    await fill(js, room=False)
    async with a_stage(server, handler, fatal).running():
        await eventually(lambda: handler.calls == 9)
        letter = await eventually(lambda: _letters(js))  # the letters have room, the end has none
        await fill(js, room=True)

        async def ended():
            try:
                return await log.load(CycleEnded.places_of(CYCLE))
            except Transient:  # the server is busy with the change
                return None

        assert (await eventually(ended)).event.kind == "CycleFailed"
    assert (letter, await _letters(js), handler.calls) == (1, 1, 9)
    assert (await js.stream_info("ADV")).state.messages == 0  # the server never had to give up
    assert fatal == []


async def test_where_the_dead_letters_are_full_too_a_message_waits_and_is_buried_later(server, js, log, monkeypatch):
    monkeypatch.setattr("shared.bus.outcome._pause_s", lambda tries: 0.2)
    config = (await js.stream_info("DLQ")).config
    await js.update_stream(config.evolve(max_bytes=1, discard=DiscardPolicy.NEW))
    await log.emit(due())
    await js.publish(snapshot().subject, b"rubbish")
    fatal = []
    async with a_stage(server, Echo(), fatal).running():
        await eventually(lambda: _redelivered(js))
        await js.update_stream(config.evolve(max_bytes=-1))
        stored = await eventually(lambda: log.load(CycleEnded.places_of(CYCLE)))
    assert stored.event.kind == "CycleFailed"
    assert fatal == []


async def _letters(js):
    return (await js.stream_info("DLQ")).state.messages


async def _redelivered(js):
    return (await js.consumer_info("EV", "filter")).num_redelivered


async def test_a_process_whose_broker_is_away_answers_its_health_check_and_stops_at_once(server, js, tmp_path):
    port = free_port()
    settings = environment(NATS_URL=server.url, PORT=str(port), DATA_DIR=str(tmp_path))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.filter", env=settings, cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            await eventually(lambda: status(http, "/ready", 200))
            server.kill()
            await eventually(lambda: status(http, "/health", 503))
            began = time.monotonic()
            assert (await http.get("/ready")).status_code == 503
            assert time.monotonic() - began < 10
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def status(http, path, code):
    try:
        return (await http.get(path)).status_code == code
    except httpx.HTTPError:
        return False


@pytest.mark.slow
async def test_a_broker_that_was_away_for_twenty_seconds_is_found_again(server, js, log):
    handler, fatal = Echo(), []
    async with a_stage(server, handler, fatal).running():
        server.kill()
        await asyncio.sleep(20)  # the absence itself is what is tested
        server.start()

        async def stored():
            try:
                return await log.emit(snapshot())
            except Transient:
                return None

        await eventually(stored)
        await eventually(lambda: log.load(passed().subject))
    assert fatal == []
