"""`upcycle events --follow` as a process of its own, on a log that grows while it looks."""

import signal
import subprocess

import pytest

from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.services import STAGES
from shared.types import cycle_id
from tests.support.builders import AT, CYCLE, due, end, passed, snapshot
from tests.support.processes import UPCYCLE, environment
from tests.support.waiting import eventually

BITCOIN = cycle_id("KRW-BTC", AT)


class Following:
    """What it has shown so far, line by line."""

    def __init__(self, folder, url, *words):
        self.shown = folder / "shown"
        with self.shown.open("wb") as out:
            self.process = subprocess.Popen(
                [*UPCYCLE, "events", "--follow", "--nats", url, *words],
                env=environment(COLUMNS="200"), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip

    def lines(self):
        return self.shown.read_text().splitlines()

    async def until(self, count):
        def enough():
            assert self.process.poll() is None, self.shown.read_text()
            return len(self.lines()) >= count

        await eventually(enough)

    async def ended(self):
        await eventually(lambda: self.process.poll() is not None)
        return self.process.returncode


@pytest.fixture
def following(tmp_path, server):
    begun = []

    def start(*words):
        begun.append(Following(tmp_path, server.url, *words))
        return begun[-1]

    yield start
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
        each.process.wait()


async def test_what_is_there_comes_first_and_what_is_said_next_follows_until_ctrl_c(log, following):
    await log.emit(due())
    watched = following()
    await watched.until(1)
    for event in (snapshot(), passed()):
        await log.emit(event)
    await watched.until(3)
    await log.emit(end("OrderSkipped"))
    await watched.until(4)
    assert [line.split()[0] for line in watched.lines()] == ["1", "2", "3", "4"]
    assert [line.split()[4] for line in watched.lines()] == [*STAGES[:3], "executor"]
    watched.process.send_signal(signal.SIGINT)
    assert await watched.ended() == 0
    assert len(watched.lines()) == 4  # no traceback


async def test_only_what_is_wanted_follows_and_rubbish_does_not_end_it(log, js, following):
    await log.emit(due(cycle=BITCOIN))
    watched = following("--market", "KRW-BTC")
    await watched.until(1)
    await log.emit(due())
    await js.publish(due(cycle="KRW-XRP-20260105T0300Z").subject, b"rubbish")
    await log.emit(snapshot(cycle=BITCOIN))
    await watched.until(3)
    assert [BITCOIN in line for line in watched.lines()] == [True, False, True]
    assert "nobody can read this one" in watched.lines()[1]
    assert CYCLE not in watched.shown.read_text()


async def test_an_empty_log_is_waited_for(js, log, following):
    watched = following()
    await log.emit(due())
    await watched.until(1)
    assert CYCLE in watched.lines()[0]


@pytest.mark.slow
async def test_a_broker_that_goes_away_ends_it_with_a_sentence(server, following):
    broker, events = make_broker(server.url, name="test", namespace=Namespace())
    async with broker:
        await topology.apply(broker.connection.jetstream(), Namespace())
        await events.emit(due())
    watched = following()
    await watched.until(1)
    server.stop()
    assert await watched.ended() == 1
    (said,) = watched.lines()[1:]
    assert said.startswith("upcycle: the broker ")  # does not answer; or, while it shuts down, has no stream
