"""The process dies anywhere, is started again, runs beside itself: never two orders, always one end."""

import asyncio
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.executor.adapters.order_log import EventOrderLog
from services.executor.handler import ExecutorHandler
from shared.events import CycleEnded, FillRecorded, OrderFilled, OrderIntended
from tests.support.builders import CYCLE, decision, fill, position, snapshot
from tests.support.fake_exchange import LIMITS, Died, FakeExchange, FakePace, FakeSwitch, Mortal, Steps
from tests.support.memory_log import MemoryLog

D = Decimal
EARLIER = fill(cycle="KRW-ETH-20260105T0200Z", position=position(volume=D("0.0125")))
SNAPSHOT = snapshot()
WAYS = {
    "all goes well": [],
    "the answer is lost": ["lose"],
    "the request is lost": ["vanish"],
    "no connection, then well": ["unconnected", "unconnected"],
    "busy, then the answer is lost": ["busy", "lose"],
    "never a connection": ["unconnected"] * 50,
    "refused": ["refuse"],
}


class Namespace:
    """What outlives a process: the log and the exchange."""

    def __init__(self, exchange):
        self.exchange, self.log, self.pace = exchange, MemoryLog(), FakePace()

    async def prepared(self):
        await self.log.emit(EARLIER)
        await self.log.emit(SNAPSHOT)
        return self

    async def process(self, choice="buy", *, die_at=0, between=None):
        """One delivery to one process; True if it got to the end."""
        steps = Steps(die_at)
        handler = ExecutorHandler(
            exchange=Mortal(self.exchange, steps, between),
            log=Mortal(EventOrderLog(self.log), steps, between),
            switch=FakeSwitch(),
            pace=self.pace,
            amount=D(50_000),
            scope="bot",
            limits=LIMITS,
            lookup_s=60,
        )
        try:
            await handler(decision(decision=choice))
        except Died:
            return False, steps.taken
        return True, steps.taken

    def check(self):
        """The laws. No order may be sent twice, and what was executed is what is recorded."""
        ends = self.log.of(CycleEnded)
        fills = [f for f in self.log.of(FillRecorded) if f.cycle == CYCLE]
        assert len(self.exchange.requests) <= 1
        assert len(self.exchange.orders) <= 1
        assert len(ends) == 1
        assert len(fills) <= 1
        assert len(self.log.of(OrderIntended)) >= len(self.exchange.requests)
        for order in self.exchange.orders.values():
            (recorded,) = fills
            assert recorded.volume == order.executed_volume
            assert recorded.funds == sum(t.funds for t in order.trades)
            assert isinstance(ends[0], OrderFilled)
            assert (ends[0].amount, ends[0].total, ends[0].decision) == (
                recorded.volume,
                recorded.funds,
                recorded.side,
            )
        if not self.exchange.orders:
            assert fills == []
            assert ends[0].kind in {"OrderRejected", "OrderUnresolved", "OrderSkipped"}


async def steps_of(way, choice):
    _, taken = await (await Namespace(FakeExchange(WAYS[way])).prepared()).process(choice)
    return taken


@pytest.mark.parametrize("choice", ["buy", "sell", "hold"])
@pytest.mark.parametrize("way", WAYS)
async def test_it_may_die_at_any_step_and_again_at_any_step_of_the_repeat(way, choice):
    taken = await steps_of(way, choice)
    assert taken >= 4
    for first in range(1, taken + 1):
        for second in range(0, taken + 1, 5):
            namespace = await Namespace(FakeExchange(WAYS[way])).prepared()
            lived, _ = await namespace.process(choice, die_at=first)
            assert not lived
            if second:
                await namespace.process(choice, die_at=second)
            assert (await namespace.process(choice))[0]
            await namespace.process(choice)  # and once more, because the acknowledgement was lost
            namespace.check()


ways = st.lists(st.sampled_from(["unconnected", "busy"]), max_size=6).flatmap(
    lambda before: st.sampled_from(["accept", "lose", "vanish", "refuse"]).map(lambda last: [*before, last])
)


@settings(max_examples=150, deadline=None)
@given(
    script=ways,
    hidden_for=st.integers(0, 8),
    open_for=st.integers(0, 4),
    executes=st.sampled_from([D(1), D("0.3"), D(0)]),
    deaths=st.lists(st.integers(1, 40), max_size=4),
    choice=st.sampled_from(["buy", "sell"]),
)
def test_whatever_the_exchange_does_and_however_often_it_dies(script, hidden_for, open_for, executes, deaths, choice):
    async def story():
        exchange = FakeExchange(script, hidden_for=hidden_for, open_for=open_for, executes=executes)
        namespace = await Namespace(exchange).prepared()
        for death in deaths:
            await namespace.process(choice, die_at=death)
        assert (await namespace.process(choice))[0]
        executed = [o for o in exchange.orders.values() if o.executed_volume > 0]
        exchange.orders = {o.exchange_order_id: o for o in executed}  # an empty one is no order to the books
        namespace.check()

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(60))
async def test_three_processes_at_once_send_one_order(seed):
    dice = random.Random(seed)

    async def between():
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)

    script = dice.choice([[], ["lose"], ["unconnected"], ["busy", "busy"]])
    namespace = await Namespace(FakeExchange(script)).prepared()
    deaths = [dice.choice([0, 0, dice.randrange(1, 20)]) for _ in range(3)]
    await asyncio.gather(*(namespace.process("buy", die_at=death, between=between) for death in deaths))
    assert (await namespace.process())[0]
    assert len(namespace.exchange.requests) <= 1
    assert len(namespace.log.of(CycleEnded)) == 1
    recorded = [f for f in namespace.log.of(FillRecorded) if f.cycle == CYCLE]
    assert len(recorded) <= len(namespace.exchange.orders)
