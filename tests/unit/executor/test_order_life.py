"""The table of an order's life: the code takes each of its steps, by each of its movers, and no other."""

from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import get_args

import pytest

from services.executor.adapters.journal import Journal
from services.executor.core import life
from services.executor.core.answers import Answer, Refused
from services.executor.core.ends import End
from services.executor.core.life import BEGINS, ENDS, STEPS, NoStep, State
from shared.bus.outcome import fail
from tests.support.builders import AT, CYCLE, decision, due, fill, intent, snapshot
from tests.support.fake_exchange import Died, FakeExchange, FakeSwitch
from tests.unit.executor.test_executor_comparison import adopt, compared, ordered, refused
from tests.unit.executor.test_executor_handler import House, a_house
from tests.unit.executor.test_executor_settle import Littered, settle, stuck
from tests.unit.executor.test_panic import PANIC, Exchange, Machine

D = Decimal
ANSWERS = {answer.__name__ for answer in get_args(Answer)}
EVENTS = {step.what for step in STEPS} - ANSWERS - {life.READ}


@pytest.fixture
def taken(monkeypatch):
    """The steps that are taken, each with who took it."""
    steps, after = set(), life.after

    def noted(before, what, mover):
        state = after(before, what, mover)
        steps.add((before, what, mover))
        return state

    monkeypatch.setattr(life, "after", noted)
    return steps


# The handler takes its steps itself.


class Refusing(FakeExchange):
    async def conditions(self, market):
        return Refused("no_authorization_ip", "This is not a verified IP.")


class PausedMeanwhile(FakeSwitch):
    async def status(self):
        said, self.said = self.said, "paused"
        return said


async def a_denied_intent(exchange=None):
    house = await a_house(exchange)
    house.switch = PausedMeanwhile()
    await house.run()
    return house


async def first_runs():
    await (await a_house()).run(decision="hold")
    await (await a_house(Refusing())).run()
    await (await a_house(switch="paused")).run()
    await a_denied_intent()
    for script in (["accept"], ["lose"], ["refuse"], ["unconnected"] * 50, ["taken"]):
        await (await a_house(FakeExchange(script))).run()
    await (await a_house(FakeExchange(hidden_for=1000))).run()


async def repeats():
    for exchange in (FakeExchange(), FakeExchange(executes=D(0)), FakeExchange(hidden_for=1000)):
        await ordered(exchange)
        await (await (await a_house(exchange)).given(intent())).run()
    await (await (await a_house()).given(intent(), fill())).run()


# Of the others, what they write tells which steps they have taken.


def walk(mover, earlier, new):
    """Take the steps of a mover. earlier: what stood there before, new: what he did, each (cycle, kind), in order."""
    kinds = {cycle: kind for cycle, kind in earlier if kind in EVENTS}
    states = {cycle: life.stands(kind, mover) for cycle, kind in kinds.items() if (cycle in dict(new))}
    intended = {cycle for cycle, kind in earlier if kind == "OrderIntended"}
    for n, (cycle, kind) in enumerate(new):
        again = kind in ANSWERS and new[n + 1 : n + 2] and new[n + 1][0] == cycle and new[n + 1][1] in ANSWERS
        if kind == "OrderFound" and cycle not in intended:
            states[cycle] = "found"
        elif not again and kind in EVENTS | ANSWERS:
            states[cycle] = life.after(states.get(cycle, "decided"), kind, mover)


async def by(mover, log, doing):
    earlier = [(line.event.cycle, line.event.kind) for line in log.lines]
    await doing
    walk(mover, earlier, [(line.event.cycle, line.event.kind) for line in log.lines[len(earlier) :]])


async def dead_letters():
    for events in ((), (intent(),), (intent(), fill())):
        house = await House().given(due(), *events)
        await by("dead_letter", house.log, fail(house.log, CYCLE, "executor", "it died each time"))


async def settling():
    for how in ("lose", "vanish"):
        house = await stuck(FakeExchange([how]))
        await by("settle", house.log, settle(house, not_there=True))
    house = SimpleNamespace(exchange=FakeExchange(), log=Littered())
    await house.log.emit(intent())
    await by("settle", house.log, settle(house, not_there=True, at=AT.replace(hour=AT.hour + 1)))


async def comparing_and_adopting():
    unknown = House()
    await ordered(unknown.exchange)
    settled = await stuck(FakeExchange(["vanish"]))
    await settle(settled, not_there=True)
    settled.exchange.burnt.clear()
    await ordered(settled.exchange)
    denied = await a_denied_intent()
    await ordered(denied.exchange)
    empty = House(FakeExchange(executes=D(0), open_for=1))
    await ordered(empty.exchange)
    for house in (unknown, settled, denied, empty, await refused()):
        await by("comparison", house.log, compared(house))
        house.exchange.open_for = 0
        if house is not settled:  # its settlement stands already, and its fill alone is missing
            await by("adopt", house.log, adopt(house))


@dataclass
class Watched(Machine):
    """A machine of a panic, of which each line of its journal and each answer to an order is noted."""

    noted: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self.exchange = Answering(self.noted)

    @property
    def journal(self):
        return Noting(self.folder, self.noted)

    async def panics(self, *script, die_at=0):
        self.exchange.script, before = list(script), len(self.noted)
        with suppress(Died):
            await self.panic(die_at)
        walk("panic", self.noted[:before], self.noted[before:])


class Answering(Exchange):
    def __init__(self, noted):
        super().__init__()
        self.noted = noted

    async def place(self, approved, in_time=lambda: True):
        answer = await super().place(approved, in_time)
        self.noted.append((approved.order.client_order_id, type(answer).__name__))
        return answer


class Noting(Journal):
    def __init__(self, folder, noted):
        super().__init__(folder)
        self.noted = noted

    def write(self, *lines, **how):
        wrote = super().write(*lines, **how)
        names = {"Stuck": "OrderUnresolved"}  # so the journal has it
        self.noted += [
            (line.cycle, names.get(line.kind, line.kind)) for line in lines if wrote and hasattr(line, "cycle")
        ]
        return wrote


async def panics(folder):
    for script in (["accept"], ["lose"], ["refuse"], ["unconnected"] * 6, ["taken"]):
        await (await Watched(folder / f"first {script[0]}").bought()).panics(*script)
    for script in (["accept"], ["lose"], ["refuse"], ["taken"]):
        machine = await Watched(folder / f"again {script[0]}").bought()
        for die_at in count(1):  # the step behind its intent, and no further
            await machine.panics(die_at=die_at)
            if (PANIC, "OrderIntended") in machine.noted:
                break
        await machine.panics(*script)
    for hidden_for in (0, 1000):  # the executor's own order: in doubt, and unresolved
        machine = Watched(folder / f"other {hidden_for}")
        for event in (snapshot(), decision()):
            await machine.log.emit(event)
        machine.exchange.hidden_for = hidden_for
        if hidden_for:
            await machine.handler()(decision())
        else:
            machine.journal.write(intent())
            await ordered(machine.exchange)
        machine.exchange.hidden_for = 0
        await machine.panics()


async def test_the_code_takes_each_step_of_the_table_and_no_other(taken, tmp_path):
    for doing in (first_runs(), repeats(), dead_letters(), settling(), comparing_and_adopting(), panics(tmp_path)):
        await doing
    assert taken == {(step.before, step.what, mover) for step in STEPS for mover in step.movers}


def test_each_end_of_a_cycle_ends_the_life_of_its_order():
    ends = {step.what: step.after for step in STEPS if step.after in ENDS}
    assert ends.keys() == {end.__name__ for end in get_args(End)}
    assert set(ends.values()) == ENDS


def test_each_event_leads_to_one_state_so_that_the_last_one_says_where_an_order_stands():
    assert all(len({step.after for step in STEPS if step.what == kind}) == 1 for kind in EVENTS)
    assert len({(step.before, step.what) for step in STEPS}) == len(STEPS)


def test_each_state_is_reached():
    reached = set(BEGINS)
    for _ in STEPS:
        reached |= {step.after for step in STEPS if step.before in reached}
    assert reached == set(get_args(State))


def test_who_finds_an_order_in_doubt_does_not_send_it():
    with pytest.raises(NoStep, match="in_doubt is not moved by Accepted of repeat, but of panic"):
        life.after("in_doubt", "Accepted", "repeat")


def test_what_is_over_is_moved_by_nothing():
    with pytest.raises(NoStep, match="filled takes no step by OrderDenied"):
        life.after("filled", "OrderDenied", "executor")


def test_an_event_that_says_nothing_of_an_order_is_named():
    with pytest.raises(NoStep, match="nothing of an order by SnapshotTaken"):
        life.stands("SnapshotTaken", "repeat")
