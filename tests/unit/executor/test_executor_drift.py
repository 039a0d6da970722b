"""The account's coins against the books': what no fill explains is told in the hour in which it came or went."""

from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.drift import Coins, holding
from services.executor.gauges import gauges, orders_left
from services.executor.ports import Holdings
from services.executor.valuation import SureBooks, ValuationHandler
from shared.telemetry import Metrics
from tests.support.builders import AT, CYCLE, differing, end, fill, found, intent, position, valuation_due, valued
from tests.support.memory_log import MemoryLog

D = Decimal


def told(steps):
    """(surplus, shortfall) of each valuation in turn; steps: (on the account, by the fills or None)."""
    before, said = None, []
    for volume, held in steps:
        before = holding(Coins("KRW-ETH", D(volume), D(4_000_000)), None if held is None else D(held), before)
        said.append((before.surplus, before.shortfall))
    return said


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([("1", "0"), ("1", "0")], [(0, 0), (0, 0)]),  # the owner's own coins, since ever
        ([("1", "0"), ("1.0125", "0.0125"), ("1", "0")], [(0, 0)] * 3),  # the bot bought and sold
        ([("1", "0"), ("1.5", "0"), ("1.5", "0")], [(0, 0), (D("0.5"), 0), (0, 0)]),  # once
        ([("1", "0"), ("1.5", "0"), ("1.75", "0")], [(0, 0), (D("0.5"), 0), (D("0.25"), 0)]),
        ([("0.0125", "0.0125"), ("0.5", "0")], [(0, 0), (D("0.5"), 0)]),  # the bot sold, and the owner bought
        ([("0.0125", "0.0125"), ("0.01", "0.0125"), ("0.01", "0.0125")], [(0, 0), (0, D("0.0025")), (0, 0)]),
        ([("0", "0.0125")], [(0, D("0.0125"))]),  # already at the first look
        ([("0", "0.0125"), ("0", "0")], [(0, D("0.0125")), (0, 0)]),  # the sale that was forgotten is adopted
        ([("1", "0"), ("1.0125", None), ("1.0125", "0.0125")], [(0, 0)] * 3),  # an order was under way
        ([("1", "0"), ("1.5", None), ("1.5", "0")], [(0, 0), (0, 0), (D("0.5"), 0)]),  # told as soon as it is sure
        ([("1", None), ("1", "0")], [(0, 0), (0, 0)]),
    ],
)
def test_what_came_or_went_without_a_fill_is_told_once(steps, said):
    assert told(steps) == said


async def test_a_valuation_without_what_was_said_before_is_read_as_one(tmp_path):
    old = valued().holdings[0].model_dump(exclude={"others", "surplus", "shortfall"})
    assert type(valued().holdings[0])(**old).others is None


class House:
    """An account and a log, valued again and again."""

    def __init__(self):
        self.log, self.volume, self.last, self.meanwhile = MemoryLog(), D(0), None, None

    async def look(self, markets):
        if self.meanwhile:
            await self.log.emit(self.meanwhile)
        return Holdings(AT, D(1000), ((markets[0], self.volume, D(4_000_000)),))

    async def value(self, under_way=()):
        async def last():
            return self.last

        books = SureBooks(EventOrderLog(self.log), lambda: set(under_way))
        self.last = await ValuationHandler(self.look, books, last)(valuation_due())
        return self.last.holdings[0]


async def test_a_fill_explains_what_came():
    house = House()
    await house.value()
    await house.log.emit(fill(volume=D("0.0125"), position=position(volume=D("0.0125"))))
    house.volume = D("0.0125")
    coin = await house.value()
    assert (coin.others, coin.surplus) == (0, 0)
    assert house.last.total == 1000 + 50_000


@pytest.mark.parametrize("reason", ["open", "stuck", "found", "panic", "meanwhile"])
async def test_while_an_order_may_have_changed_the_account_unrecorded_nothing_is_told(reason):
    house, under_way = House(), ()
    await house.value()
    house.volume = D("0.0125")
    match reason:
        case "open" | "stuck":
            stored = await house.log.emit(intent())
            if reason == "stuck":
                await house.log.emit(end("OrderUnresolved"), after=stored.seq)
        case "found":
            await house.log.emit(found())
        case "panic":
            under_way = (CYCLE,)
        case "meanwhile":
            house.meanwhile = fill(position=position(volume=D("0.0125")))
    coin = await house.value(under_way)
    assert (coin.others, coin.surplus) == (0, 0)  # as it was known before


def shown(metrics):
    return metrics.render().decode()


async def test_drift_is_shown_in_both_directions_with_each_valuation():
    metrics = Metrics()
    show = gauges(metrics)
    show(differing())
    assert 'position_drift_coins{symbol="KRW-ETH"} 0.0025' in shown(metrics)
    show(differing(others=D("0.5"), surplus=D("0.5")))
    assert 'position_drift_coins{symbol="KRW-ETH"} 0.0' in shown(metrics)
    assert 'account_surplus_coins{symbol="KRW-ETH"} 0.5' in shown(metrics)
    show(differing(others=None, surplus=D(0)))
    assert 'account_surplus_coins{symbol="KRW-ETH"} 0.0' in shown(metrics)


async def test_orders_a_person_must_look_at_are_counted_until_he_has():
    metrics, log = Metrics(), MemoryLog()
    show = orders_left(metrics, ("KRW-ETH",))
    show(await EventOrderLog(log).ledger(), None)
    assert 'foreign_orders{symbol="KRW-ETH"} 0.0' in shown(metrics)
    assert "differing_orders{" not in shown(metrics)  # nobody has compared them yet
    await log.emit(found(cycle="KRW-BTC-20260105T0300Z"))
    stored = await log.emit(intent())
    await log.emit(end("OrderUnresolved"), after=stored.seq)
    show(await EventOrderLog(log).ledger(), ["KRW-XRP-20260105T0300Z"])
    assert 'foreign_orders{symbol="KRW-BTC"} 1.0' in shown(metrics)
    assert 'differing_orders{symbol="KRW-XRP"} 1.0' in shown(metrics)
    assert 'differing_orders{symbol="KRW-ETH"} 0.0' in shown(metrics)
    assert 'unresolved_orders{symbol="KRW-ETH"} 1.0' in shown(metrics)
