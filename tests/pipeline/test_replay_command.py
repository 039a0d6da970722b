"""`upcycle replay`: what it is asked wrongly is said in one sentence."""

import asyncio

import nats
import pytest
import typer

from services.cli.commands.replay import Selection, run
from services.local.nats_server import NatsServer
from services.local.tape_history import keep_tape
from services.paper.adapters.synthetic import make_tape
from services.paper.adapters.tape_settings import STEPPED_DAYS, STEPPED_START
from services.paper.core.tape import Tape
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.stream import NoStream
from shared.errors import BadRequest
from shared.events import TradingDue
from shared.history.archive import Archive
from shared.history.manifest import HistoryMissing
from shared.history.objects import BrokerObjects
from shared.settings import Settings
from tests.support.builders import CYCLE, due
from tests.support.golden_hours import GOLDEN, golden


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with the golden hours in its log, and no broker running on it."""
    folder = tmp_path_factory.mktemp("data")
    tape = Tape(make_tape(STEPPED_START, STEPPED_DAYS), synthetic=True)

    async def fill(url):
        nc = await nats.connect(url)
        js = nc.jetstream()
        await topology.apply(js, Namespace())
        await keep_tape(Archive(BrokerObjects(lambda: js, Namespace())), tape, Settings.load(paper_clock="stepped"))
        for name in GOLDEN:
            for line in golden(name).lines:
                await js.publish(line.event.subject, line.body)
        await nc.close()

    with NatsServer(folder / "nats", sync="2m") as server:
        asyncio.run(fill(server.url))
    return folder


def cycle_of(name):
    return golden(name).find(TradingDue).cycle


def replay(folder, cycle=None, first=None, last=None, stage=None, nats_url=None):
    run(Selection(cycle, first, last, stage), nats_url, folder)


def test_every_hour_of_the_log_is_run_again_with_a_broker_of_its_own(folder, capsys):
    replay(folder)
    assert "4 of 4 cycles are the same byte by byte" in capsys.readouterr().out


def test_one_cycle_shows_what_was_run(folder, capsys):
    replay(folder, cycle_of("buy"))
    assert "the same: 6 events of collector, filter, analyst, executor" in capsys.readouterr().out


def test_a_history_that_is_not_there_is_said_and_is_no_success(folder, capsys, monkeypatch):
    async def gone(self, digest):
        raise HistoryMissing(f"the broker holds no history object {digest}")

    monkeypatch.setattr(BrokerObjects, "get", gone)
    with pytest.raises(typer.Exit):
        replay(folder, cycle_of("hold"))
    assert "filter cannot be run again: the broker holds no history object 1ad7f9809ee2d246" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ({"cycle": "KRW-ETH"}, "no cycle id"),
        ({"cycle": "KRW-ETH-20301231T0000Z"}, "is not in the log; the log holds 4 cycles"),
        ({"cycle": "KRW-ETH-20250102T150312Z-exit"}, "an exit's cycle cannot be run again yet; upcycle why"),
        ({"first": "yesterday"}, "'yesterday' is no time"),
        ({"first": "2031-01-01T00:00Z"}, "no cycle lies between"),
        ({"stage": "clock"}, "there is no such stage; choose one of collector"),
        ({"cycle": "KRW-ETH-20301231T0000Z", "first": "2031-01-01"}, "not both"),
        ({"nats_url": "nats://127.0.0.1:1"}, "no broker answers at"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(folder, selection, said):
    with pytest.raises(BadRequest, match=said):
        replay(folder, **selection)


def test_a_folder_without_a_log_is_one_sentence(tmp_path):
    with pytest.raises(BadRequest, match="there is no event log in"):
        replay(tmp_path)


def test_an_empty_stream_and_one_of_another_version_are_one_sentence(tmp_path, server, capsys):
    async def prepare(url, publish):
        nc = await nats.connect(url)
        await topology.apply(nc.jetstream(), Namespace())
        for subject in publish:
            await nc.jetstream().publish(subject, b'{"kind":"TradingDue","of":"another version"}')
        await nc.close()

    asyncio.run(prepare(server.url, []))
    with pytest.raises(BadRequest, match="the log holds no cycle yet"):
        replay(tmp_path, nats_url=server.url)
    asyncio.run(prepare(server.url, [TradingDue.subject_of(CYCLE)]))
    with pytest.raises(typer.Exit):
        replay(tmp_path, nats_url=server.url)
    said = capsys.readouterr().out
    assert f"KRW-ETH-20260105T0300Z  cannot be read by this version: {due().subject}: " in said


def test_a_broker_without_our_stream_is_one_sentence(tmp_path, server):
    with pytest.raises(NoStream, match="has no stream EV; apply"):
        replay(tmp_path, nats_url=server.url)
