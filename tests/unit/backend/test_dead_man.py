"""The dead-man switch: called each minute while all is well, and silent for each thing that is not."""

from dataclasses import replace
from datetime import timedelta

import httpx
import nats
import pytest
from pydantic import SecretStr

from services.backend.adapters.broker_page import BrokerPage
from services.backend.adapters.pipeline_watch import PipelineWatch
from services.backend.core.pipeline import BrokerState, CycleCounts, PipelineState, ReaderState
from services.backend.dead_man import DeadMan, dead_man_url
from shared.bus.namespace import Namespace
from shared.db import make_engine
from shared.fixed_clock import FixedClock
from shared.services import READERS
from shared.settings import BadSetting
from tests.support.backend import backend
from tests.support.builders import AT
from tests.support.waiting import eventually

URL = "https://hc-ping.com/5f2a9c8e-secret"


class Pipeline:
    """As the watch sees it; `life` is what happens of itself in a second."""

    def __init__(self):
        idle = ReaderState(waiting=0, in_hand=0, redelivered=0, done_up_to=100, asking=1)
        self.readers = dict.fromkeys(READERS, idle)
        self.clock, self.clock_runs, self.open = FixedClock(AT), True, {}
        self.beat, self.bus_answers, self.books_answer, self.bus_well = AT, True, True, True
        self.fault = ""
        self.calls, self.status = [], 200
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.called))
        self.dead_man = DeadMan(client, URL, self.seen, self.clock)

    def called(self, request):
        assert str(request.url) == URL
        self.calls.append((self.clock.at - AT).total_seconds())
        return httpx.Response(self.status)

    def seen(self):
        signs = {"heartbeat": self.beat, "fault": self.fault, "well": self.bus_well}
        bus = BrokerState(self.readers, **signs) if self.bus_answers else None
        return PipelineState(bus, CycleCounts(open=self.open) if self.books_answer else None)

    def reader(self, name, **changes):
        self.readers[name] = replace(self.readers[name], **changes)

    async def live(self, minutes):
        """Calls made in that time."""
        before = len(self.calls)
        for _ in range(minutes * 12):
            await self.dead_man.check()
            self.clock.at += timedelta(seconds=5)
            if self.clock_runs:
                self.beat = self.clock.at
        return len(self.calls) - before


@pytest.fixture
def pipeline():
    return Pipeline()


async def test_while_all_is_well_it_is_called_each_minute_but_not_at_the_start(pipeline):
    assert await pipeline.live(minutes=5) == 4
    assert pipeline.calls == [60, 120, 180, 240]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda p: setattr(p, "bus_answers", False),
        lambda p: setattr(p, "bus_well", False),
        lambda p: setattr(p, "books_answer", False),
        lambda p: setattr(p, "clock_runs", False),
        lambda p: p.reader("analyst", asking=0),
        lambda p: p.reader("notifier", asking=0),
        lambda p: setattr(p, "fault", "this machine's clock is 86,400 s ahead of the exchange's"),
    ],
    ids=[
        "no broker",
        "a broker that cannot write",
        "no books",
        "a dead clock",
        "a dead analyst",
        "a dead notifier",
        "a wrong clock",
    ],
)
async def test_whatever_shows_no_life_silences_it_within_a_minute(pipeline, break_it):
    await pipeline.live(minutes=3)
    break_it(pipeline)
    await pipeline.live(minutes=1)
    assert await pipeline.live(minutes=30) == 0


async def test_a_clock_that_never_was_is_silence(pipeline):
    pipeline.beat, pipeline.clock_runs = None, False
    assert await pipeline.live(minutes=10) == 0


async def test_a_process_that_starts_again_and_again_beside_a_dead_clock_calls_nobody(pipeline):
    pipeline.clock_runs = False
    for _ in range(10):
        pipeline.dead_man = DeadMan(pipeline.dead_man.client, URL, pipeline.seen, pipeline.clock)
        await pipeline.live(minutes=2)
    assert pipeline.calls == []


async def test_a_cycle_that_does_not_end_silences_it_after_ten_minutes(pipeline):
    pipeline.open = {"KRW-ETH": AT}
    assert await pipeline.live(minutes=10) == 9
    assert await pipeline.live(minutes=10) == 0
    pipeline.open = {}
    assert await pipeline.live(minutes=3) == 3


async def test_a_message_that_is_never_done_silences_it_after_ten_minutes(pipeline):
    await pipeline.live(minutes=2)
    pipeline.reader("notifier", in_hand=1, redelivered=1)  # Telegram is away, say
    assert await pipeline.live(minutes=10) in (9, 10)
    assert await pipeline.live(minutes=5) == 0


async def test_much_work_that_is_done_is_no_fault(pipeline):
    for place in range(30):
        pipeline.reader("projection", waiting=1000, in_hand=1, asking=0, done_up_to=place)
        await pipeline.live(minutes=1)
    assert len(pipeline.calls) == 29


async def test_who_does_not_take_the_call_is_called_again_and_his_address_stands_in_no_log(pipeline, caplog):
    pipeline.status = 500
    assert await pipeline.live(minutes=3) == 2
    assert "secret" not in caplog.text
    assert "secret" not in repr(pipeline.dead_man)


@pytest.mark.parametrize("given", ["hc-ping.com/x", "ftp://x/secret", "http://", "http://[::1/secret"])
def test_what_is_no_address_is_refused_without_showing_it(given):
    with pytest.raises(BadSetting, match=r"^HEARTBEAT_URL: is no address") as refused:
        dead_man_url(SecretStr(given))
    assert "secret" not in str(refused.value)


async def test_on_a_real_broker_who_listens_is_told_from_who_is_not_there(tmp_path, server):
    async with backend(tmp_path, server, heartbeat_url="http://127.0.0.1:9/x") as running:
        connection = await nats.connect(server.url)
        engine = make_engine(running.settings.database)
        watch = PipelineWatch(lambda: connection, Namespace(), engine, ("KRW-ETH",), BrokerPage(None, None))

        async def told_apart():
            await watch.refresh()
            asking = {name: bool(reader.asking) for name, reader in watch.state.broker.readers.items()}
            return (asking["projection"], asking["report"], asking["analyst"]) == (True, True, False)

        await eventually(told_apart)
        assert running.fatal == []
        await connection.close()
        await engine.dispose()
