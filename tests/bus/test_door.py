"""Whose money a command may touch: everything that says so must agree, with the broker and without it."""

import asyncio

import nats
import pytest

from services.cli import door
from services.cli.commands import adopt, panic, settle
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Identity, Merged
from services.executor.live import NotProved
from services.local.folder import keep_apart
from services.local.installation import named
from services.local.nats_server import free_port
from services.local.running import announced
from shared.bus import topology
from shared.bus.log_opening import open_log
from shared.bus.namespace import Namespace
from shared.errors import BadRequest
from shared.settings import Settings
from tests.support.builders import AT

OTHER = {"paper": "live", "live": "paper"}


@pytest.fixture
def folder(tmp_path):
    """Of the mode asked for, and used."""

    def made(mode):
        keep_apart(tmp_path, mode)
        Journal(tmp_path / "executor").write(Merged())
        return tmp_path

    return made


def settings(folder):
    return Settings.load(data_dir=folder)


@pytest.fixture
def live(monkeypatch):
    """Keys to real money in the environment; nothing listens where it would be."""
    monkeypatch.setenv("TRADING_MODE", "live")
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "key")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "secret" * 8)
    monkeypatch.setenv("UPBIT_BASE_URL", f"http://127.0.0.1:{free_port()}")


COMMANDS = {
    "panic --sell": lambda folder, url: panic.run(True, True, folder, url),
    "settle": lambda folder, url: settle.run(None, False, folder, url),
    "adopt": lambda folder, url: adopt.run(None, False, folder, url),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_touches_real_money_with_what_belongs_to_paper(command, live, folder, server):
    async def topology_there():
        nc = await nats.connect(server.url)
        await topology.apply(nc.jetstream(), Namespace())
        await nc.close()

    asyncio.run(topology_there())
    with pytest.raises(BadRequest, match="belongs to paper trading"):
        COMMANDS[command](folder("paper"), server.url)


def test_a_panic_without_the_broker_is_refused_likewise(live, folder):
    with pytest.raises(BadRequest, match="belongs to paper trading"):
        COMMANDS["panic --sell"](folder("paper"), f"nats://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("mode", OTHER)
async def test_a_folder_of_the_other_mode_is_refused(mode, folder):
    await door.must_agree(settings(folder(mode)), None, mode)
    with pytest.raises(BadRequest, match=f"belongs to {mode} trading"):
        await door.must_agree(settings(folder(mode)), None, OTHER[mode])


@pytest.mark.parametrize("mode", OTHER)
async def test_a_containers_folder_says_nothing_so_its_journal_does(mode, tmp_path):
    Journal(tmp_path / "executor").write(Identity(installation="ours", mode=mode))
    await door.must_agree(settings(tmp_path), None, mode)
    with pytest.raises(NotProved, match=f"belongs to {mode} trading"):
        await door.must_agree(settings(tmp_path), None, OTHER[mode])


@pytest.mark.parametrize("mode", OTHER)
async def test_a_log_of_the_other_mode_is_refused_from_any_folder(mode, nc, log, tmp_path):
    await open_log(nc, Namespace(), "ours", mode, at=AT)
    await door.must_agree(settings(tmp_path), log, mode)
    with pytest.raises(NotProved, match=f"holds {mode} trades"):
        await door.must_agree(settings(tmp_path), log, OTHER[mode])


async def test_where_nothing_says_whose_the_positions_are_nothing_is_sold(tmp_path):
    Journal(tmp_path / "executor").write(Merged())
    with pytest.raises(BadRequest, match="whether it is of paper or of real money"):
        await door.must_agree(settings(tmp_path), None, "live")


async def test_a_folder_and_its_log_bear_one_name_for_good(nc, tmp_path):
    name = await named(nc, Namespace(), tmp_path, "paper")
    assert await named(nc, Namespace(), tmp_path, "paper") == name
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "installation").write_text("theirs")
    with pytest.raises(BadRequest, match=f"installation {name}, and the folder that of theirs"):
        await named(nc, Namespace(), tmp_path / "other", "paper")


async def test_what_runs_elsewhere_is_not_sold_with_this_folders_journal(folder):
    ours = folder("paper")
    Journal(ours / "executor").write(Identity(installation="ours", mode="paper"))
    for mode, name, why in (("paper", "theirs", "several installations"), ("live", "ours", "trades on live")):
        there = announced(ours, "nats://127.0.0.1:1", 1, mode=mode, installation=name)
        with there, pytest.raises(BadRequest, match=why):
            await door.must_agree(settings(ours), None, "paper")


async def test_an_exchange_that_answers_nothing_keeps_nobody_from_a_panic_and_everybody_from_the_books(live, folder):
    here = settings(folder("live"))
    async with door.opened(here, None, proofs=door.TO_SELL):
        pass
    with pytest.raises(NotProved, match="key"):
        async with door.opened(here, None, proofs=door.TO_ASK):
            pass
