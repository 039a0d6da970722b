"""The exchange's list against the log: what differs is told once, stops its market, and is adopted fill first."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.adopt import Adopter, CannotAdopt
from services.executor.comparison import Comparison
from services.executor.core.answers import LookupFailure
from services.executor.core.orders import Buy, Sell
from services.executor.core.risk import _SEAL, Approved
from services.executor.settle import Settler
from shared.catalogue import sentence
from shared.errors import Permanent, Transient
from shared.events import FillRecorded, OrderFound, OrderSettled
from shared.types import cycle_id
from tests.support.builders import AT, CYCLE, decision, due, end, exit_due, fill, intent, position, snapshot
from tests.support.fake_exchange import FakeExchange
from tests.support.memory_log import MemoryLog
from tests.unit.executor.test_executor_handler import House

D = Decimal
NEXT = "KRW-ETH-20260105T0400Z"
EARLIER = "KRW-ETH-20260105T0200Z"


async def ordered(exchange, cycle=CYCLE, side="buy", amount=None):
    """An order at the exchange that no log has heard of."""
    market = cycle[:7]
    order = Buy(market, cycle, amount or D(50_000)) if side == "buy" else Sell(market, cycle, amount or D("0.0125"))
    await exchange.place(Approved(order, _SEAL))


def comparison(house, under_way=()):
    return Comparison(house.exchange, EventOrderLog(house.log), lambda: under_way)


async def compared(house, under_way=()):
    await comparison(house, under_way)()
    return house.log.of(OrderFound)


def adopter(house):
    return Adopter(house.exchange, EventOrderLog(house.log), comparison(house))


async def adopt(house, cycle=CYCLE):
    return await adopter(house)(cycle, by="owner", at=AT)


async def held(house, market="KRW-ETH"):
    return (await EventOrderLog(house.log).ledger()).held(market).volume


async def refused(side="buy"):
    """A house whose exchange said no to an order that it took all the same."""
    house = await House(FakeExchange(["refuse"])).given(due(), snapshot(), decision(decision=side))
    assert (await house.run()).kind == "OrderRejected"
    house.exchange.burnt.clear()
    await ordered(house.exchange, side=side)
    return house


async def test_an_order_that_the_log_calls_rejected_is_found_and_adopted():
    house = await refused()
    (event,) = await compared(house)
    assert (event.cycle, event.side, event.executed, event.log_says) == (CYCLE, "buy", D("0.0125"), "OrderRejected")
    await house.given(snapshot(cycle=NEXT), decision(cycle=NEXT))
    denied = await house.run(cycle=NEXT)
    assert (denied.reason_code, denied.books.foreign) == ("FOREIGN_ORDER", CYCLE)

    settled = await adopt(house)
    assert (settled.executed, settled.by) == (D("0.0125"), "owner")
    recorded, last = house.log.of(FillRecorded, OrderSettled)
    assert (recorded.volume, recorded.fee, recorded.position.volume) == (D("0.0125"), D(25), D("0.0125"))
    assert recorded.reason == decision().reason  # the log knows why
    assert last == settled
    after = "KRW-ETH-20260105T0500Z"
    await house.given(snapshot(cycle=after), decision(cycle=after))
    assert (await house.run(cycle=after)).kind == "OrderFilled"


async def test_an_exits_order_is_found_and_adopted_as_the_exits_although_its_name_is_the_positions():
    exchange, sale = FakeExchange(["refuse"]), exit_due(position=position(opened_by=EARLIER), at=AT)
    house = await House(exchange).given(fill(cycle=EARLIER, position=sale.position), sale)
    assert (await house.handler()(sale)).kind == "OrderRejected"
    (name,) = exchange.requests
    exchange.burnt.clear()
    await ordered(exchange, name, "sell")
    (found,) = await compared(house)
    assert (found.cycle, found.client_order_id, found.log_says) == (sale.cycle, name, "OrderRejected")
    assert (await adopt(house, sale.cycle)).executed == D("0.0125")
    assert await held(house) == 0
    assert (await compared(house)) == [found]


async def test_an_exits_fill_explains_its_order_also_in_a_log_that_lost_the_intent():
    exchange, sale = FakeExchange(), exit_due(position=position(opened_by=EARLIER), at=AT)
    name = "KRW-ETH-20260105T020000Z-close"
    await ordered(exchange, name, "sell")
    sold = fill(cycle=sale.cycle, client_order_id=name, side="sell", position=position(volume=D(0), opened_by=None))
    house = await House(exchange).given(fill(cycle=EARLIER, position=sale.position), sold)
    await ordered(exchange, EARLIER)
    assert await compared(house) == []


async def test_a_panic_of_another_copy_of_the_data_folder_is_told_as_such():
    exchange, sale = FakeExchange(), "KRW-ETH-20260105T031500Z-panic"
    await ordered(exchange)
    await ordered(exchange, sale, "sell")
    house = await House(exchange).given(fill())
    (found,) = await compared(house)
    assert (found.cycle, found.is_panics_elsewhere) == (sale, True)
    assert await compared(House(exchange), under_way={CYCLE, sale}) == []  # of this folder's own journal


async def test_an_order_that_the_journal_has_still_to_tell_is_not_found_by_its_name_either():
    exchange, name = FakeExchange(), "KRW-ETH-20260105T020000Z-close"
    await ordered(exchange, name, "sell")
    house = await House(exchange).given(fill(cycle=EARLIER))
    assert await compared(house, under_way={name}) == []


async def test_an_order_that_the_log_does_not_know_is_found_once_and_stops_its_market_after_a_restart():
    house = House(FakeExchange())
    await ordered(house.exchange)
    assert [event.log_says for event in await compared(house)] == [""]
    assert len(await compared(house)) == 1  # told once
    await house.given(snapshot(cycle=NEXT))
    other = "KRW-BTC-20260105T0400Z"
    await house.given(snapshot(cycle=other))
    assert (await house.run(cycle=NEXT)).reason_code == "FOREIGN_ORDER"
    assert (await house.run(cycle=other)).kind == "OrderFilled"


async def test_a_list_that_does_not_come_soon_keeps_no_sale_waiting(monkeypatch):
    class Silent(FakeExchange):
        async def list_orders(self, since):
            await asyncio.Event().wait()

    monkeypatch.setattr("services.executor.comparison._SALE_WAITS_S", 0.01)
    compare = comparison(House(Silent()))
    await asyncio.wait_for(compare.before_sale(AT), 30)
    assert not compare.is_done


async def test_what_the_log_forgot_is_adopted_oldest_first_and_the_books_are_the_accounts_to_the_last_digit():
    house = House(FakeExchange())
    await ordered(house.exchange, EARLIER)
    await ordered(house.exchange, CYCLE, "sell", D("0.005"))
    await compared(house)
    with pytest.raises(CannotAdopt, match=f"{EARLIER} is older"):
        await adopt(house, CYCLE)
    for event in await adopter(house).found():
        await adopt(house, event.cycle)
    assert await held(house) == D("0.0075")
    bought, sold = house.log.of(FillRecorded)
    assert sentence(bought, "ko") == "기록에 없던 주문을 거래소에서 인수했습니다"
    assert (bought.position.opened_by, sold.profit) == (EARLIER, D("-24.9975"))
    assert await adopter(house).found() == []


async def test_orders_that_the_log_explains_are_not_found():
    house = await House(FakeExchange()).given(due(), snapshot(), decision())
    assert (await house.run()).kind == "OrderFilled"
    await ordered(house.exchange, NEXT)  # of a panic, in the journal
    open_, stuck = (cycle_id("KRW-BTC", AT + timedelta(hours=n)) for n in range(2))
    for cycle in (open_, stuck):
        await ordered(house.exchange, cycle)
        stored = await house.log.emit(intent(cycle=cycle, client_order_id=cycle))
    await house.log.emit(end("OrderUnresolved", cycle=stuck, client_order_id=stuck), after=stored.seq)
    assert await compared(house, under_way={NEXT}) == []


@pytest.mark.parametrize(("kind", "told"), [("OrderRejected", 0), ("OrderDenied", 1), ("CycleFailed", 1)])
async def test_an_order_that_ended_empty_stops_nothing_and_is_told_where_the_log_says_that_none_left(kind, told):
    house = House(FakeExchange(executes=D(0)))
    await ordered(house.exchange)
    stored = await house.log.emit(intent(client_order_id=CYCLE))
    await house.log.emit(end(kind), after=stored.seq)
    assert len(await compared(house)) == told
    assert (await EventOrderLog(house.log).ledger()).found == {}
    with pytest.raises(CannotAdopt, match="no order that the log lacks"):
        await adopt(house)


async def test_an_open_order_stops_its_market_and_is_not_adopted_before_it_has_ended():
    house = House(FakeExchange(open_for=1000))
    await ordered(house.exchange)
    (event,) = await compared(house)
    assert (event.is_open, event.executed) == (True, 0)
    with pytest.raises(CannotAdopt, match="still open"):
        await adopt(house)
    house.exchange.open_for = 0
    assert (await adopt(house)).executed == await held(house) == D("0.0125")
    assert await adopter(house).found() == []


async def test_an_open_order_that_was_cancelled_empty_is_adopted_with_nothing():
    house = House(FakeExchange(open_for=1000, executes=D(0)))
    await ordered(house.exchange)
    await compared(house)
    house.exchange.open_for = 0
    assert (await adopt(house)).executed == 0
    assert house.log.of(FillRecorded) == []
    assert await adopter(house).found() == []


async def test_an_order_that_appears_after_a_person_settled_it_as_not_there_is_found_and_adopted():
    house = House(FakeExchange())
    stored = await house.log.emit(intent(client_order_id=CYCLE))
    await house.log.emit(end("OrderUnresolved"), after=stored.seq)
    await Settler(house.exchange, EventOrderLog(house.log))(CYCLE, by="owner", at=AT, not_there=True)
    await ordered(house.exchange)
    (event,) = await compared(house)
    assert event.log_says == "OrderSettled"
    assert list((await EventOrderLog(house.log).ledger()).found) == [CYCLE]
    assert (await adopt(house)).executed == await held(house) == D("0.0125")
    assert await adopter(house).found() == []


@pytest.mark.parametrize(
    "word", [LookupFailure("ReadTimeout"), LookupFailure("HTTP 404 order_not_found", missing=True)]
)
async def test_an_exchange_that_does_not_show_the_order_now_adopts_nothing(word):
    house = await refused()
    await compared(house)

    async def silent(_):
        return word

    house.exchange.find = silent
    with pytest.raises(CannotAdopt, match="does not show it now"):
        await adopt(house)
    assert house.log.of(FillRecorded, OrderSettled) == []


async def test_nothing_is_adopted_while_an_order_of_its_market_is_under_way():
    house = await refused()
    await compared(house)
    under_way = "KRW-ETH-20260105T031500Z-exit"
    stored = await house.log.emit(intent(cycle=under_way, client_order_id=under_way))
    with pytest.raises(CannotAdopt, match=f"{under_way} is under way"):
        await adopt(house)
    assert house.log.of(FillRecorded, OrderSettled) == []
    await house.log.emit(end("OrderRejected", cycle=under_way), after=stored.seq)
    assert (await adopt(house)).executed == D("0.0125")


async def test_adopting_cut_short_after_the_fill_is_done_again():
    house = await refused()
    await compared(house)

    class Cut(MemoryLog):
        async def emit(self, event, *, after=0):
            if isinstance(event, OrderSettled):
                raise ConnectionError
            return await super().emit(event, after=after)

    cut, whole = Cut(), house.log
    vars(cut).update(vars(whole))
    house.log = cut
    with pytest.raises(ConnectionError):
        await adopt(house)
    house.log = whole
    assert list((await EventOrderLog(whole).ledger()).found) == [CYCLE]  # its market still stands
    assert (await adopt(house)).executed == D("0.0125")
    assert len(whole.of(FillRecorded)) == 1


async def test_an_order_counts_in_its_day_although_the_log_forgot_it():
    house = House(FakeExchange())
    await ordered(house.exchange)
    await compared(house)
    assert (await EventOrderLog(house.log).ledger()).books("KRW-BTC", AT, D(0)).orders_today == 1


@pytest.mark.parametrize("fault", [Transient("away"), Permanent("no right")])
async def test_a_list_that_fails_costs_nothing_and_leaves_the_first_comparison_undone(fault):
    house = await refused()
    house.exchange.listing = fault
    compare = comparison(house)
    await compare.first()
    assert not compare.is_done
    house.exchange.listing = None
    await compare.first()
    assert compare.is_done
    assert len(house.log.of(OrderFound)) == 1


async def test_a_volume_that_differs_from_the_fill_is_told_and_shown_and_stops_nothing():
    house, shown = House(FakeExchange()), []
    await ordered(house.exchange)
    await house.log.emit(fill(volume=D("0.01")))
    orders = EventOrderLog(house.log)
    await Comparison(house.exchange, orders, lambda: (), lambda _, differing: shown.append(differing))()
    assert (shown, house.log.of(OrderFound)) == ([[CYCLE]], [])
