"""A log that was put back is told its fills out of order: the books are right all the same."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.cli.order_log import order_log
from services.executor import restored
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Known, Reached
from services.executor.core.sending import IN_DOUBT_S
from services.executor.merge import Merge
from shared.events import FillRecorded, OrderFilled, OrderIntended
from shared.reach import Reach
from shared.settings import Settings
from tests.support.builders import AT, CYCLE, books, decision, fill, found, intent, position, snapshot
from tests.support.fake_exchange import FakeExchange
from tests.unit.executor.test_executor_comparison import adopt, adopter, compared, held, ordered
from tests.unit.executor.test_executor_handler import House

D = Decimal
PANIC, NOTHING = "KRW-ETH-20260105T030000Z-panic", position(volume=D(0), cost=D(0), opened_by=None)
BOUGHT = D("0.0125")


@pytest.mark.parametrize("after_s", [0, 60])
async def test_a_buy_that_is_adopted_after_a_panic_sold_it_brings_no_coins_back(after_s):
    house = House(FakeExchange())
    await ordered(house.exchange)
    await compared(house)
    at = AT + timedelta(seconds=after_s)
    await house.log.emit(fill(cycle=PANIC, side="sell", executed_at=at, position=NOTHING))
    await adopt(house)
    assert await held(house) == 0


async def test_a_buy_that_is_adopted_after_a_later_buy_adds_to_it():
    house = House(FakeExchange())
    await ordered(house.exchange)
    await compared(house)
    later = "KRW-ETH-20260105T0500Z"
    await house.log.emit(fill(cycle=later, executed_at=AT + timedelta(hours=2), position=position(opened_by=later)))
    await adopt(house)
    last = house.log.of(FillRecorded)[-1].position
    assert (last.volume, last.opened_by) == (2 * BOUGHT, CYCLE)


async def test_of_one_second_a_buy_is_adopted_before_the_sale():
    house, sale = House(FakeExchange()), "KRW-ETH-20260105T030000Z-exit"
    assert sale < CYCLE
    await ordered(house.exchange)
    await ordered(house.exchange, sale, "sell")
    await house.given(found(cycle=sale, side="sell"), found())
    for event in await adopter(house).found():
        await adopt(house, event.cycle)
    assert [f.side for f in house.log.of(FillRecorded)] == ["buy", "sell"]
    assert await held(house) == 0


async def test_what_this_process_is_about_to_send_is_no_order_of_an_earlier_run():
    """A bot on a copy of the folder has sent an order of this name: clearing up would book it as this one's."""
    exchange = FakeExchange()
    house = await House(exchange).given(snapshot(), decision())
    handler = house.handler()
    await ordered(exchange)
    exchange.requests.clear()

    status = house.wishes.status

    async def cleared_up_first():
        if house.log.of(OrderIntended):
            await handler.clear_up()
        return await status()

    house.wishes.status = cleared_up_first
    ended = await handler(decision())
    assert (ended.kind, ended.reason_code) == ("OrderUnresolved", "IDENTIFIER_TAKEN")
    assert house.log.of(FillRecorded) == []


async def a_journal(folder, *lines):
    journal = Journal(folder / "executor")
    journal.write(*lines)
    return journal


async def nothing(*_):
    pass


async def test_a_fill_whose_intent_the_log_forgot_is_merged_for_good(tmp_path):
    house = House()
    journal = await a_journal(tmp_path, intent(), fill())
    await Merge(journal, house.log, nothing, nothing)()
    assert house.log.of(FillRecorded) == [fill()]
    assert journal.read().unmerged == set()
    await house.given(snapshot(), decision())
    assert isinstance(await house.run(), OrderFilled)
    assert house.exchange.requests == []


@pytest.mark.parametrize(("after_s", "left"), [(IN_DOUBT_S - 1, {CYCLE}), (IN_DOUBT_S + 1, set())])
async def test_an_order_that_neither_log_nor_exchange_knows_is_forgotten_with_the_log(tmp_path, after_s, left):
    house = House()
    journal = await a_journal(tmp_path, intent(books=books(at=AT)), Reached(reach=Reach(last=9)))
    await restored.accept(house.log, journal, by="owner", at=AT + timedelta(seconds=after_s))
    assert set(journal.read().open) == left


async def test_an_order_that_the_log_knows_stays_in_the_journal(tmp_path):
    house = await House().given(intent(books=books(at=AT)))
    journal = await a_journal(tmp_path, intent(books=books(at=AT)))
    await restored.accept(house.log, journal, by="owner", at=AT + timedelta(days=1))
    assert set(journal.read().open) == {CYCLE}


async def test_the_journal_learns_what_a_person_books(tmp_path):
    """Else a panic without the log would sell once more what another bot has sold."""
    house = await House().given(fill())
    journal = await a_journal(tmp_path, Known(market="KRW-ETH", position=position()))
    orders = order_log(house.log, Settings.load(data_dir=tmp_path))
    await orders.store(fill(cycle=PANIC, side="sell", position=NOTHING))
    await orders.ledger()
    assert journal.read().held("KRW-ETH").volume == 0


async def test_where_no_executor_ran_booking_starts_no_journal(tmp_path):
    await order_log(House().log, Settings.load(data_dir=tmp_path)).ledger()
    assert not Journal(tmp_path / "executor").has_been_used()
