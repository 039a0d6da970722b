"""A panic, with the event log and without: dead between any two steps and run again, it sells once."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from services.cli.commands.panic import carry_out, must_have_journal
from services.executor.adapters.journal import BadJournal, Journal, PanicRuns
from services.executor.adapters.journaled_log import JournaledOrderLog, NotMerged
from services.executor.adapters.upbit_errors import ExchangeRefusal, ExchangeUnavailable
from services.executor.core import risk
from services.executor.core.answers import Refused
from services.executor.core.deadlines import IN_DOUBT_S, IN_FLIGHT_S
from services.executor.core.journal_lines import Absent, Closed, HeldPosition, Merged, Paused, Stuck
from services.executor.core.journal_state import OpenOrder, read
from services.executor.core.orders import Sell
from services.executor.handler import ExecutorHandler
from services.executor.merge import Merge
from services.executor.panic import Panic
from shared.bus.event_log import LogUnreachable
from shared.errors import BadRequest
from shared.events import BookLevel, CycleEnded, ExitDue, FillRecorded, OrderFilled, OrderIntended, PanicNote
from shared.settings import Settings
from shared.why.panic import line
from tests.support.builders import AT, book, books, decision, fill, intent, position, snapshot
from tests.support.fake_exchange import LIMITS, Died, FakeExchange, FakePace, FakeSwitch, Mortal, Steps, conditions
from tests.support.memory_log import MemoryLog

D = Decimal
EARLIER = "KRW-ETH-20260105T0200Z"
PANIC = "KRW-ETH-20260105T020000Z-panic"
HELD = position(volume=D("0.0125"), opened_by=EARLIER)
BOUGHT = fill(cycle=EARLIER, client_order_id=EARLIER, position=HELD)
PAUSED = Paused(by="owner", at=AT)


class Exchange(FakeExchange):
    async def cancel(self, client_order_id):
        self.open_for = 0

    async def place(self, approved, in_time=lambda: True):
        # As at Upbit: a name is taken once, and the second request of that name finds the first one's order.
        answer = await super().place(approved, in_time)
        name = approved.order.client_order_id
        self.requests = list(dict.fromkeys(self.requests)) if name in self.orders else self.requests
        return answer


@dataclass
class Machine:
    """What outlives every process: the folder, the exchange, the log."""

    folder: object
    exchange: Exchange = field(default_factory=Exchange)
    log: MemoryLog = field(default_factory=MemoryLog)
    wish: str = "running"
    said: list[str] = field(default_factory=list)
    arriving: list[str] = field(default_factory=list)  # the buys the last panic left in doubt

    @property
    def journal(self):
        return Journal(self.folder)

    async def bought(self):
        """Holding what an executor here bought."""
        await self.log.emit(BOUGHT)
        await self.orders().ledger()
        return self

    def orders(self, steps=None):
        return JournaledOrderLog(self.log, self.steps(self.journal, steps), ("KRW-ETH",))

    def steps(self, it, steps):
        return Stepping(it, steps) if steps else it

    async def pause(self, by, at):
        self.wish = "paused"

    def tell(self, about, why):
        self.said.append(line(PanicNote.of(about, why), "en"))

    async def panic(self, die_at=0, *, with_log=False, at_s=0.0):
        """One run of the command; how many steps it took."""
        steps = Steps(die_at)
        journal, exchange = Stepping(self.journal, steps), Mortal(self.exchange, steps)
        pace = FakePace()
        pace.seconds = at_s
        it = Panic(journal, exchange, pace, "owner", {}, "0" * 16, "code", self.tell, D("0.05"))
        await it.begin(AT)
        with journal.panic():
            merge = Merge(journal, Mortal(self.log, steps), self.pause, nothing)
            if with_log:
                await merge.pause()
                await merge.orders()
            in_doubt = await it.under_way.clear()
            if with_log:
                await merge.orders()
            state = journal.read()
            for market in state.markets:
                if market not in in_doubt:
                    await it.sell(market, state.held(market))
            if with_log:
                await merge.orders()
                merge.lift()
            self.arriving = it.under_way.arriving()
        return steps.taken

    async def executor_starts(self, die_at=0):
        """An executor comes up: what it does before its first message."""
        steps = Steps(die_at)
        handler = self.handler(steps)
        journal = Stepping(self.journal, steps)
        await Merge(journal, Mortal(self.log, steps), self.pause, handler.clear_up)()
        await handler.clear_up()
        return steps.taken

    def handler(self, steps=None, *, log=None):
        steps = steps or Steps()
        return ExecutorHandler(
            exchange=Mortal(self.exchange, steps), log=log or self.orders(steps), switch=FakeSwitch(self.wish),
            pace=FakePace(), amount=D(50_000), scope="bot", limits=LIMITS, lookup_s=60,
        )  # fmt: skip

    def check(self):
        """The laws: one order, the fills are the exchange's, each started cycle ended once, nothing is held."""
        sold = {name: order for name, order in self.exchange.orders.items() if order.side == "sell"}
        assert list(sold) == [PANIC]
        (recorded,) = [f for f in self.log.of(FillRecorded) if f.side == "sell"]
        assert (recorded.cycle, recorded.volume) == (PANIC, sold[PANIC].executed_volume)
        assert recorded.position.volume == 0
        assert [e.cycle for e in self.log.of(ExitDue)] == [PANIC]
        assert [e.cycle for e in self.log.of(CycleEnded)] == [PANIC]
        assert self.wish == "paused"
        assert self.journal.read().is_merged
        assert self.journal.read().markets == []


async def nothing():
    return None


class Stepping:
    """The journal; every write takes one step before it happens and one after."""

    def __init__(self, journal, steps):
        self._journal, self._steps = journal, steps

    def __getattr__(self, name):
        return getattr(self._journal, name)

    def write(self, *lines, **how):
        self._steps.take()
        wrote = self._journal.write(*lines, **how)
        self._steps.take()
        return wrote


async def test_without_the_log_a_panic_sells_what_the_journal_says_and_the_executor_brings_it_into_the_log(tmp_path):
    machine = await Machine(tmp_path).bought()
    await machine.panic()
    assert list(machine.exchange.orders) == [PANIC]
    assert machine.log.of(FillRecorded) == [BOUGHT]
    assert machine.said == [
        "paused: no new order leaves the bot's machine",
        "KRW-ETH: sold 0.0125 ETH at 3,999,000 KRW on average, 49,987.50 KRW in all",
    ]
    await machine.executor_starts()
    machine.check()
    kinds = [line.event.kind for line in machine.log.lines]
    assert kinds == ["FillRecorded", "ExitDue", "OrderIntended", "FillRecorded", "OrderFilled"]


async def test_with_the_log_a_panic_tells_it_at_once(tmp_path):
    machine = await Machine(tmp_path).bought()
    await machine.panic(with_log=True)
    machine.check()


@pytest.mark.parametrize("with_log", [False, True], ids=["the log is away", "the log is there"])
async def test_a_panic_killed_at_any_step_and_run_again_sells_once(tmp_path, with_log):
    steps = await (await Machine(tmp_path / "whole").bought()).panic(with_log=with_log)
    assert steps >= (14 if with_log else 8)
    for die_at in range(1, steps + 1):
        machine = await Machine(tmp_path / f"{die_at}").bought()
        with pytest.raises(Died):
            await machine.panic(die_at, with_log=with_log)
        await machine.panic(with_log=with_log)
        await machine.executor_starts()
        machine.check()


async def test_an_executor_killed_at_any_step_of_the_merge_finishes_it_when_it_starts_again(tmp_path):
    whole = await Machine(tmp_path / "whole").bought()
    await whole.panic()
    steps = await whole.executor_starts()
    for die_at in range(1, steps + 1):
        machine = await Machine(tmp_path / f"{die_at}").bought()
        await machine.panic()
        with pytest.raises(Died):
            await machine.executor_starts(die_at)
        await machine.executor_starts()
        machine.check()


async def test_a_panic_that_died_and_is_never_run_again_is_finished_by_the_executor(tmp_path):
    steps = await (await Machine(tmp_path / "whole").bought()).panic()
    for die_at in range(1, steps + 1):
        machine = await Machine(tmp_path / f"{die_at}").bought()
        with pytest.raises(Died):
            await machine.panic(die_at)
        await machine.executor_starts()
        assert machine.journal.read().is_merged
        sold = [f.volume for f in machine.log.of(FillRecorded) if f.side == "sell"]
        assert sold == [o.executed_volume for o in machine.exchange.orders.values()]
        started = {e.cycle for e in machine.log.of(ExitDue)}
        assert [e.cycle for e in machine.log.of(CycleEnded)] == sorted(started)


async def test_two_panics_on_two_machines_sell_once(tmp_path):
    one = await Machine(tmp_path / "one").bought()
    other = Machine(tmp_path / "other", one.exchange, one.log)
    await other.orders().ledger()
    await asyncio.gather(one.panic(), other.panic())
    assert list(one.exchange.orders) == [PANIC]
    await one.executor_starts()
    await other.executor_starts()
    one.check()


async def test_only_one_panic_runs_on_a_machine_and_the_executor_waits_for_it(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(PAUSED)
    with machine.journal.panic():
        with pytest.raises(PanicRuns):
            await machine.panic()
        with pytest.raises(PanicRuns):
            await machine.executor_starts()


async def test_a_panic_waits_for_an_executor_that_merges_and_pauses_again(tmp_path, capsys):
    machine = await Machine(tmp_path / "executor").bought()
    pace, merging = FakePace(), machine.journal.panic()

    async def until_merged(seconds):
        if pace.now() == 2.0:
            machine.journal.write(Merged())
            merging.__exit__(None, None, None)
        pace.seconds += seconds

    pace.pause = until_merged
    merging.__enter__()
    settings = Settings.load(data_dir=tmp_path)
    await carry_out(settings, machine.exchange, None, sell=True, pace=pace, clock=Now())
    assert list(machine.exchange.orders) == [PANIC]
    assert machine.journal.read().paused is not None


async def test_no_order_is_intended_between_a_panic_and_its_merge(tmp_path):
    machine = await Machine(tmp_path).bought()
    for event in (snapshot(), decision(decision="sell")):
        await machine.log.emit(event)
    machine.journal.write(PAUSED)
    with pytest.raises(NotMerged):
        await machine.handler()(decision(decision="sell"))
    assert machine.exchange.requests == []
    assert machine.log.of(OrderIntended) == []


async def test_the_executors_order_under_way_is_cleared_up_before_anything_is_sold(tmp_path):
    machine = await Machine(tmp_path).bought()
    for event in (snapshot(), decision(decision="sell")):
        await machine.log.emit(event)

    class GoesAway(MemoryLog):
        """The broker dies right after the intent."""

        async def emit(self, event, *, after=0):
            if not isinstance(event, OrderIntended):
                raise LogUnreachable("gone")
            return await machine.log.emit(event, after=after)

        def __getattribute__(self, name):
            return object.__getattribute__(self, name) if name == "emit" else getattr(machine.log, name)

    with pytest.raises(LogUnreachable):
        await machine.handler(log=JournaledOrderLog(GoesAway(), machine.journal, ("KRW-ETH",)))(
            decision(decision="sell")
        )
    assert len(machine.exchange.orders) == 1
    await machine.panic()
    assert len(machine.exchange.orders) == 1  # it was all sold by then
    await machine.executor_starts()
    assert [f.side for f in machine.log.of(FillRecorded)] == ["buy", "sell"]
    assert [type(e) for e in machine.log.of(CycleEnded)] == [OrderFilled]
    assert machine.wish == "paused"


async def test_nothing_is_sold_where_the_exchange_does_not_say_what_became_of_a_sale(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(intent(side="sell", funds=None, volume=D("0.0125")))
    await machine.panic()
    assert machine.exchange.requests == []
    assert "UNKNOWN what became of the sell under way" in machine.said[-1]


async def test_a_sale_without_a_word_is_asked_for_again_and_never_sent_under_another_name(tmp_path):
    machine = await Machine(tmp_path, Exchange(["lose"], hidden_for=1000)).bought()
    await machine.panic()
    assert "UNKNOWN whether it was sold" in machine.said[-1]
    machine.exchange.hidden_for = 0
    await machine.panic()
    await machine.executor_starts()
    machine.check()


async def test_a_refused_panic_may_be_tried_again_under_the_next_name(tmp_path):
    machine = await Machine(tmp_path, Exchange(["refuse"])).bought()
    await machine.panic()
    assert machine.said[-1].startswith("KRW-ETH: NOT sold: ")
    await machine.panic()
    assert list(machine.exchange.orders) == ["KRW-ETH-20260105T020001Z-panic"]
    await machine.executor_starts()
    assert [e.kind for e in machine.log.of(CycleEnded)] == ["OrderRejected", "OrderFilled"]


@pytest.mark.parametrize("how", ["lie", "doubled"])
async def test_a_panic_sale_executed_in_spite_of_a_no_is_sold_and_never_sold_again(tmp_path, how):
    machine = await Machine(tmp_path, Exchange([how])).bought()
    await machine.panic()
    await machine.panic()
    await machine.executor_starts()
    machine.check()


UNSENDABLE: dict[str, dict[str, Any]] = {
    "the connection fails": {"script": ["unconnected"] * 6},
    "the market is closed": {"sees": conditions(market_state="suspended")},
    "the key is refused": {"sees": Refused("out_of_scope", "…")},
}


@pytest.mark.parametrize("why", UNSENDABLE)
async def test_a_sale_that_cannot_be_sent_again_keeps_its_name(tmp_path, why):
    """It may have been executed the first time: another name could sell the owner's own coins."""
    machine = await Machine(tmp_path, Exchange(["lose"], hidden_for=100_000)).bought()
    await machine.panic()
    for name, value in UNSENDABLE[why].items():
        setattr(machine.exchange, name, value)
    await machine.panic()
    assert "UNKNOWN whether it was sold" in machine.said[-1]
    machine.exchange.sees, machine.exchange.hidden_for = conditions(), 0
    await machine.panic()
    await machine.executor_starts()
    machine.check()


async def test_a_buy_without_an_answer_stays_in_doubt_for_two_minutes_and_keeps_no_position_from_being_sold(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(intent())
    await machine.panic(at_s=1000.0)
    assert "MAY STILL ARRIVE" in machine.said[1]
    assert machine.arriving == [intent().cycle]
    assert list(machine.exchange.orders) == [PANIC]
    await machine.panic(at_s=1080.0)
    assert machine.arriving == [intent().cycle]
    await machine.panic(at_s=1000.0 + IN_FLIGHT_S + IN_DOUBT_S)
    assert machine.arriving == []
    assert machine.said[-1] == f"{intent().cycle}: the exchange has no such order of the buy under way"


async def test_a_buy_that_arrives_late_is_written_down_by_the_next_panic(tmp_path):
    machine = await Machine(tmp_path).bought()
    machine.journal.write(intent())
    await machine.panic()
    machine.exchange.orders[intent().cycle] = replace(machine.exchange._executed(await approved()), side="buy")
    await machine.panic()
    assert machine.arriving == []
    assert machine.journal.read().open[intent().cycle].fill is not None


def test_the_doubt_is_never_shorter_after_a_restart_of_the_machine():
    order = OpenOrder(intent(), absent=5000.0)
    assert order.absent_s(5010.0) == 10.0
    assert order.absent_s(30.0) == 30.0  # its seconds began anew: it has run for 30


async def test_the_doubt_outlives_a_journal_written_anew(tmp_path):
    journal = Journal(tmp_path)
    journal.write(intent(), Absent(cycle=intent().cycle, since=7.5), Stuck(cycle=intent().cycle))
    for n in range(250):
        journal.write(HeldPosition(market="KRW-ETH", position=position(volume=D(n))))
    assert journal.read().open[intent().cycle].absent == 7.5


async def test_a_panic_whose_buy_may_still_arrive_does_not_say_that_all_is_done(tmp_path, capsys):
    machine = await Machine(tmp_path / "executor").bought()
    machine.journal.write(intent())
    settings = Settings.load(data_dir=tmp_path)
    for sell in (False, True):
        with pytest.raises(BadRequest, match=rf"NOT all is done.*{intent().cycle}: a buy may still arrive"):
            await carry_out(settings, machine.exchange, None, sell=sell, pace=FakePace(), clock=Now())


async def test_an_open_order_is_cancelled(tmp_path):
    machine = await Machine(tmp_path, Exchange(open_for=1000)).bought()
    machine.exchange.orders["KRW-ETH-20260105T0300Z"] = machine.exchange._executed(await approved())
    machine.journal.write(intent(side="sell", funds=None, volume=D("0.005")))
    await machine.panic()
    assert machine.exchange.open_for == 0


async def approved():
    return risk.check_panic(Sell("KRW-ETH", "KRW-ETH-20260105T0300Z", D("0.005")), conditions())


def test_a_torn_last_line_was_never_acted_on_and_is_written_over(tmp_path):
    journal = Journal(tmp_path)
    journal.write(PAUSED)
    with journal.path.open("ab") as file:
        file.write(b'{"kind":"Merg')
    assert journal.read().paused == PAUSED
    journal.write(HeldPosition(market="KRW-ETH", position=HELD))
    assert journal.read().held("KRW-ETH") == HELD
    assert journal.path.read_bytes().count(b"\n") == 2


def test_a_long_journal_is_written_anew_and_says_the_same(tmp_path):
    journal = Journal(tmp_path)
    journal.write(PAUSED, intent(), fill(cycle="KRW-BTC-20260105T0300Z"))
    for n in range(250):
        journal.write(HeldPosition(market="KRW-ETH", position=position(volume=D(n))))
    state = journal.read()
    assert journal.path.read_bytes().count(b"\n") < 100
    assert (state.paused, state.held("KRW-ETH").volume, set(state.open)) == (
        PAUSED, 249, {intent().cycle, "KRW-BTC-20260105T0300Z"},
    )  # fmt: skip


def test_a_journal_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "journal.jsonl").write_text("hello\n")
    with pytest.raises(BadJournal, match="no journal of an executor; move the file away"):
        Journal(tmp_path).read()


async def test_a_closed_cycle_leaves_nothing_open_in_the_journal(tmp_path):
    machine = await Machine(tmp_path).bought()
    for event in (snapshot(), decision(decision="sell")):
        await machine.log.emit(event)
    await machine.handler()(decision(decision="sell"))
    state = machine.journal.read()
    assert state.open == {}
    assert state.markets == []


async def test_a_fill_told_late_brings_no_sold_position_back(tmp_path):
    machine = await Machine(tmp_path).bought()
    for event in (snapshot(), decision(decision="sell")):
        await machine.log.emit(event)
    await machine.handler()(decision(decision="sell"))
    await machine.orders().store(BOUGHT)  # by an executor that was stopped meanwhile
    assert machine.journal.read().markets == []
    assert machine.journal.read().is_merged


async def test_no_order_follows_what_a_panic_has_sold_since_its_rules_were_asked(tmp_path):
    machine = await Machine(tmp_path).bought()
    asked = machine.orders()
    await asked.ledger()
    await machine.panic()
    await machine.executor_starts()  # the panic is merged, its pause lifted
    with pytest.raises(NotMerged, match="has just sold"):
        await asked.store(intent(side="sell", funds=None, volume=D("0.0125"), books=books(held=D("0.0125"))))
    assert [e.cycle for e in machine.log.of(OrderIntended)] == [PANIC]


async def test_a_panic_sells_nothing_that_an_order_of_unknown_outcome_may_have_sold(tmp_path):
    machine = await Machine(tmp_path, Exchange(["lose"], hidden_for=1000)).bought()
    for event in (snapshot(), decision(decision="sell")):
        await machine.log.emit(event)
    assert (await machine.handler()(decision(decision="sell"))).kind == "OrderUnresolved"
    await machine.panic()
    assert "UNKNOWN what became of the sell under way" in machine.said[-1]
    assert len(machine.exchange.orders) == 1
    machine.exchange.hidden_for = 0
    await machine.panic()  # now the exchange shows it
    assert machine.journal.read().markets == []
    assert len(machine.exchange.orders) == 1


async def test_a_panic_on_another_machine_asks_for_the_orders_the_log_has(tmp_path):
    one = await Machine(tmp_path / "one", Exchange(["lose"], hidden_for=1000)).bought()
    for event in (snapshot(), decision(decision="sell")):
        await one.log.emit(event)
    assert (await one.handler()(decision(decision="sell"))).kind == "OrderUnresolved"
    settings = Settings.load(data_dir=tmp_path / "other")
    with pytest.raises(BadRequest, match=r"NOT all is done.*KRW-ETH: the bot still holds 0\.0125"):
        await carry_out(settings, one.exchange, There(one.log), sell=True, pace=FakePace(), clock=Now())
    assert len(one.exchange.orders) == 1


async def test_a_panic_in_a_folder_of_no_executor_and_without_the_log_does_not_say_it_paused_anything(tmp_path, capsys):
    settings = Settings.load(data_dir=tmp_path)
    for _ in range(2):  # asking leaves nothing behind that looks like an executor's
        with pytest.raises(BadRequest, match="NOTHING WAS DONE"):
            await carry_out(settings, Exchange(), None, sell=True, pace=FakePace(), clock=Now())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("left", [b"", b'{"kind":"Identity","insta'])
async def test_a_panic_with_an_emptied_journal_and_without_the_log_does_not_say_that_all_is_done(tmp_path, left):
    machine = await Machine(tmp_path / "executor").bought()
    machine.journal.path.write_bytes(left)
    for _ in range(2):  # the second one finds the first one's pause
        with pytest.raises(BadRequest, match=r"NOT all is done.*what the bot holds is not known here"):
            await carry_out(
                Settings.load(data_dir=tmp_path), machine.exchange, None, sell=True, pace=FakePace(), clock=Now()
            )
    assert machine.journal.read().paused is not None


@pytest.mark.parametrize(("status", "word"), [("paused", "resume"), ("stopped", "start")])
async def test_a_panic_says_what_sets_the_bot_going_again(tmp_path, capsys, status, word):
    there = There(MemoryLog())
    there.switch.says = status
    settings = Settings.load(data_dir=tmp_path)
    await carry_out(settings, Exchange(), there, sell=True, pace=FakePace(), clock=Now())
    assert capsys.readouterr().out.endswith(f"no order leaves until you say: upcycle {word}\n")


@pytest.mark.parametrize("broker", [True, False])
async def test_a_panic_with_a_journal_of_garbage_pauses_where_it_can_and_says_what_it_left_undone(tmp_path, broker):
    machine = await Machine(tmp_path / "executor").bought()
    machine.journal.path.write_text("hello\n")
    there = There(machine.log) if broker else None
    done = "the bot is paused by its switch" if broker else "NOTHING IS PAUSED"
    with pytest.raises(BadRequest, match=rf"NOTHING WAS CANCELLED OR SOLD, {done}: .*move the file away"):
        await must_have_journal(Settings.load(data_dir=tmp_path), there, Now())
    assert machine.journal.path.read_text() == "hello\n"
    assert there is None or there.switch.by.startswith("panic (")


async def test_a_panic_without_the_log_says_whom_it_does_not_reach_and_what_it_could_not_sell(tmp_path, capsys):
    machine = await Machine(tmp_path / "executor", Exchange(sees=conditions(market_state="suspended"))).bought()
    settings = Settings.load(data_dir=tmp_path)
    with pytest.raises(BadRequest, match=r"KRW-ETH: the bot still holds 0\.0125 ETH; run it again"):
        await carry_out(settings, machine.exchange, None, sell=True, pace=FakePace(), clock=Now())
    said = capsys.readouterr().out
    assert "KRW-ETH: NOT sold: the exchange does not trade this market now" in said
    assert "AN EXECUTOR WITH ANOTHER FOLDER IS NOT PAUSED" in said
    assert f"Still to do: start the bot (upcycle up --data-dir {tmp_path}" in said


class OneIsOdd(Exchange):
    """Two markets are held, and something is wrong with the first: at which call, and what."""

    def __init__(self, call, fault, name="KRW-AAA"):
        super().__init__()
        self.call, self.fault, self.odd = call, fault, name

    async def conditions(self, market):
        self.goes_wrong("conditions", market)
        return self.sees

    async def place(self, approved, in_time=lambda: True):
        self.goes_wrong("place", approved.order.market)
        return await super().place(approved)

    async def find(self, client_order_id):
        self.goes_wrong("find", client_order_id)
        return await super().find(client_order_id)

    def goes_wrong(self, call, what):
        if call == self.call and what.startswith(self.odd):
            raise self.fault


FAULTS = [
    ExchangeUnavailable("HTTP 503"),
    ExchangeRefusal("HTTP 403"),
    OverflowError("date value out of range"),
    RecursionError(),
]


def two_held(folder):
    journal = Journal(folder / "executor")
    journal.write(*(HeldPosition(market=market, position=HELD) for market in ("KRW-AAA", "KRW-ETH")))
    return Settings.load(data_dir=folder)


def sold(exchange):
    return sorted(order.market for order in exchange.orders.values() if order.side == "sell")


@pytest.mark.parametrize("call", ["conditions", "place", "find"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_whatever_goes_wrong_in_one_market_keeps_no_other_from_being_sold(tmp_path, capsys, call, fault):
    exchange = OneIsOdd(call, fault)
    with pytest.raises(BadRequest, match=r"NOT all is done.*KRW-AAA: the bot still holds 0\.0125"):
        await carry_out(two_held(tmp_path), exchange, None, sell=True, pace=FakePace(), clock=Now())
    assert "KRW-ETH" in sold(exchange)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if type(fault).__name__ in line]
    assert line.startswith("KRW-AAA: NOT sold, nothing was sent" if call == "conditions" else "KRW-AAA: UNKNOWN")


async def test_one_order_nobody_can_ask_for_stops_neither_the_other_orders_nor_the_other_markets(tmp_path, capsys):
    settings, old = two_held(tmp_path), "KRW-AAA-20260105T0300Z"
    buys = [intent(cycle=cycle, client_order_id=cycle, side="buy") for cycle in (old, "KRW-ETH-20260105T0300Z")]
    Journal(tmp_path / "executor").write(*buys)
    exchange = OneIsOdd("find", OverflowError("date value out of range"), name=old)
    with pytest.raises(BadRequest, match="KRW-AAA: the bot still holds"):
        await carry_out(settings, exchange, None, sell=True, pace=FakePace(), clock=Now())
    said = capsys.readouterr().out
    assert f"{old}: UNKNOWN what became of the buy under way (OverflowError: date value out of range)" in said
    assert "KRW-AAA: NOT sold: what became of an order there is unknown" in said
    assert "KRW-ETH: sold 0.0125" in said


async def test_a_log_that_goes_away_in_the_middle_keeps_nothing_from_being_sold(tmp_path, capsys):
    for calls in range(1, 40):
        folder = tmp_path / f"{calls}"
        machine = await Machine(folder / "executor").bought()
        there, settings = There(GoesAway(machine.log, calls)), Settings.load(data_dir=folder)
        try:
            await carry_out(settings, machine.exchange, there, sell=True, pace=FakePace(), clock=Now())
            break  # it held out to the end
        except BadRequest as e:
            assert "the event log could not be used" in str(e)  # noqa: PT017
        assert list(machine.exchange.orders) == [PANIC]
    else:
        raise AssertionError("the log is asked without an end")
    assert calls > 4


class Thin(Exchange):
    """Whose first market bids for 0.002 coins at 4,000,000 won, and far below for more; the second for all."""

    async def conditions(self, market):
        sizes = [("4000000", "0.002"), ("2000000", "1")] if market == "KRW-AAA" else [("4000000", "1")]
        levels = [
            BookLevel(ask_price=D(5_000_000 + n), ask_size=D(1), bid_price=D(price), bid_size=D(size))
            for n, (price, size) in enumerate(sizes)
        ]
        return conditions(book=book(levels=levels))

    async def place(self, approved, in_time=lambda: True):
        self.sees = await self.conditions(approved.order.market)
        return await super().place(approved, in_time)


async def test_a_panic_sells_what_a_thin_book_takes_in_steps_and_no_other_market_waits_for_that(tmp_path, capsys):
    exchange, pace = Thin(), FakePace()
    await carry_out(two_held(tmp_path), exchange, None, sell=True, pace=pace, clock=Now())
    names = [f"KRW-AAA-20260105T02000{n}Z-panic" for n in range(6)]
    assert exchange.requests == [names[0], "KRW-ETH-20260105T020000Z-panic", *names[1:]]
    # The last goes beyond the limit: a rest of 0.0005 coins, 2,000 won, could not have been sold any more.
    assert [exchange.orders[name].executed_volume for name in names] == [*[D("0.002")] * 5, D("0.0025")]
    assert pace.seconds == 5 * 3
    assert Journal(tmp_path / "executor").read().markets == []
    said = capsys.readouterr().out.splitlines()
    assert (
        "KRW-AAA: sold 0.002 AAA at 4,000,000 KRW on average, 8,000 KRW in all; 0.0105 AAA left for the next order"
        in said
    )


async def test_a_panic_stops_after_twenty_orders_a_market_says_so_and_goes_on_when_it_is_run_again(tmp_path, capsys):
    settings = Settings.load(data_dir=tmp_path)
    held = position(volume=D("0.05"), opened_by="KRW-AAA-20260105T0200Z")
    Journal(tmp_path / "executor").write(HeldPosition(market="KRW-AAA", position=held))
    exchange = Thin()
    with pytest.raises(BadRequest, match=r"KRW-AAA: the bot still holds 0\.01 AAA;"):
        await carry_out(settings, exchange, None, sell=True, pace=FakePace(), clock=Now())
    assert "KRW-AAA: 0.01 AAA left after 20 orders; run it again to go on" in capsys.readouterr().out
    await carry_out(settings, exchange, None, sell=True, pace=FakePace(), clock=Now())
    assert sum(order.executed_volume for order in exchange.orders.values()) == D("0.05")
    assert len(set(exchange.requests)) == len(exchange.requests)


async def test_a_panic_on_another_machine_goes_on_where_the_first_one_stopped(tmp_path):
    held = position(volume=D("0.05"), opened_by="KRW-AAA-20260105T0200Z")
    there, exchange = There(MemoryLog()), Thin()
    await there.log.emit(fill(cycle="KRW-AAA-20260105T0200Z", position=held))
    for folder, undone in (("one", True), ("other", False)):
        settings = Settings.load(data_dir=tmp_path / folder, trading_symbol="KRW-AAA")
        with pytest.raises(BadRequest, match="still holds") if undone else contextlib.nullcontext():
            await carry_out(settings, exchange, there, sell=True, pace=FakePace(), clock=Now())
    sales = [event for event in there.log.of(FillRecorded) if event.side == "sell"]
    assert sum(sale.volume for sale in sales) == D("0.05")
    assert sales[-1].position.volume == 0
    assert len(set(exchange.requests)) == len(exchange.requests) == len(sales)


async def test_a_panic_sells_nothing_where_another_bot_has_sold_and_all_elsewhere(tmp_path, capsys):
    exchange, there = Exchange(), There(MemoryLog())
    for market in ("KRW-AAA", "KRW-ETH"):
        opened = f"{market}-20260105T0200Z"
        await there.log.emit(fill(cycle=opened, position=position(volume=D("0.0125"), opened_by=opened)))
    await exchange.place(risk.Approved(Sell("KRW-AAA", "KRW-AAA-20260105T0300Z", D("0.0125")), risk._SEAL))
    settings = Settings.load(data_dir=tmp_path, trading_symbol="KRW-AAA,KRW-ETH")
    with pytest.raises(BadRequest, match=r"NOT all is done.*KRW-AAA: the bot still holds"):
        await carry_out(settings, exchange, there, sell=True, pace=FakePace(), clock=Now())
    assert exchange.requests == ["KRW-AAA-20260105T0300Z", PANIC]
    assert "KRW-AAA-20260105T0300Z: A SALE THAT THE LOG LACKS" in capsys.readouterr().out


async def test_a_panic_on_another_machine_sells_what_is_held_of_a_market_that_is_traded_no_more(tmp_path):
    exchange, there, opened = Exchange(), There(MemoryLog()), "KRW-OLD-20260105T0200Z"
    await there.log.emit(fill(cycle=opened, position=position(volume=D("0.0125"), opened_by=opened)))
    await carry_out(Settings.load(data_dir=tmp_path), exchange, there, sell=True, pace=FakePace(), clock=Now())
    assert exchange.requests == ["KRW-OLD-20260105T020000Z-panic"]


async def test_a_list_that_does_not_come_keeps_no_panic_from_selling(tmp_path, capsys):
    exchange, there = Exchange(), There(MemoryLog())
    exchange.listing = ExchangeUnavailable("HTTP 503")
    await there.log.emit(BOUGHT)
    await carry_out(Settings.load(data_dir=tmp_path), exchange, there, sell=True, pace=FakePace(), clock=Now())
    assert exchange.requests == [PANIC]
    assert "could not be seen: ExchangeUnavailable: HTTP 503" in capsys.readouterr().out


def test_a_panic_has_more_names_than_the_seconds_of_a_minute():
    spent = [Closed(cycle=f"KRW-ETH-20260105T0200{n:02}Z-panic") for n in range(60)]
    assert read(spent).next_panic("KRW-ETH", HELD) == "KRW-ETH-20260105T020100Z-panic"


class GoesAway:
    """A log that answers so many calls."""

    def __init__(self, log, calls):
        self.log, self.left = log, calls

    def __getattr__(self, name):
        async def call(*args, **kwargs):
            self.left -= 1
            if self.left < 0:
                raise LogUnreachable("nobody answers")
            return await getattr(self.log, name)(*args, **kwargs)

        return call


class There:
    def __init__(self, log):
        self.log, self.switch = log, Pausing()


class Pausing:
    says, by = "paused", None

    async def pause(self, by, at):
        self.by = by
        return True

    async def status(self):
        return self.says


class Now:
    def now(self):
        return AT
