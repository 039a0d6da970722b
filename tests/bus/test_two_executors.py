"""Two executors, real processes: one works, the other stands by and takes over within seconds."""

import os
import signal
import subprocess
import sys
from decimal import Decimal

import httpx
import pytest

from services.local.nats_server import free_port
from shared.clock import monotonic
from shared.events import CycleEnded, FillRecorded, OrderIntended
from shared.types import cycle_id
from tests.support.builders import book, decision, due, snapshot
from tests.support.paper_server import NOW, seat, seated
from tests.support.processes import ROOT, environment
from tests.support.waiting import eventually

CYCLE = cycle_id("KRW-ETH", NOW)
ENDED = CycleEnded.places_of(CYCLE)


@pytest.fixture
def paper(tmp_path):
    with seat() as at, seated(at, tmp_path) as running:
        yield running


@pytest.fixture
def executors(server, paper, tmp_path):
    """Two of them, as (process, port), and the file in which the one at work names himself."""
    file, started = tmp_path / "at-work", []
    for _ in range(2):
        port = free_port()
        env = environment(
            NATS_URL=server.url, UPBIT_BASE_URL=paper.url, PORT=str(port), DATA_DIR=str(tmp_path),
            PAPER_ACCESS_KEY=paper.access_key, PAPER_SECRET_KEY=paper.secret_key, LOG_LEVEL="ERROR",
        )  # fmt: skip
        words = [sys.executable, "-m", "tests.support.mortal_executor", str(file)]
        started.append((subprocess.Popen(words, env=env, cwd=ROOT), port))
    yield started, file
    for process, _ in started:
        process.kill()
        process.wait()


def ready(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
async def test_killing_the_executor_at_work_hands_its_order_over_within_seconds(js, log, paper, executors):
    started, file = executors
    for _, port in started:
        await eventually(lambda port=port: ready(port))
    for event in (due(cycle=CYCLE), snapshot(cycle=CYCLE, at=NOW, book=book(at=NOW)), decision(cycle=CYCLE)):
        await log.emit(event)
    await eventually(lambda: file.exists() and file.read_text().endswith(" "))
    os.kill(int(file.read_text()), signal.SIGKILL)
    killed_at = monotonic()
    ended = await eventually(lambda: log.load(ENDED))
    took = monotonic() - killed_at

    assert ended.event.kind == "OrderFilled"
    assert took < 10
    (order,) = paper.exchange.orders()
    assert order.identifier == CYCLE
    filled = (await log.load(FillRecorded.subject_of(CYCLE))).event
    assert filled.volume == order.volume > Decimal(0)
    assert (await log.load(OrderIntended.subject_of(CYCLE))).event.client_order_id == CYCLE
    print(f"handed over in {took:.1f} s")
