"""The exit guard: one exit for a position, whatever runs beside it and whatever it has forgotten."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.clock.adapters.exit_log import EventExitLog
from services.clock.adapters.public_prices import NoPrices
from services.clock.core.exits import Bar, ExitLimits
from services.clock.guard import AGAIN_AFTER, CONTINUES_FOR, STEP_AFTER, ExitGuard
from services.clock.handler import CycleStarter
from services.clock.ports import Ticker
from services.clock.tape import TapeClock
from services.clock.watch import TickerWatch
from shared.catalogue import sentence
from shared.errors import Transient
from shared.events import CycleEnded, ExitDue
from shared.switch import DesiredState
from tests.support.builders import AT, CYCLE, end, exit_due, fill, position
from tests.support.clock_fakes import EndsAtOnce, FakeLog, FakeOwner, FakeTape, FakeTimer, no_portfolio_jobs
from tests.support.memory_log import MemoryLog

D = Decimal
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HELD = position(volume=D("0.5"), cost=D(1_000_000), opened_by=CYCLE)  # 2,000,000 won a coin


@dataclass
class Past:
    """Candles of one minute, by their end."""

    bars: dict = field(default_factory=dict)
    unit: int = 1

    async def highest(self, market, since, until):
        return max((b.high for b in self.bars.values() if b.opened_at >= since and b.closed_at <= until), default=None)

    async def unit_min(self, market):
        return self.unit

    async def bar(self, market, closed_at):
        return self.bars.get(closed_at)


def bar(n, low, high, close=None, unit=MINUTE):
    """The n-th bar after the position was opened."""
    opened = AT + n * unit
    return Bar(opened, opened + unit, D(close or low), D(high), D(low), D(close or low))


def guard(log, *, wish="running", past=None, **limits):
    shares = {name: D(share) for name, share in limits.items()}
    owner = FakeOwner(DesiredState(status=wish))
    past = past or Past()
    return ExitGuard(EventExitLog(log), owner, past, ExitLimits(**shares), {}, "0" * 16, "code", timedelta())


async def held(position=HELD):
    log = MemoryLog()
    await log.emit(fill(position=position))
    return log


def exits(log):
    return log.of(ExitDue)


async def test_a_stop_loss_publishes_an_exit_that_names_rule_price_and_position():
    log = await held()
    cycle = await guard(log, stop_loss="0.05").on_price("KRW-ETH", D(1_880_000), AT + timedelta(seconds=792))
    (due,) = exits(log)
    assert cycle == due.cycle == "KRW-ETH-20260105T031312Z-exit"
    assert (due.rule, due.price, due.limit, due.position) == ("stop_loss", D(1_880_000), D("0.05"), HELD)
    assert due.reason_code == "EXIT_STOP_LOSS"


async def test_nothing_is_closed_where_nothing_is_held():
    for log in (MemoryLog(), await held(position(volume=D(0), cost=D(0)))):
        assert await guard(log, stop_loss="0.05").on_price("KRW-ETH", D(1), AT) is None
        assert exits(log) == []


async def test_no_second_exit_is_fired_while_one_is_under_way():
    log = await held()
    it = guard(log, stop_loss="0.05")
    assert await it.on_price("KRW-ETH", D(1_880_000), AT)
    assert await it.on_price("KRW-ETH", D(1_000_000), AT + HOUR) is None
    assert len(exits(log)) == 1


async def test_an_exit_that_sold_nothing_is_tried_again_five_minutes_later():
    log = await held()
    it = guard(log, stop_loss="0.05")
    first = await it.on_price("KRW-ETH", D(1_880_000), AT)
    await log.emit(end("OrderDenied", cycle=first, wanted="sell"))
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + AGAIN_AFTER - MINUTE) is None
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + AGAIN_AFTER)
    assert len(exits(log)) == 2


async def test_an_exit_that_is_denied_for_ever_is_tried_ever_more_seldom_and_hourly_in_the_end():
    log = await held()
    it, minutes = guard(log, stop_loss="0.05"), []
    for minute in range(6 * 60):
        if cycle := await it.on_price("KRW-ETH", D(1_880_000), AT + minute * MINUTE):
            minutes.append(minute)
            await log.emit(end("OrderDenied", cycle=cycle, wanted="sell"))
    assert minutes == [0, 5, 15, 35, 75, 135, 195, 255, 315]
    assert [due.attempt for due in exits(log)] == list(range(1, 10))


async def step(log, cycle, left):
    """What the executor does with an exit that the book takes a part of."""
    rest = HELD.model_copy(update={"volume": D(left), "cost": 2_000_000 * D(left)})
    await log.emit(fill(cycle=cycle, side="sell", position=rest))
    await log.emit(end("OrderFilled", cycle=cycle, decision="sell"))
    return rest


async def test_what_the_book_did_not_take_is_sold_ten_seconds_later_at_whatever_price_and_so_on_until_it_is_out():
    log = await held()
    it = guard(log, stop_loss="0.05")
    fell, first = D(1_880_000), await it.on_price("KRW-ETH", D(1_880_000), AT)
    await step(log, first, "0.3")
    assert await it.on_price("KRW-ETH", fell, AT + STEP_AFTER - SECOND) is None
    second = await it.on_price("KRW-ETH", D(1_990_000), AT + STEP_AFTER)  # the price is back by now
    await step(log, second, "0.1")
    third = await it.on_price("KRW-ETH", D(1_990_000), AT + 2 * STEP_AFTER)
    assert [(due.rule, due.limit, due.step, due.attempt, due.position.volume) for due in exits(log)] == [
        ("stop_loss", D("0.05"), 1, 1, D("0.5")),
        ("stop_loss", D("0.05"), 2, 1, D("0.3")),
        ("stop_loss", D("0.05"), 3, 1, D("0.1")),
    ]
    assert (
        sentence(exits(log)[1], "ko")
        == "손절: 현재가 1,990,000원, 매입가 대비 -0.50 % (한도 -5.00 %), 나눠 파는 2번째 주문"
    )
    await step(log, third, "0")
    assert await it.on_price("KRW-ETH", fell, AT + HOUR) is None


async def test_a_step_that_sold_something_makes_the_next_failure_the_first():
    log = await held()
    it = guard(log, stop_loss="0.05")
    first = await it.on_price("KRW-ETH", D(1_880_000), AT)
    await log.emit(end("OrderDenied", cycle=first, wanted="sell"))
    await step(log, await it.on_price("KRW-ETH", D(1_880_000), AT + AGAIN_AFTER), "0.3")
    third = await it.on_price("KRW-ETH", D(1_880_000), AT + AGAIN_AFTER + STEP_AFTER)
    await log.emit(end("OrderRejected", cycle=third, wanted="sell"))
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + 2 * AGAIN_AFTER) is None
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + 2 * AGAIN_AFTER + STEP_AFTER)
    assert [(due.attempt, due.step) for due in exits(log)] == [(1, 1), (2, 1), (1, 2), (2, 2)]


async def test_an_exit_does_not_go_on_with_what_was_bought_since():
    log = await held()
    it = guard(log, stop_loss="0.05")
    rest = await step(log, await it.on_price("KRW-ETH", D(1_880_000), AT), "0.3")
    more = rest.model_copy(update={"volume": D("0.4"), "cost": D(800_000)})
    await log.emit(fill(cycle="KRW-ETH-20260105T0400Z", position=more))
    assert await it.on_price("KRW-ETH", D(1_990_000), AT + HOUR) is None
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + HOUR)  # the rule fires anew


async def test_an_exit_that_was_paused_for_long_does_not_go_on_by_itself():
    log = await held()
    it = guard(log, stop_loss="0.05")
    await step(log, await it.on_price("KRW-ETH", D(1_880_000), AT), "0.3")
    assert await it.on_price("KRW-ETH", D(1_990_000), AT + CONTINUES_FOR + SECOND) is None
    assert await it.on_price("KRW-ETH", D(1_990_000), AT + CONTINUES_FOR)


async def test_what_a_panic_left_is_not_the_guards_to_go_on_with():
    log = await held()
    it = guard(log, stop_loss="0.05")
    panic = exit_due(cycle="KRW-ETH-20260105T030000Z-panic", rule="panic", limit=None, position=HELD, at=AT)
    await log.emit(panic)
    await step(log, panic.cycle, "0.3")
    assert await it.on_price("KRW-ETH", D(1_990_000), AT + STEP_AFTER) is None


async def test_a_new_position_is_tried_for_at_once_and_counts_from_one():
    log = await held()
    it = guard(log, stop_loss="0.05")
    for minute in (0, 5, 15):
        await log.emit(end("OrderDenied", cycle=await it.on_price("KRW-ETH", D(1_880_000), AT + minute * MINUTE)))
    later = "KRW-ETH-20260105T0400Z"
    await log.emit(fill(cycle=later, position=HELD.model_copy(update={"opened_by": later})))
    assert await it.on_price("KRW-ETH", D(1_880_000), AT + 20 * MINUTE)
    assert exits(log)[-1].attempt == 1


async def test_what_was_sold_is_not_closed_again():
    log = await held()
    it = guard(log, stop_loss="0.05")
    cycle = await it.on_price("KRW-ETH", D(1_880_000), AT)
    await log.emit(fill(cycle=cycle, side="sell", position=position(volume=D(0), cost=D(0), opened_by=None)))
    await log.emit(end("OrderFilled", cycle=cycle, decision="sell"))
    assert await it.on_price("KRW-ETH", D(1_000_000), AT + HOUR) is None


async def test_a_paused_or_stopped_bot_watches_and_fires_nothing():
    for wish in ("paused", "stopped"):
        log = await held()
        it = guard(log, wish=wish, trailing_stop="0.05")
        assert await it.on_bar("KRW-ETH", bar(0, 2_400_000, 2_500_000)) is None
        assert await it.on_price("KRW-ETH", D(2_000_000), AT + HOUR) is None
        assert exits(log) == []
        it.owner.wishes = [DesiredState()]  # the peak of the pause counts
        assert await it.on_price("KRW-ETH", D(2_375_000), AT + HOUR)


async def test_a_bot_that_buys_nothing_more_is_guarded_as_before():
    log = await held()
    assert await guard(log, wish="exits-only", stop_loss="0.05").on_price("KRW-ETH", D(1_880_000), AT)
    assert len(exits(log)) == 1


async def test_the_owners_own_sale_that_sold_nothing_keeps_no_stop_loss_waiting():
    log = await held()
    asked = exit_due(rule="owner", cycle="KRW-ETH-20260105T025950Z-sale", at=AT - timedelta(seconds=10), limit=None)
    await log.emit(asked)
    it = guard(log, stop_loss="0.05")
    assert await it.on_price("KRW-ETH", D(1_880_000), AT) is None  # it is under way
    await log.emit(end("OrderDenied", cycle=asked.cycle))
    assert await it.on_price("KRW-ETH", D(1_880_000), AT)
    assert exits(log)[-1].attempt == 1


async def test_a_bars_low_is_held_against_the_peak_before_it():
    log = await held()
    it = guard(log, trailing_stop="0.10")
    # From 2,250,000 to 2,500,000 are 10 %: read high first, this bar would fire; its close does.
    wide = bar(0, 2_250_000, 2_500_000, close=2_300_000)
    assert await it.on_bar("KRW-ETH", wide) is None
    assert await it.on_bar("KRW-ETH", bar(1, 2_250_000, 2_300_000))
    assert exits(log)[0].peak == D(2_500_000)


async def test_a_restarted_guard_knows_the_peak_from_the_candles():
    past = Past({b.closed_at: b for b in (bar(0, 2_000_000, 2_100_000), bar(1, 2_400_000, 2_500_000))})
    log = await held()
    assert await guard(log, past=past, trailing_stop="0.10").on_price("KRW-ETH", D(2_250_000), AT + 2 * MINUTE)


async def test_a_peak_from_before_the_position_counts_for_nothing():
    past = Past({b.closed_at: b for b in (bar(-1, 2_400_000, 9_000_000), bar(0, 2_000_000, 2_100_000))})
    log = await held()
    assert await guard(log, past=past, trailing_stop="0.10").on_price("KRW-ETH", D(2_000_000), AT + MINUTE) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 600), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_guards_that_fire_in_different_seconds_publish_one_exit(seconds, dice):
    class Slow(MemoryLog):
        async def load(self, subject):
            for _ in range(dice.randrange(3)):
                await asyncio.sleep(0)
            return await super().load(subject)

    async def play():
        log = Slow()
        await log.emit(fill(position=HELD))
        fire = [
            guard(log, stop_loss="0.05").on_price("KRW-ETH", D(1_880_000), AT + timedelta(seconds=s)) for s in seconds
        ]
        return [cycle for cycle in await asyncio.gather(*fire) if cycle], exits(log)

    started, published = asyncio.run(play())
    assert len(published) == 1
    assert set(started) == {published[0].cycle}


class Tickers:
    def __init__(self, *answers):
        self.answers = list(answers)

    async def tickers(self, markets):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [Ticker(market, D(answer), AT + HOUR) for market in markets]


class Gauge:
    def __init__(self):
        self.values = []

    def set(self, value):
        self.values.append(value)


async def test_the_watch_goes_on_after_a_feed_that_failed_and_slows_down_meanwhile():
    log = await held()
    pauses = []

    class Timer(FakeTimer):
        async def sleep(self, seconds):
            pauses.append(seconds)
            if exits(log):
                raise asyncio.CancelledError

    feed, silence = Tickers(NoPrices("503"), NoPrices("503"), 2_000_000, 1_880_000), Gauge()
    watch = TickerWatch(("KRW-ETH",), feed, Tickers(), guard(log, stop_loss="0.05"), Timer(), silence)
    task = asyncio.ensure_future(watch.run())
    await asyncio.wait([task])
    assert task.cancelled()
    assert pauses == [6.0, 12.0, 3.0, 3.0]
    assert len(silence.values) == 4
    assert len(exits(log)) == 1


class TroubledGuard:
    """A guard to whom one market is trouble, with each of its questions in turn."""

    def __init__(self, *troubled):
        self.troubled, self.seen = troubled, []

    async def holds(self, market):
        if ("holds", market) in self.troubled:
            raise KeyError("whatever")
        return True

    async def on_price(self, market, price, at):
        if ("on_price", market) in self.troubled:
            raise ZeroDivisionError
        self.seen.append(market)


@pytest.mark.parametrize("question", ["holds", "on_price"])
async def test_one_markets_trouble_hides_no_other_from_the_watch_and_is_its_own_blindness(question):
    looks = TroubledGuard((question, "KRW-BAD"))
    watch = TickerWatch(("KRW-BAD", "KRW-ETH"), Tickers(1, 1), Tickers(), looks, FakeTimer(), Gauge())
    await watch.check()
    assert looks.seen == ["KRW-ETH"]
    assert list(watch._price_at) == ["KRW-ETH"]
    alone = TickerWatch(("KRW-BAD",), Tickers(1), Tickers(), looks, FakeTimer(), Gauge())
    with pytest.raises(Transient, match="KRW-BAD"):
        await alone.check()


async def test_the_watch_asks_for_no_price_where_nothing_is_held():
    watch = TickerWatch(("KRW-ETH",), Tickers(), Tickers(), guard(MemoryLog(), stop_loss="0.05"), FakeTimer(), Gauge())
    await watch.check()


class Quiet:
    """A socket on which nobody trades."""

    async def tickers(self, markets):
        return [Ticker(market, None, AT) for market in markets]


async def test_the_rest_of_an_exit_is_sold_also_where_nobody_trades_any_more():
    log = await held()
    it = guard(log, stop_loss="0.05")
    watch = TickerWatch(("KRW-ETH",), Quiet(), Tickers(1_880_000), it, FakeTimer(), Gauge())
    await watch.check()
    assert exits(log) == []  # no price, no rule
    await step(log, await it.on_price("KRW-ETH", D(1_880_000), AT), "0.3")
    await watch.check()
    assert [due.step for due in exits(log)] == [1, 2]


class TapeLog(FakeLog):
    """The clock's log and the exits' beside it."""

    def __init__(self, exits_log):
        super().__init__()
        self.exits_log = exits_log

    async def has_ended(self, cycle):
        if not cycle.endswith("-exit"):
            return await super().has_ended(cycle)
        found = await self.exits_log.load(CycleEnded.places_of(cycle))
        return found is not None


class Sells(EndsAtOnce):
    """An executor that fills every exit."""

    log: TapeLog

    async def changed(self, within_s):
        for due in exits(self.log.exits_log):
            nothing = position(volume=D(0), cost=D(0), opened_by=None)
            await self.log.exits_log.emit(fill(cycle=due.cycle, side="sell", position=nothing))
            await self.log.exits_log.emit(end("OrderFilled", cycle=due.cycle, decision="sell"))
        return await super().changed(within_s)


def tape_clock(exits_log, it, *, hours=2, begin=AT + HOUR):
    log = TapeLog(exits_log)
    exchange = FakeTape(AT, first=AT - 500 * 24 * HOUR, last=AT + 720 * HOUR)
    start = CycleStarter(log, FakeOwner(), {}, "0" * 16, "code")
    return TapeClock(
        ("KRW-ETH",),
        begin,
        hours,
        log,
        FakeOwner(),
        start,
        exchange,
        Sells(log),
        FakeTimer(),
        no_portfolio_jobs(),
        guard=it,
    ), exchange


async def test_a_tape_is_shown_minute_by_minute_while_something_is_held_and_sells_at_that_minute():
    log = await held()
    past = Past(
        {b.closed_at: b for b in [bar(n, 2_000_000, 2_010_000) for n in range(30)] + [bar(30, 1_880_000, 2_000_000)]}
    )
    clock, exchange = tape_clock(log, guard(log, past=past, stop_loss="0.05"))
    await clock.run()
    assert [due.cycle for due in exits(log)] == ["KRW-ETH-20260105T033100Z-exit"]
    # 31 minutes until it was sold, then hour by hour.
    assert exchange.moves == [AT + n * MINUTE for n in range(1, 32)] + [AT + HOUR, AT + 2 * HOUR]
    assert clock.log.starts() == ["KRW-ETH-20260105T0400Z", "KRW-ETH-20260105T0500Z"]


async def test_a_tape_of_hours_is_looked_at_once_an_hour_before_the_hours_own_cycle():
    log = await held()
    past = Past({AT + HOUR: bar(0, 1_880_000, 2_000_000, unit=HOUR)}, unit=60)
    clock, exchange = tape_clock(log, guard(log, past=past, stop_loss="0.05"))
    await clock.run()
    assert [due.cycle for due in exits(log)] == ["KRW-ETH-20260105T040000Z-exit"]
    assert exchange.moves == [AT + HOUR, AT + HOUR, AT + 2 * HOUR]


async def test_a_tape_clock_started_anew_waits_for_the_exit_that_is_under_way():
    log = await held()
    past = Past({AT + HOUR: bar(0, 1_880_000, 2_000_000, unit=HOUR)}, unit=60)
    it = guard(log, past=past, stop_loss="0.05")
    await it.on_bar("KRW-ETH", past.bars[AT + HOUR])  # and the clock died right then
    clock, _ = tape_clock(log, guard(log, past=past, stop_loss="0.05"))
    await clock.run()
    assert len(exits(log)) == 1
    assert await clock.log.has_ended(exits(log)[0].cycle)
