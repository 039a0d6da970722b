"""`upcycle panic --sell` on the real chain: with the broker, without it, and what the executor makes of it after."""

from decimal import Decimal

import pytest

from services.cli.commands import panic
from services.executor.adapters.journal import Journal
from services.local.chain import chain
from services.local.nats_server import free_port
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.errors import BadRequest
from shared.events import ControlGiven, CycleEnded, ExitDue, FillRecorded
from shared.settings import Settings
from tests.support.builders import fill
from tests.support.checkers import (
    assert_balances_add_up,
    assert_each_started_cycle_ended_once,
    assert_one_order_for_each_cycle,
    bodies,
    events,
)
from tests.support.hours import LOOSE
from tests.support.waiting import eventually

PANIC = "KRW-ETH-20250102T020000Z-panic"


def settings_in(folder, hours):
    return Settings.load(
        data_dir=folder, trading_symbol="KRW-ETH", paper_clock="stepped", paper_admin_token="only-for-this-test",
        tape_from="2025-01-02T02:00Z", tape_hours=hours, **LOOSE,
    )  # fmt: skip


async def log_of(running):
    return events(await bodies(running.js))


async def wish(running):
    return (await (await Switch.open(running.js, Namespace())).state()).status


async def assert_all_adds_up(running):
    """The position is sold once, the log knows it, the books are the exchange's."""
    log = await log_of(running)
    assert_each_started_cycle_ended_once(log)
    assert_one_order_for_each_cycle(log, running.exchange)
    assert_balances_add_up(log, running.exchange, Decimal(running.settings.paper_balance_krw))
    assert [e.cycle for e in log if isinstance(e, ExitDue)] == [PANIC]
    (sold,) = [e for e in log if isinstance(e, FillRecorded) and e.side == "sell"]
    assert (sold.cycle, sold.position.volume) == (PANIC, 0)
    assert await wish(running) == "paused"


async def test_with_the_broker_there_a_panic_sells_pauses_and_tells_the_log(tmp_path, capsys):
    async with chain(settings_in(tmp_path, 1)) as running:
        async for _ in running.events(1):
            pass
        await panic._panic(running.settings, running.settings.nats_url, sell=False)
        assert await wish(running) == "paused"
        assert len(running.exchange.orders()) == 1
        await panic._panic(running.settings, running.settings.nats_url, sell=True)
        await panic._panic(running.settings, running.settings.nats_url, sell=True)  # there is nothing left to sell
        await assert_all_adds_up(running)
        assert [e.command for e in await log_of(running) if isinstance(e, ControlGiven)] == ["pause"]
    said = capsys.readouterr().out
    assert "upcycle panic --sell sells it" in said
    assert said.count("KRW-ETH: sold 0.0") == 1
    assert "all this is in the event log; no order leaves until you say: upcycle resume" in said


async def test_without_the_broker_a_panic_sells_and_the_next_executor_tells_the_log(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("services.executor.at_start._LOOK_S", 3600)  # the one that runs would have told it by then
    settings = settings_in(tmp_path, 1)
    async with chain(settings) as running:
        async for _ in running.events(1):
            pass
        nobody = f"nats://127.0.0.1:{free_port()}"
        await panic._panic(running.settings, nobody, sell=True)
        await panic._panic(running.settings, nobody, sell=True)
        assert len([o for o in running.exchange.orders() if o.identifier == PANIC]) == 1
        assert [e for e in await log_of(running) if isinstance(e, ExitDue)] == []
        assert await wish(running) == "running"
        assert not Journal(tmp_path / "executor").read().is_merged
    said = capsys.readouterr().out
    assert said.count("KRW-ETH: sold 0.0") == 1
    assert "the event log does not answer" in said
    async with chain(settings) as running:

        async def told():
            return any(isinstance(e, CycleEnded) and e.cycle == PANIC for e in await log_of(running))

        await eventually(told)
        await eventually(lambda: Journal(tmp_path / "executor").read().is_merged)
        await assert_all_adds_up(running)


def test_panic_asks_first_and_is_refused_where_nobody_can_answer(tmp_path):
    with pytest.raises(BadRequest, match="say --yes"):
        panic.run(True, False, tmp_path, None)


async def test_a_market_with_a_record_that_nobody_can_read_is_not_sold_and_that_is_said(tmp_path, capsys):
    async with chain(settings_in(tmp_path, 1)) as running:
        async for _ in running.events(1):
            pass
        place = fill(cycle="KRW-ETH-20250102T0100Z").subject
        await running.js.publish(place, b"rubbish")
        with pytest.raises(BadRequest, match="NOT all is done"):
            await panic._panic(running.settings, running.settings.nats_url, sell=True)
        assert len(running.exchange.orders()) == 1
        assert await wish(running) == "paused"
    assert f"{place} cannot be read" in capsys.readouterr().out
