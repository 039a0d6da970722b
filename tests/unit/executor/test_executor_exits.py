"""An exit at the executor: the same path as every order, and the same coins are never sold twice."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.handler import ExecutorHandler
from shared.events import (
    BookLevel,
    CycleEnded,
    ExitDue,
    FillRecorded,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
)
from tests.support.builders import AT, CYCLE, book, decision, exit_due, fill, position, snapshot
from tests.support.fake_exchange import LIMITS, Died, FakeExchange, FakePace, FakeSwitch, Mortal, Steps, conditions
from tests.support.memory_log import MemoryLog

D = Decimal
EARLIER = "KRW-ETH-20260105T0200Z"
HELD = position(volume=D("0.0125"), opened_by=EARLIER)
EXIT = exit_due(position=HELD, at=AT, price=D(4_000_000))


def handler(log, exchange, *, wish="running", steps=None):
    steps = steps or Steps()
    return ExecutorHandler(
        exchange=Mortal(exchange, steps), log=Mortal(EventOrderLog(log), steps), switch=FakeSwitch(wish),
        pace=FakePace(), amount=D(50_000), scope="bot", limits=LIMITS, lookup_s=60,
    )  # fmt: skip


async def holding(*events):
    log = MemoryLog()
    for event in (fill(cycle=EARLIER, position=HELD), EXIT, *events):
        await log.emit(event)
    return log


async def test_an_exit_sells_what_the_bot_holds_under_the_positions_name():
    log, exchange = await holding(), FakeExchange()
    end = await handler(log, exchange)(EXIT)
    assert isinstance(end, OrderFilled)
    assert (end.cycle, end.decision, end.amount, end.reason_code) == (EXIT.cycle, "sell", D("0.0125"), "EXIT_STOP_LOSS")
    assert end.reason == EXIT.reason
    assert exchange.requests == ["KRW-ETH-20260105T020000Z-close"]
    assert log.of(FillRecorded)[-1].position.volume == 0


def thin(ask="5000000"):
    """Bid and ask 25 % apart; 0.005 coins at 4,000,000 won, then nothing within 5 %."""
    levels = [
        BookLevel(ask_price=D(ask) + n, ask_size=D(1), bid_price=D(price), bid_size=D(size))
        for n, (price, size) in enumerate([(4_000_000, "0.005"), (3_000_000, "1")])
    ]
    return conditions(book=book(levels=levels))


async def test_an_exit_gets_out_of_a_crashs_book_step_by_step_and_each_step_is_told():
    log, exchange = await holding(), FakeExchange(sees=thin())
    it = handler(log, exchange)
    sold = []
    for n, (volume, left) in enumerate([("0.005", "0.0075"), ("0.005", "0.0025"), ("0.0025", "0")]):
        due = exit_due(cycle=f"KRW-ETH-20260105T03151{n}Z-exit", at=AT, position=position(opened_by=EARLIER))
        await log.emit(due, after=(await log.load(ExitDue.places(market="KRW-ETH"))).seq)
        end = await it(due)
        assert (end.kind, end.amount, end.price) == ("OrderFilled", D(volume), D(4_000_000))
        fill_ = log.of(FillRecorded)[-1]
        assert fill_.position.volume == D(left)
        assert end.step == fill_.step == log.of(OrderIntended)[-1].step
        sold.append(end.step)
    assert [(step.wanted, step.left, step.cut) for step in sold[:2]] == [
        (D("0.0125"), D("0.0075"), "slippage"), (D("0.0075"), D("0.0025"), "slippage"),
    ]  # fmt: skip
    assert sold[2] is None


async def test_an_hours_sale_has_the_same_limit_and_leaves_its_rest_to_the_next_hour():
    log, exchange = await holding(snapshot(), decision(decision="sell")), FakeExchange(sees=thin())
    end = await handler(log, exchange)(decision(decision="sell"))
    assert (end.kind, end.amount, end.step.left) == ("OrderFilled", D("0.005"), D("0.0075"))


async def test_an_hours_buy_is_refused_where_a_sale_goes():
    log, exchange = await holding(snapshot(), decision(decision="buy")), FakeExchange(sees=thin())
    assert (await handler(log, exchange)(decision(decision="buy"))).reason_code == "SPREAD_TOO_WIDE"


@pytest.mark.parametrize("exit_first", [True, False])
async def test_the_hours_cycle_and_the_exit_never_sell_the_same_coins_twice(exit_first):
    sell = decision(decision="sell")
    log, exchange = await holding(snapshot(), sell), FakeExchange()
    it = handler(log, exchange)
    # One after the other as the executor takes them, and at once as two executors would.
    first, second = (EXIT, sell) if exit_first else (sell, EXIT)
    ends = [await it(first), await it(second)]
    assert [type(end) for end in ends] == [OrderFilled, OrderDenied]
    assert ends[1].reason_code == ("NOTHING_TO_SELL" if exit_first else "POSITION_GONE")
    assert len(exchange.requests) == 1


async def test_both_at_once_at_one_executor_sell_once():
    sell = decision(decision="sell")
    log, exchange = await holding(snapshot(), sell), FakeExchange()
    it = handler(log, exchange)
    await asyncio.gather(it(sell), it(EXIT))
    assert len(exchange.requests) == 1


async def test_two_bots_of_one_past_whose_guards_fire_a_second_apart_sell_once():
    exchange, logs = FakeExchange(), [await holding(), await holding()]
    again = exit_due(cycle="KRW-ETH-20260105T031501Z-exit", position=HELD, at=AT, price=D(4_000_000))
    await logs[1].emit(again, after=(await logs[1].load(ExitDue.places(market="KRW-ETH"))).seq)
    ends = await asyncio.gather(handler(logs[0], exchange)(EXIT), handler(logs[1], exchange)(again))
    assert [(end.kind, end.reason_code) for end in ends] == [
        ("OrderFilled", "EXIT_STOP_LOSS"), ("OrderUnresolved", "IDENTIFIER_TAKEN"),
    ]  # fmt: skip
    assert len(exchange.orders) == 1


async def test_the_next_exit_of_a_position_has_another_name_also_after_a_refusal():
    log, exchange = await holding(), FakeExchange(["refuse"])
    assert isinstance(await handler(log, exchange)(EXIT), OrderRejected)
    again = exit_due(cycle="KRW-ETH-20260105T032000Z-exit", position=HELD, at=AT, price=D(4_000_000))
    await log.emit(again, after=(await log.load(ExitDue.places(market="KRW-ETH"))).seq)
    assert isinstance(await handler(log, exchange)(again), OrderFilled)
    assert exchange.requests == ["KRW-ETH-20260105T020000Z-close", "KRW-ETH-20260105T020001Z-close"]


async def test_an_exit_leaves_a_later_position_alone():
    later = fill(position=position(volume=D("0.5"), opened_by=CYCLE))
    log, exchange = await holding(later), FakeExchange()
    end = await handler(log, exchange)(EXIT)
    assert (end.kind, end.reason_code) == ("OrderDenied", "POSITION_GONE")
    assert exchange.requests == []


@pytest.mark.parametrize(("wish", "code"), [("paused", "BOT_PAUSED"), ("stopped", "BOT_STOPPED")])
async def test_pause_refuses_an_exit_like_any_order(wish, code):
    log, exchange = await holding(), FakeExchange()
    end = await handler(log, exchange, wish=wish)(EXIT)
    assert (end.kind, end.reason_code) == ("OrderDenied", code)
    assert exchange.requests == []


async def test_a_bot_that_buys_nothing_more_still_carries_an_exit_out():
    log, exchange = await holding(), FakeExchange()
    assert isinstance(await handler(log, exchange, wish="exits-only")(EXIT), OrderFilled)
    assert len(exchange.requests) == 1


async def test_an_exit_older_than_the_limit_is_not_carried_out():
    log = await holding()
    late = replace(conditions(), book=book(at=AT.replace(hour=4)))
    end = await handler(log, FakeExchange(sees=late))(EXIT)
    assert (end.kind, end.reason_code) == ("OrderDenied", "STALE_SNAPSHOT")


async def test_a_process_that_dies_at_any_step_of_an_exit_sells_once_and_ends_once():
    steps = Steps()
    await handler(await holding(), FakeExchange(), steps=steps)(EXIT)
    for die_at in range(1, steps.taken + 1):
        log, exchange = await holding(), FakeExchange()
        with pytest.raises(Died):
            await handler(log, exchange, steps=Steps(die_at))(EXIT)
        await handler(log, exchange)(EXIT)
        assert len(exchange.requests) <= 1
        assert [end.cycle for end in log.of(CycleEnded)] == [EXIT.cycle]
        assert len(log.of(OrderIntended)) <= 1
        sold = [f for f in log.of(FillRecorded) if f.cycle == EXIT.cycle]
        assert len(sold) == len(exchange.orders)
