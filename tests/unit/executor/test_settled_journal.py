"""What a person has settled or adopted stands in the journal, too: a panic without the log knows what is held."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.cli.commands.panic import carry_out
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adopt import Adopter
from services.executor.comparison import Comparison
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.core.journal_lines import HeldPosition, Stuck
from services.executor.core.journal_state import read
from services.executor.core.orders import Buy, Sell
from services.executor.core.risk import _SEAL, Approved
from services.executor.settle import Settler
from shared.bus.event_log import LogUnreachable
from shared.errors import BadRequest
from shared.events import CycleEnded, FillRecorded, OrderSettled, OrderUnresolved
from shared.settings import Settings
from tests.support.builders import AT, CYCLE, decision, exit_due, intent, position, snapshot
from tests.support.fake_exchange import FakePace
from tests.unit.executor.test_panic import EARLIER, HELD, PANIC, Exchange, Machine, Now, There

D = Decimal
LATER = AT + timedelta(seconds=IN_DOUBT_S)
EXIT, CLOSE = "KRW-ETH-20260105T030102Z-exit", "KRW-ETH-20260105T020000Z-close"


async def told(machine, what):
    """Let the log have what an order of this kind is decided by."""
    if what == "exit":
        due = exit_due(cycle=EXIT, position=HELD, at=AT, price=D(4_000_000))
        await machine.log.emit(due)
        return due
    event = decision(decision=what)
    for each in (snapshot(), event):
        await machine.log.emit(each)
    return event


async def stuck(tmp_path, what, script):
    """A machine whose order of this kind left, and nobody could say what became of it."""
    machine = await Machine(tmp_path, Exchange([script], hidden_for=10_000)).bought()
    assert (await machine.handler()(await told(machine, what))).kind == "OrderUnresolved"
    machine.exchange.hidden_for = 0
    return machine


async def settled(machine, cycle, **word):
    orders = machine.orders()
    await Settler(machine.exchange, orders)(cycle, by="owner", at=LATER, **word)
    await orders.ledger()


def cycle_of(what):
    return EXIT if what == "exit" else CYCLE


async def must_be_whole(machine, held):
    """The journal says what the log does, and a panic without the log sells just that and says that all is done."""
    state = machine.journal.read()
    assert state.open == {}
    assert state.held("KRW-ETH").volume == held == (await machine.orders().ledger()).held("KRW-ETH").volume
    before = set(machine.exchange.orders)
    await machine.panic()
    assert machine.journal.read().held("KRW-ETH").volume == 0
    sold = [order.executed_volume for name, order in machine.exchange.orders.items() if name not in before]
    assert sold == ([held] if held else [])
    await machine.executor_starts()
    assert (await machine.orders().ledger()).held("KRW-ETH").volume == 0


@pytest.mark.parametrize(("what", "held"), [("buy", D("0.025")), ("sell", D(0)), ("exit", D(0))])
async def test_after_a_settled_fill_a_panic_sells_what_is_held_now(tmp_path, what, held):
    machine = await stuck(tmp_path, what, "lose")
    await settled(machine, cycle_of(what))
    await must_be_whole(machine, held)


@pytest.mark.parametrize("what", ["buy", "sell", "exit"])
async def test_after_an_order_that_is_not_there_a_panic_sells_what_was_held_before(tmp_path, what):
    machine = await stuck(tmp_path, what, "vanish")
    await settled(machine, cycle_of(what), not_there=True)
    await must_be_whole(machine, HELD.volume)


@pytest.mark.parametrize("what", ["buy", "sell", "exit"])
async def test_after_another_bots_order_a_panic_books_nothing_of_it(tmp_path, what):
    machine = await Machine(tmp_path, Exchange(["taken"])).bought()
    assert (await machine.handler()(await told(machine, what))).reason_code == "IDENTIFIER_TAKEN"
    await settled(machine, cycle_of(what), ours=False)
    await must_be_whole(machine, HELD.volume)
    assert len(machine.log.of(FillRecorded)) == 2  # what it bought, and the panic's sale


async def test_after_a_settled_panic_another_one_sells_nothing(tmp_path):
    machine = await Machine(tmp_path, Exchange(["lose"], hidden_for=10_000)).bought()
    await machine.panic()
    await machine.executor_starts()
    machine.exchange.hidden_for = 0
    assert isinstance(machine.log.of(CycleEnded)[-1], OrderUnresolved)
    await settled(machine, PANIC)
    await must_be_whole(machine, 0)


@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_after_an_adopted_order_a_panic_sells_what_is_held_now(tmp_path, side):
    machine = await Machine(tmp_path).bought()
    order = Buy("KRW-ETH", CYCLE, D(50_000)) if side == "buy" else Sell("KRW-ETH", CLOSE, HELD.volume)
    await machine.exchange.place(Approved(order, _SEAL))
    orders = machine.orders()
    adopter = Adopter(machine.exchange, orders, Comparison(machine.exchange, orders, set))
    for event in await adopter.found():
        await adopter(event.cycle, by="owner", at=LATER)
    await orders.ledger()
    await must_be_whole(machine, D("0.025") if side == "buy" else D(0))


async def test_a_market_that_is_traded_no_more_stands_in_the_journal_once_it_is_adopted(tmp_path):
    machine = await Machine(tmp_path).bought()
    elsewhere = JournaledOrderLog(machine.log, machine.journal, ("KRW-BTC",))
    machine.journal.write(HeldPosition(market="KRW-ETH", position=position(volume=D(0))))
    await elsewhere.ledger()
    assert machine.journal.read().held("KRW-ETH") == HELD


async def test_an_executor_hears_of_what_another_machine_has_settled(tmp_path):
    machine = await stuck(tmp_path, "sell", "vanish")
    orders = machine.orders()
    await orders.ledger()
    assert CYCLE in machine.journal.read().open
    await machine.log.emit(
        OrderSettled(cycle=CYCLE, client_order_id=CYCLE, executed=D(0), said="not there", by="owner", at=LATER)
    )
    await orders.ledger()
    assert machine.journal.read().open == {}


class Away:
    """A log that takes no end of a cycle."""

    def __init__(self, log):
        self.log = log

    async def emit(self, event, *, after=0):
        if isinstance(event, CycleEnded):
            raise LogUnreachable("gone")
        return await self.log.emit(event, after=after)

    def __getattr__(self, name):
        return getattr(self.log, name)


@pytest.mark.parametrize("what", ["buy", "sell", "exit"])
async def test_a_name_that_was_taken_is_never_booked_by_who_comes_back_before_its_end_is_stored(tmp_path, what):
    machine = await Machine(tmp_path, Exchange(["taken"])).bought()
    event = await told(machine, what)
    log = JournaledOrderLog(Away(machine.log), machine.journal, ("KRW-ETH",))
    with pytest.raises(LogUnreachable):
        await machine.handler(log=log)(event)
    await machine.executor_starts()
    assert [(e.cycle, e.reason_code) for e in machine.log.of(CycleEnded)] == [(cycle_of(what), "IDENTIFIER_TAKEN")]
    assert [f.cycle for f in machine.log.of(FillRecorded)] == [EARLIER]
    handler = machine.handler()
    assert (await handler(event)).reason_code == "IDENTIFIER_TAKEN"
    assert handler.switch.said == "paused"


@pytest.mark.parametrize(("with_log", "elsewhere"), [(False, False), (True, False), (True, True)])
async def test_a_panic_books_no_order_of_which_nobody_has_said_whose_it_is(tmp_path, with_log, elsewhere):
    machine = await Machine(tmp_path / "executor", Exchange(["taken"])).bought()
    assert (await machine.handler()(await told(machine, "buy"))).reason_code == "IDENTIFIER_TAKEN"
    settings = Settings.load(data_dir=tmp_path / "other" if elsewhere else tmp_path)
    there = There(machine.log) if with_log else None
    with pytest.raises(BadRequest, match=f"whose order it is must be said: upcycle settle {CYCLE}"):
        await carry_out(settings, machine.exchange, there, sell=True, pace=FakePace(), clock=Now())
    assert machine.exchange.orders[PANIC].executed_volume == HELD.volume
    await machine.executor_starts()
    assert [(f.cycle, f.side) for f in machine.log.of(FillRecorded)] == [(EARLIER, "buy"), (PANIC, "sell")]


async def test_a_panic_sells_nothing_that_a_sale_of_another_bots_may_have_sold(tmp_path):
    machine = await Machine(tmp_path / "executor", Exchange(["taken"])).bought()
    await machine.handler()(await told(machine, "exit"))
    with pytest.raises(BadRequest, match=r"the bot still holds 0\.0125"):
        await carry_out(
            Settings.load(data_dir=tmp_path), machine.exchange, None, sell=True, pace=FakePace(), clock=Now()
        )
    assert list(machine.exchange.orders) == [CLOSE]


def test_a_journal_written_anew_knows_what_was_taken():
    state = read([intent(), Stuck(cycle=CYCLE, taken=True)])
    assert state.open[CYCLE].taken
    assert read(state.lines()) == state


async def test_an_exits_order_is_found_as_the_exits_where_only_the_journal_knows_its_intent(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(intent(cycle=EXIT, client_order_id=CLOSE, side="sell", funds=None, volume=D("0.0125")))
    await machine.exchange.place(Approved(Sell("KRW-ETH", CLOSE, D("0.0125")), _SEAL))
    compare = Comparison(machine.exchange, machine.orders(), lambda: machine.journal.read().under_way)
    adopter = Adopter(machine.exchange, machine.orders(), compare)
    (found,) = await adopter.found()
    assert (found.cycle, found.client_order_id) == (EXIT, CLOSE)
    await adopter(EXIT, by="owner", at=LATER)
    await machine.orders().ledger()
    await must_be_whole(machine, D(0))


async def test_an_exit_that_a_log_forgot_while_it_was_on_its_way_and_the_next_one_sell_once(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(intent(cycle=EXIT, client_order_id=CLOSE, side="sell", funds=None, volume=D("0.0125")))
    again = exit_due(cycle="KRW-ETH-20260105T030502Z-exit", position=HELD, at=AT, price=D(4_000_000))
    await machine.log.emit(again)
    await machine.handler()(again)
    assert machine.exchange.requests == [CLOSE]
