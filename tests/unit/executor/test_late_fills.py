"""A log that was put back is told its fills out of order: the books are right all the same."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.cli.order_log import keep_reach, order_log
from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adapters.order_log import EventOrderLog
from services.executor.core import ends, exits
from services.executor.core.journal_lines import Behind, HeldPosition, Reached
from services.executor.merge import Merge
from shared.events import CycleEnded, FillRecorded, OrderFilled, OrderIntended
from shared.reach import Reach
from shared.settings import Settings
from tests.support.builders import AT, CYCLE, books, decision, end, exit_due, fill, found, intent, position, snapshot
from tests.support.fake_exchange import FakeExchange
from tests.unit.executor.test_executor_comparison import adopt, adopter, compared, held, ordered
from tests.unit.executor.test_executor_handler import EARLIER, House

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

    status = house.switch.status

    async def cleared_up_first():
        if house.log.of(OrderIntended):
            await handler.clear_up()
        return await status()

    house.switch.status = cleared_up_first
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


async def test_an_order_that_the_log_forgot_is_given_back_to_it_and_its_market_waits(tmp_path):
    """It may still be on its way: the next sale would sell the same coins."""
    house = House()
    journal = await a_journal(tmp_path, intent(), Reached(reach=Reach(last=9)))
    await log_rollback.accept(house.log, journal, by="owner", at=AT + timedelta(days=1))
    assert set(journal.read().open) == {CYCLE}
    merge = Merge(journal, house.log, nothing, house.handler().clear_up)
    await merge.recall()
    assert list((await EventOrderLog(house.log).ledger()).open) == [CYCLE]
    await house.handler().clear_up()
    assert [e.kind for e in house.log.of(CycleEnded)] == ["OrderUnresolved"]
    await merge()
    assert journal.read().open[CYCLE].intent == intent()  # a panic asks for it


@pytest.mark.parametrize("lines", [(intent(), fill()), (exit_due(cycle=PANIC, rule="panic"), intent(cycle=PANIC))])
async def test_what_the_merge_brings_is_not_recalled(tmp_path, lines):
    house = House()
    await Merge(await a_journal(tmp_path, *lines), house.log, nothing, nothing).recall()
    assert house.log.lines == []


async def test_an_order_of_a_cycle_that_has_ended_is_not_recalled(tmp_path):
    house = await House().given(end("OrderRejected"))
    await Merge(await a_journal(tmp_path, intent()), house.log, nothing, nothing).recall()
    assert house.log.of(OrderIntended) == []


async def test_what_is_booked_into_a_log_that_lies_behind_adds_to_the_journals_own_position(tmp_path):
    """The log holds what the journal knows to be sold: a panic would sell it once more."""
    house = await House().given(fill(cycle=EARLIER))
    journal = await a_journal(
        tmp_path, HeldPosition(market="KRW-ETH", position=NOTHING), intent(), Behind(why="put back")
    )
    log = JournaledOrderLog(house.log, journal, ("KRW-ETH",))
    held = position(volume=D("0.025"), opened_by=EARLIER)
    await log.store(fill(position=held))
    assert (await log.ledger()).held("KRW-ETH") == held
    assert journal.read().held("KRW-ETH").volume == D("0.0125")


async def test_a_fill_that_a_panic_has_booked_changes_the_journal_no_more(tmp_path):
    house = House()
    sale = fill(cycle=PANIC, side="sell", position=NOTHING)
    journal = await a_journal(tmp_path, intent(), fill(), sale)
    await JournaledOrderLog(house.log, journal, ("KRW-ETH",)).store(fill())
    assert house.log.of(FillRecorded) == [fill()]
    assert journal.read().held("KRW-ETH").volume == 0


async def test_a_log_that_forgot_what_the_journal_brought_into_it_is_known_by_it(tmp_path):
    """No executor has written since: a panic's sale would be sold once more."""
    house = await House().given(fill(cycle=EARLIER))
    start = exit_due(cycle=PANIC, rule="panic", position=position())
    meant = intent(cycle=PANIC, client_order_id=PANIC, side="sell", funds=None, volume=BOUGHT)
    sold = fill(cycle=PANIC, client_order_id=PANIC, side="sell", position=NOTHING)
    journal = await a_journal(tmp_path, start, meant, sold, ends.filled(exits.decision_of(start), sold))
    await Merge(journal, house.log, nothing, nothing)()
    assert journal.read().open == {}
    older = await House().given(fill(cycle=EARLIER))
    assert await log_rollback.check_log(older.log, journal) is not None


async def test_a_log_that_forgot_what_a_person_told_it_is_known_by_the_journal(tmp_path):
    house = await House().given(intent())
    settings = Settings.load(data_dir=tmp_path)
    journal = await a_journal(tmp_path, intent())
    await (await order_log(house.log, settings)).store(fill())
    await keep_reach(house.log, settings)
    assert await log_rollback.check_log((await House().given(intent())).log, journal) is not None


async def test_a_person_who_books_into_a_log_that_was_put_back_teaches_the_journal_nothing_of_it(tmp_path):
    house = await House().given(fill(cycle=EARLIER))
    journal = await a_journal(
        tmp_path, HeldPosition(market="KRW-ETH", position=NOTHING), Reached(reach=Reach(last=9, fill=EARLIER))
    )
    await (await order_log(house.log, Settings.load(data_dir=tmp_path))).ledger()
    assert journal.read().held("KRW-ETH").volume == 0
    await keep_reach(house.log, Settings.load(data_dir=tmp_path))
    assert journal.read().reach.last == 9


async def test_an_order_that_the_log_knows_stays_in_the_journal(tmp_path):
    house = await House().given(intent(books=books(at=AT)))
    journal = await a_journal(tmp_path, intent(books=books(at=AT)))
    await log_rollback.accept(house.log, journal, by="owner", at=AT + timedelta(days=1))
    assert set(journal.read().open) == {CYCLE}


async def test_the_journal_learns_what_a_person_books(tmp_path):
    """Else a panic without the log would sell once more what another bot has sold."""
    house = await House().given(fill())
    journal = await a_journal(tmp_path, HeldPosition(market="KRW-ETH", position=position()))
    orders = await order_log(house.log, Settings.load(data_dir=tmp_path))
    await orders.store(fill(cycle=PANIC, side="sell", position=NOTHING))
    await orders.ledger()
    assert journal.read().held("KRW-ETH").volume == 0


async def test_where_no_executor_ran_booking_starts_no_journal(tmp_path):
    await (await order_log(House().log, Settings.load(data_dir=tmp_path))).ledger()
    assert not Journal(tmp_path / "executor").has_been_used()
