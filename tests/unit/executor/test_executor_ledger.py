"""What all orders came to: the same from the log for a fresh executor as for an old one."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.core import position
from services.executor.core.ledger import Ledger
from services.executor.core.orders import Fill
from shared.bus.wire import Unreadable
from shared.events import OrderIntended
from shared.types import cycle_id
from tests.support.builders import AT, books, decision, end, fill, intent, settled
from tests.support.builders import position as held
from tests.support.memory_log import MemoryLog

D = Decimal
LATER = AT + timedelta(hours=1)


def sale(market="KRW-ETH", at=AT, profit="-1000", volume="0"):
    cycle = cycle_id(market, at)
    return fill(cycle=cycle, side="sell", executed_at=at, profit=D(profit), position=held(volume=D(volume)))


def ordered(market="KRW-ETH", at=AT):
    return intent(cycle=cycle_id(market, at), books=books(at=at))


def told(*events):
    ledger = Ledger()
    for event in events:
        ledger.add(event)
    return ledger


def test_a_days_profit_and_orders_are_those_of_all_markets():
    ledger = told(
        ordered(), sale(profit="-1000"), ordered("KRW-BTC"), sale("KRW-BTC", profit="400.5"),
        ordered(at=LATER), sale(at=LATER, profit="-0.25"),
    )  # fmt: skip
    seen = ledger.books("KRW-XRP", LATER, D(0))
    assert (seen.orders_today, seen.profit_today, seen.last_loss_at) == (3, D("-599.75"), LATER)


@pytest.mark.parametrize(("at", "orders"), [("2026-01-05T23:59:59", 1), ("2026-01-06T00:00:00", 0)])
def test_a_day_is_upbits_which_begins_at_nine_in_seoul(at, orders):
    moment = AT.fromisoformat(f"{at}+00:00")
    assert told(ordered()).books("KRW-ETH", moment, D(0)).orders_today == orders


def test_a_loss_counts_in_the_day_of_its_execution_whatever_its_cycle_is_called():
    slot, midnight = AT.replace(hour=23, minute=59), AT.replace(hour=0, minute=0) + timedelta(days=1)
    late = sale(at=slot, profit="-1000").model_copy(update={"executed_at": midnight + timedelta(seconds=5)})
    ledger = told(late)
    assert ledger.books("KRW-ETH", slot, D(0)).profit_today == 0
    assert ledger.books("KRW-ETH", midnight, D(0)).profit_today == D("-1000")


def test_an_order_counts_in_its_day_whatever_became_of_it():
    ledger = told(ordered())
    ledger.end(cycle_id("KRW-ETH", AT), end("OrderRejected"))
    assert ledger.books("KRW-ETH", AT, D(0)).orders_today == 1


def test_a_gain_is_no_loss_and_the_last_loss_is_remembered_over_days():
    ledger = told(sale(profit="-1"), sale(at=AT + timedelta(days=2), profit="5"))
    assert ledger.books("KRW-BTC", AT + timedelta(days=2), D(0)).last_loss_at == AT


@pytest.mark.parametrize(("on_account", "drift"), [("0.0125", "0"), ("1", "0"), ("0.0124", "0.0001"), ("0", "0.0125")])
def test_coins_of_the_books_that_the_account_does_not_have_are_drift(on_account, drift):
    ledger = told(fill())
    assert ledger.books("KRW-ETH", AT, D(on_account)).drift == D(drift)


def test_an_order_of_unknown_outcome_holds_its_market_up_until_it_is_settled():
    cycle = cycle_id("KRW-ETH", AT)
    ledger = told(ordered())
    assert list(ledger.open_in("KRW-ETH")) == [cycle]
    ledger.end(cycle, end("OrderUnresolved"))
    assert ledger.books("KRW-ETH", LATER, D(0)).unresolved == cycle
    assert ledger.books("KRW-BTC", LATER, D(0)).unresolved is None
    ledger.add(settled(cycle=cycle))
    assert ledger.books("KRW-ETH", LATER, D(0)).unresolved is None


def test_an_end_nobody_can_read_holds_the_market_up_too():
    cycle = cycle_id("KRW-ETH", AT)
    ledger = told(ordered())
    ledger.end(cycle, None)
    assert ledger.books("KRW-ETH", LATER, D(0)).unresolved == cycle


def test_a_sale_brings_its_proceeds_less_what_the_coins_had_cost():
    sold = Fill("order-1", "sell", D("0.0125"), D(51_000), D("25.5"), 1, AT)
    assert position.profit(held(), sold) == D("949.5")  # 50,974.5 - 50,025
    half = Fill("order-1", "sell", D("0.00625"), D(25_000), D("12.5"), 1, AT)
    assert position.profit(held(), half) == D(-25)  # 24,987.5 - 25,012.5


def test_of_a_sale_of_everything_only_the_bots_own_coins_are_its_profit():
    sold = Fill("order-1", "sell", D("0.025"), D(102_000), D(51), 1, AT)
    assert position.profit(held(), sold) == D("949.5")
    assert position.profit(position.NOTHING, sold) == 0


def test_a_buy_has_no_profit_yet():
    assert position.profit(position.NOTHING, Fill("order-1", "buy", D(1), D(1), D(0), 1, AT)) is None


async def test_a_fresh_executor_knows_what_an_old_one_knows():
    log = MemoryLog()
    old = EventOrderLog(log)
    for n in range(6):
        at = AT + n * timedelta(hours=1)
        cycle = cycle_id("KRW-ETH", at)
        stored = await log.emit(ordered(at=at))
        await old.ledger()
        await log.emit(sale(at=at, profit=str(100 * n - 250), volume="0.1"))
        if n < 5:
            kind = "OrderUnresolved" if n == 2 else "OrderFilled"
            await log.emit(end(kind, cycle=cycle), after=stored.seq)
    known, fresh = await old.ledger(), await EventOrderLog(log).ledger()
    assert known == fresh
    assert list(fresh.open) == [cycle_id("KRW-ETH", AT + timedelta(hours=5))]
    assert list(fresh.stuck) == [cycle_id("KRW-ETH", AT + timedelta(hours=2))]
    assert fresh.held("KRW-ETH").volume == D("0.1")


class Counting(MemoryLog):
    def __init__(self):
        super().__init__()
        self.given = 0

    async def since(self, seq, pattern):
        found = await super().since(seq, pattern)
        self.given += len(found)
        return found


async def test_what_was_read_once_is_not_read_again():
    log = Counting()
    await log.emit(ordered())
    await log.emit(fill())
    orders = EventOrderLog(log)
    for _ in range(5):
        await orders.ledger()
    assert log.given == 2


class Littered(MemoryLog):
    async def since(self, seq, pattern):
        found = await super().since(seq, pattern)
        return [(n, _rubbish(told) if told.event.slot.endswith("0400Z") else told) for n, told in found]


def _rubbish(told):
    return Unreadable("rubbish", told.event.subject)


async def test_rubbish_in_the_place_of_a_fill_is_no_fill_and_the_one_before_it_counts():
    log = Littered()
    await log.emit(fill(position=held(volume=D("0.5"))))
    await log.emit(fill(cycle=cycle_id("KRW-ETH", LATER), position=held(volume=D(7))))
    assert (await EventOrderLog(log).ledger()).held("KRW-ETH").volume == D("0.5")


async def test_rubbish_in_the_place_of_a_fill_holds_its_market_up_until_a_person_settles_it():
    log, cycle = Littered(), cycle_id("KRW-ETH", LATER)
    await log.emit(fill(cycle=cycle))
    orders = EventOrderLog(log)
    seen = (await orders.ledger()).books("KRW-ETH", LATER, D(1))
    assert (seen.unreadable, (await orders.ledger()).books("KRW-BTC", LATER, D(1)).unreadable) == (cycle, None)
    (await orders.ledger()).add(settled(cycle=cycle))
    assert (await orders.ledger()).books("KRW-ETH", LATER, D(1)).unreadable is None


async def test_a_decision_nobody_can_read_is_none():
    class Rubbish(MemoryLog):
        async def load(self, subject):
            raise Unreadable("rubbish")

    assert await EventOrderLog(Rubbish()).decision(decision().cycle) is None


async def test_two_looks_at_once_count_each_order_once():
    log = MemoryLog()
    await log.emit(ordered())
    orders = EventOrderLog(log)
    await asyncio.gather(*(orders.ledger() for _ in range(5)))
    assert (await orders.ledger()).books("KRW-ETH", AT, D(0)).orders_today == 1


def test_an_order_of_an_older_version_counts_in_the_day_of_its_slot():
    old = OrderIntended(**intent().model_dump(exclude={"books"}))
    assert told(old).books("KRW-ETH", AT, D(0)).orders_today == 1
