"""Settling: only what is certain, the fill first, and never an order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.answers import LookupFailure
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.core.orders import Buy, Sell
from services.executor.core.risk import _SEAL, Approved
from services.executor.settle import CannotSettle, Settler
from shared.bus.wire import Unreadable
from shared.events import FillRecorded, OrderSettled
from tests.support.builders import AT, CYCLE, books, decision, due, end, exit_due, fill, intent, position, snapshot
from tests.support.fake_exchange import FakeExchange
from tests.support.memory_log import MemoryLog
from tests.unit.executor.test_executor_handler import House

D = Decimal
NEXT = "KRW-ETH-20260105T0400Z"
LATER = AT + timedelta(seconds=IN_DOUBT_S)


async def stuck(exchange, executed=1):
    """A house whose order left, and nobody could say what became of it."""
    exchange.executes = D(executed)
    house = await House(exchange).given(due(), snapshot(), decision())
    exchange.hidden_for = 10_000
    assert (await house.run()).kind == "OrderUnresolved"
    exchange.hidden_for = 0
    return house


def settler(house):
    return Settler(house.exchange, EventOrderLog(house.log))


async def settle(house, cycle=CYCLE, at=LATER, **word):
    return await settler(house)(cycle, by="owner", at=at, **word)


async def test_the_fill_is_recorded_first_and_the_market_goes_on():
    house = await stuck(FakeExchange(["lose"]))
    assert [order.cycle for order in await settler(house).unsettled()] == [CYCLE]
    settled = await settle(house)
    assert (settled.executed, settled.by, settled.at) == (D("0.0125"), "owner", LATER)
    recorded, last = house.log.of(FillRecorded, OrderSettled)
    assert recorded.volume == D("0.0125")
    assert recorded.position.volume == D("0.0125")
    assert last == settled
    await house.given(snapshot(cycle=NEXT), decision(cycle=NEXT))
    assert (await house.run(cycle=NEXT)).kind == "OrderFilled"
    assert house.exchange.requests == [CYCLE, NEXT]


async def test_until_then_the_market_orders_nothing_and_another_one_does():
    house = await stuck(FakeExchange(["lose"]))
    other = "KRW-BTC-20260105T0400Z"
    await house.given(snapshot(cycle=NEXT), snapshot(cycle=other))
    denied = await house.run(cycle=NEXT)
    assert (denied.kind, denied.reason_code) == ("OrderDenied", "UNRESOLVED_ORDER")
    assert denied.books.unresolved == CYCLE
    assert (await house.run(cycle=other)).kind == "OrderFilled"


async def test_an_order_the_exchange_does_not_have_is_settled_with_nothing():
    house = await stuck(FakeExchange(["vanish"]))
    with pytest.raises(CannotSettle, match="--not-there"):
        await settle(house)
    settled = await settle(house, not_there=True)
    assert (settled.executed, settled.said) == (0, "HTTP 404 order_not_found")
    assert house.log.of(FillRecorded) == []


class Dated(MemoryLog):
    """Says when it stored an intent."""

    async def load(self, subject):
        found = await super().load(subject)
        return replace(found, at=AT) if found else None


@pytest.mark.parametrize(
    ("passed_s", "settles"), [(-5, False), (0, False), (IN_DOUBT_S - 1, False), (IN_DOUBT_S, True)]
)
async def test_an_order_that_may_still_arrive_is_not_settled_as_not_there(passed_s, settles):
    house = await stuck(FakeExchange(["vanish"]))
    dated = Dated()
    vars(dated).update(vars(house.log))
    house.log, at = dated, AT + timedelta(seconds=passed_s)
    settling = settler(house)(CYCLE, by="owner", at=at, not_there=True)
    if settles:
        assert (await settling).executed == 0
        return
    with pytest.raises(CannotSettle, match="may still arrive; try again in"):
        await settling
    assert house.log.of(OrderSettled) == []


async def taken():
    house = await House(FakeExchange(["taken"])).given(due(), snapshot(), decision())
    assert (await house.run()).reason_code == "IDENTIFIER_TAKEN"
    return house


async def test_an_order_that_another_bot_may_have_sent_is_settled_only_by_who_knows_whose_it_is():
    house = await taken()
    with pytest.raises(CannotSettle, match=f"upcycle settle {CYCLE} --not-ours"):
        await settle(house)
    assert house.log.of(OrderSettled, FillRecorded) == []


async def test_an_order_executed_before_the_bot_looked_is_settled_only_by_who_knows_whose_it_is():
    house = await older_than_its_intent()
    with pytest.raises(CannotSettle, match=f"upcycle settle {CYCLE} --not-ours"):
        await settle(house)
    assert (await settle(house, ours=False)).executed == 0


async def older_than_its_intent():
    """A log of before such an order was told apart."""
    exchange = FakeExchange()
    await exchange.place(Approved(Buy("KRW-ETH", CYCLE, D(50_000)), _SEAL))
    house = await House(exchange).given(due(), snapshot(), decision())
    stored = await house.log.emit(intent(books=books(at=AT + timedelta(minutes=1))))
    await house.log.emit(end("OrderUnresolved"), after=stored.seq)
    return house


async def test_another_bots_order_is_not_booked():
    house = await taken()
    settled = await settle(house, ours=False)
    assert (settled.executed, house.log.of(FillRecorded)) == (0, [])
    assert settled.said.endswith(", another bot's")


async def test_an_order_that_a_proxy_sent_twice_is_booked_as_ours():
    house = await taken()
    assert (await settle(house, ours=True)).executed == D("0.0125")
    assert house.log.of(FillRecorded)[0].volume == D("0.0125")


async def test_an_order_that_ended_empty_is_settled_with_nothing():
    house = await stuck(FakeExchange(["lose"]), executed=0)
    assert (await settle(house)).executed == 0


async def test_a_person_who_says_it_is_not_there_is_wrong_where_the_exchange_shows_it():
    house = await stuck(FakeExchange(["lose"]))
    assert (await settle(house, not_there=True)).executed == D("0.0125")


async def test_an_open_order_is_not_settled():
    house = await stuck(FakeExchange(["lose"]))
    house.exchange.open_for = 1
    with pytest.raises(CannotSettle, match="still open"):
        await settle(house)
    assert house.log.of(OrderSettled, FillRecorded) == []


async def test_an_exchange_that_does_not_answer_settles_nothing():
    house = await stuck(FakeExchange(["lose"]))

    async def silent(_):
        return LookupFailure("ConnectError")

    house.exchange.find = silent
    with pytest.raises(CannotSettle, match="does not say"):
        await settle(house)
    assert house.log.of(OrderSettled) == []


async def test_another_order_under_that_name_settles_nothing():
    house = await stuck(FakeExchange(["lose"]))
    house.exchange.orders[CYCLE] = replace(house.exchange.orders[CYCLE], side="sell")
    with pytest.raises(CannotSettle, match="not this order"):
        await settle(house)


async def test_what_is_not_unresolved_cannot_be_settled_nor_settled_twice():
    house = await stuck(FakeExchange(["lose"]))
    with pytest.raises(CannotSettle, match="no order of unknown outcome"):
        await settle(house, NEXT)
    await settle(house)
    with pytest.raises(CannotSettle, match="no order of unknown outcome"):
        await settle(house)


async def test_settling_cut_short_after_the_fill_is_done_again():
    house = await stuck(FakeExchange(["lose"]))

    class Cut(MemoryLog):
        async def emit(self, event, *, after=0):
            if isinstance(event, OrderSettled):
                raise ConnectionError
            return await super().emit(event, after=after)

    cut, whole = Cut(), house.log
    vars(cut).update(vars(whole))
    house.log = cut
    with pytest.raises(ConnectionError):
        await settle(house)
    house.log = whole
    assert (await settle(house)).executed == D("0.0125")
    assert len(whole.of(FillRecorded)) == 1


async def test_an_order_whose_stage_gave_up_can_be_settled_too():
    house = await House(FakeExchange()).given(due(), snapshot(), decision())
    stored = await house.log.emit(intent())
    await house.log.emit(end("OrderUnresolved"), after=stored.seq)
    assert (await settle(house, not_there=True)).executed == 0


class Littered(MemoryLog):
    """Something that nobody can read lies in the place of an intent."""

    async def since(self, seq, pattern):
        found = await super().since(seq, pattern)
        return [
            (n, Unreadable("rubbish", told.event.subject) if told.event.kind == "OrderIntended" else told)
            for n, told in found
        ]


async def test_an_intent_nobody_can_read_is_settled_only_where_there_is_no_order_and_a_person_has_looked():
    log, exchange = Littered(), FakeExchange([])
    await log.emit(intent())
    house = SimpleNamespace(exchange=exchange, log=log)
    with pytest.raises(CannotSettle, match=f"upcycle settle {CYCLE} --not-there"):
        await settle(house)
    with pytest.raises(CannotSettle, match="may still arrive; try again in 721 s"):
        await settle(house, not_there=True, at=AT - timedelta(seconds=1))
    settled = await settle(house, not_there=True, at=AT + timedelta(minutes=12))
    assert (settled.executed, settled.client_order_id) == (0, CYCLE)
    assert (await EventOrderLog(log).ledger()).unreadable_in("KRW-ETH") is None


async def test_an_intent_nobody_can_read_is_not_settled_while_the_exchange_has_its_order():
    house = await stuck(FakeExchange(["lose"]))
    littered = Littered()
    for line in house.log.lines:
        await littered.emit(line.event, after=0 if line.event.kind != "OrderUnresolved" else len(littered.lines))
    with pytest.raises(CannotSettle, match="cannot be read here, and the exchange says"):
        await settle(SimpleNamespace(exchange=house.exchange, log=littered), not_there=True)
    assert littered.of(FillRecorded, OrderSettled) == []


EXIT, CLOSE = "KRW-ETH-20260105T031500Z-exit", "KRW-ETH-20260105T020000Z-close"


async def littered_exit(exit_can_be_read=True):
    log = Littered()
    held = position(opened_by="KRW-ETH-20260105T0200Z")
    if exit_can_be_read:
        await log.emit(exit_due(cycle=EXIT, position=held))
    await log.emit(intent(cycle=EXIT, client_order_id=CLOSE, side="sell", funds=None, volume=D("0.0125")))
    return SimpleNamespace(exchange=FakeExchange(), log=log)


@pytest.mark.parametrize("name", [CLOSE, EXIT])
async def test_an_exit_nobody_can_read_is_asked_for_by_every_name_its_order_may_bear(name):
    house, late = await littered_exit(), AT + timedelta(hours=1)
    await house.exchange.place(Approved(Sell("KRW-ETH", name, D("0.0125")), _SEAL))
    with pytest.raises(CannotSettle, match="cannot be read here, and the exchange says of its order: done"):
        await settle(house, EXIT, not_there=True, at=late)
    house.exchange.orders.clear()
    assert (await settle(house, EXIT, not_there=True, at=late)).executed == 0


async def test_an_exit_of_which_nothing_can_be_read_is_not_settled_by_a_name_that_may_be_another():
    house = await littered_exit(exit_can_be_read=False)
    with pytest.raises(CannotSettle, match="the name of its order is not known"):
        await settle(house, EXIT, not_there=True, at=AT + timedelta(hours=1))
    assert house.log.of(OrderSettled) == []


async def test_an_order_may_be_named_as_the_exchange_names_it():
    exchange = FakeExchange(["lose"], hidden_for=10_000)
    held = position(volume=D("0.0125"), opened_by="KRW-ETH-20260105T0200Z")
    house = await House(exchange).given(fill(cycle="KRW-ETH-20260105T0200Z", position=held))
    asked = exit_due(cycle=EXIT, at=AT, price=D(4_000_000), position=held)
    await house.log.emit(asked)
    assert (await house.handler()(asked)).kind == "OrderUnresolved"
    exchange.hidden_for = 0
    assert (await settle(house, CLOSE)).cycle == EXIT


async def test_a_name_that_another_bot_used_for_another_order_is_settled_as_not_ours():
    house = await House(FakeExchange(["taken"])).given(due(), snapshot(), decision())
    await house.run()
    house.exchange.orders[CYCLE] = replace(house.exchange.orders[CYCLE], side="sell")
    with pytest.raises(CannotSettle, match=f"upcycle settle {CYCLE} --not-ours"):
        await settle(house)
    with pytest.raises(CannotSettle, match="not this order"):
        await settle(house, ours=True)
    settled = await settle(house, ours=False)
    assert (settled.executed, house.log.of(FillRecorded)) == (0, [])


@pytest.mark.parametrize("wrong", [timedelta(days=400), timedelta(days=-400)])
async def test_how_old_an_order_is_does_not_hang_on_a_clock_that_was_wrong_when_it_was_intended(wrong):
    house = await stuck(FakeExchange(["vanish"]))
    house.log.lines[:] = [replace(line, at=AT + wrong) for line in house.log.lines]
    house.log._at.update({line.event.subject: line for line in house.log.lines})
    soon = AT + timedelta(seconds=IN_DOUBT_S - 1)
    with pytest.raises(CannotSettle, match="try again in 1 s"):
        await settler(house)(CYCLE, by="owner", at=soon, not_there=True)
    assert (await settle(house, not_there=True)).executed == 0
