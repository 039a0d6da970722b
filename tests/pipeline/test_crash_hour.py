"""The night of 2024-12-03: KRW-ETH falls 38 % in a quarter of an hour, and a stop-loss gets out of what bids there are.

The candles are the recorded ones. The books of the crash are drawn: nobody recorded them.
"""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import httpx
import pytest

from services.clock.adapters.exit_log import EventExitLog
from services.clock.adapters.public_prices import PublicPrices
from services.clock.guard import STEP_AFTER, ExitGuard
from services.clock.watch import EVERY_S, TickerWatch
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.handler import ExecutorHandler
from services.notifier.core.messages import message
from services.paper.app import create_app
from shared.events import CycleEnded, ExitDue, FillRecorded, OrderFilled, OrderIntended
from shared.settings import Settings
from shared.types import cycle_id
from tests.support.builders import decision, snapshot
from tests.support.clock_fakes import FakeOwner, FakeTimer
from tests.support.fake_exchange import FakePace, FakeSwitch
from tests.support.memory_log import MemoryLog

D = Decimal
BEFORE = datetime(2024, 12, 3, 13, tzinfo=UTC)
CRASH = datetime(2024, 12, 3, 14, tzinfo=UTC)  # by then the quarter from 13:45 has fallen to 3,120,000
EVERY = timedelta(seconds=EVERY_S)


def crash_books(path):
    """For five minutes: 8 % between bid and ask, 8,000 won on each bid, and each 1.5 % below the one before."""
    with path.open("w") as file:
        for n in range(30):
            at = CRASH + n * timedelta(seconds=10)
            bids = [[3_820_000 * 0.96 * 0.985**k // 1000 * 1000, 0.0022] for k in range(30)]
            asks = [[3_820_000 * 1.04 * 1.015**k // 1000 * 1000, 0.0022] for k in range(30)]
            file.write(
                json.dumps({"timestamp": at.isoformat(), "market": "KRW-ETH", "bids": bids, "asks": asks}) + "\n"
            )
    return path


class Silence:
    def set(self, value):
        pass


@pytest.fixture
def night(tmp_path, data_dir):
    settings = Settings.load(
        data_dir=tmp_path,
        paper_tape=f"KRW-ETH={data_dir / 'candles/upbit_KRW-ETH_15m_2024.parquet'}",
        paper_clock="stepped",
        tape_from=BEFORE.isoformat(),
        paper_books=str(crash_books(tmp_path / "books.jsonl")),
        trading_amount="100000",
        exit_stop_loss=0.05,
    )
    app = create_app(settings)
    yield settings, app
    app.state.exchange.close()


async def test_a_stop_loss_sells_step_by_step_through_the_crash_and_tells_each_step(night):
    settings, app = night
    exchange, log = app.state.exchange, MemoryLog()
    wire = httpx.ASGITransport(app)
    upbit = UpbitExchange("http://paper.test", settings.paper_access_key, settings.paper_secret_key, transport=wire)
    executor = ExecutorHandler.of(
        settings,
        exchange=upbit,
        log=EventOrderLog(log),
        switch=FakeSwitch(),
        pace=FakePace(),
        compared=lambda: True,
    )
    async with upbit.closing(), httpx.AsyncClient(transport=wire, base_url="http://paper.test") as client:
        prices = PublicPrices(client)
        guard = ExitGuard.of(
            settings,
            log=EventExitLog(log),
            owner=FakeOwner(),
            past=prices,
            code="code",
            opening_takes=timedelta(),
        )
        watch = TickerWatch(("KRW-ETH",), prices, prices, guard, FakeTimer(), Silence())

        bought = await executor(await an_hours_buy(log, BEFORE))
        assert isinstance(bought, OrderFilled)
        for minutes in (15, 30, 45):
            exchange.clock.at = BEFORE + timedelta(minutes=minutes)
            await watch.check()
        assert log.of(ExitDue) == []  # 4,915,000 won: not yet

        exchange.clock.at = CRASH
        denied = await executor(await an_hours_buy(log, CRASH))
        assert denied.reason_code == "SPREAD_TOO_WIDE"  # which keeps no exit from going out

        told, at = list[CycleEnded](), CRASH
        while await guard.holds("KRW-ETH"):
            exchange.clock.at = at
            await watch.check()
            due = log.of(ExitDue)[-1]
            if not any(isinstance(end, OrderFilled) and end.cycle == due.cycle for end in told):
                told.append(await executor(due))
            at += EVERY
            assert at < CRASH + timedelta(minutes=2)

        assert (await upbit.conditions("KRW-ETH")).coin_free == 0

    assert_the_position_was_sold_in_steps(log, told, bought)


async def an_hours_buy(log, at):
    cycle = cycle_id("KRW-ETH", at)
    bought = decision(cycle=cycle, decision="buy", price=D(5_000_000))
    for event in (snapshot(cycle=cycle, at=at), bought):
        await log.emit(event)
    return bought


def assert_the_position_was_sold_in_steps(log, told, bought):
    sales = [fill for fill in log.of(FillRecorded) if fill.side == "sell"]
    exits = log.of(ExitDue)
    assert len(sales) == len(told) == len(exits) >= 2
    assert sum(sale.volume for sale in sales) == bought.amount
    assert [due.step for due in exits] == list(range(1, len(exits) + 1))
    waits = [later.at - earlier.at for earlier, later in pairwise(exits)]
    assert all(STEP_AFTER <= wait < STEP_AFTER + EVERY for wait in waits)
    for intent, end in zip([i for i in log.of(OrderIntended) if i.side == "sell"], told, strict=True):
        if step := intent.step:
            assert step.worst >= step.best * D("0.95")
            assert f"{step.left.normalize():f} ETH 남음" in message(end, "ko")
        assert end.price >= intent.expected_price * D("0.95")
    assert told[0].step is not None
    assert told[-1].step is None
