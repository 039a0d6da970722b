"""What the handler joins: every way a decision can end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog, NoSnapshot
from services.executor.at_start import at_start
from services.executor.core.answers import LookupFailure, Refused
from services.executor.core.proof import HIDDEN_S, NoOrder
from services.executor.core.ticket import Impossible
from services.executor.handler import ExecutorHandler
from shared.bus.event_log import LogUnreachable
from shared.bus.wire import Unreadable
from shared.catalogue import orders, sentence
from shared.events import (
    CycleEnded,
    CycleFailed,
    FillRecorded,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
)
from tests.support.builders import AT, CYCLE, books, decision, end, fill, intent, position, snapshot
from tests.support.fake_exchange import LIMITS, FakeExchange, FakePace, FakeSwitch, conditions
from tests.support.memory_log import MemoryLog

D = Decimal
EARLIER = "KRW-ETH-20260105T0200Z"


class House:
    """A handler and its world."""

    def __init__(self, exchange=None, *, switch="running", pace=None, scope="bot"):
        self.exchange = exchange or FakeExchange()
        self.log, self.pace, self.switch, self.scope = MemoryLog(), pace or FakePace(), FakeSwitch(switch), scope

    async def given(self, *events):
        for event in events:
            await self.log.emit(event)
        return self

    def handler(self, log=None):
        return ExecutorHandler(
            exchange=self.exchange,
            log=EventOrderLog(log or self.log),
            switch=self.switch,
            pace=self.pace,
            amount=D(50_000),
            scope=self.scope,
            limits=LIMITS,
            lookup_s=60,
        )

    async def run(self, **changes):
        return await self.handler()(decision(**changes))


async def a_house(exchange=None, **how):
    return await House(exchange, **how).given(snapshot(), decision())


async def holding(volume="0.0125", **how):
    house = House(**how)
    await house.log.emit(fill(cycle=EARLIER, position=position(volume=D(volume), opened_by=EARLIER)))
    return await house.given(snapshot(), decision(decision="sell"))


async def test_a_buy_is_intended_sent_recorded_and_ended_in_that_order():
    house = await a_house()
    ended = await house.run()
    intended, filled, _ = house.log.of(OrderIntended, FillRecorded, CycleEnded)
    assert intended == OrderIntended(
        cycle=CYCLE,
        client_order_id=CYCLE,
        side="buy",
        funds=D(50_000),
        expected_price=D(4_000_000),
        books=books(orders_today=0, profit_today=D(0), last_loss_at=None, held=D(0)),
    )
    assert (filled.volume, filled.funds, filled.fee) == (D("0.0125"), D(50_000), D(25))
    assert filled.position.cost == D(50_025)
    assert filled.slippage == 0
    assert isinstance(ended, OrderFilled)
    assert (ended.decision, ended.price, ended.amount, ended.total, ended.fee) == (
        "buy",
        D(4_000_000),
        D("0.0125"),
        D(50_000),
        D(25),
    )
    assert ended.reason == decision().reason
    assert house.exchange.requests == [CYCLE]


async def test_a_sell_gives_what_the_bot_holds_and_empties_its_position():
    house = await holding()
    ended = await house.run(decision="sell")
    (intended,) = house.log.of(OrderIntended)
    assert (intended.side, intended.volume, intended.funds) == ("sell", D("0.0125"), None)
    assert intended.expected_price == D(3_999_000)
    assert (ended.decision, ended.amount, ended.total) == ("sell", D("0.0125"), D("49987.5"))
    recorded = house.log.of(FillRecorded)[-1]
    assert recorded.position.volume == 0
    assert recorded.slippage == pytest.approx(0.00025)


async def test_a_second_buy_adds_to_the_position_of_the_last_fill():
    house = await House().given(
        fill(cycle=EARLIER, position=position(volume=D("0.01"), cost=D(40_000), opened_by=EARLIER)), snapshot()
    )
    await house.run()
    held = house.log.of(FillRecorded)[-1].position
    assert (held.volume, held.cost, held.opened_by) == (D("0.0225"), D(90_025), EARLIER)


async def test_a_hold_asks_nobody_and_is_skipped_with_the_analysts_reason():
    house = await a_house()
    ended = await house.run(decision="hold", reason="관망", reason_code="RULES_HOLD")
    assert isinstance(ended, OrderSkipped)
    assert (ended.decision, ended.reason, ended.reason_code, ended.total) == ("hold", "관망", "RULES_HOLD", 0)
    assert house.log.of(OrderIntended) == []
    assert house.exchange.asked == 0


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"switch": "paused"}, "BOT_PAUSED"),
        ({"switch": "stopped"}, "BOT_STOPPED"),
        ({"switch": "exits-only"}, "BOT_EXITS_ONLY"),
    ],
)
async def test_a_denied_order_leaves_no_intent(how, code):
    house = await a_house(**how)
    ended = await house.run()
    assert isinstance(ended, OrderDenied)
    assert (ended.reason_code, ended.wanted, ended.decision, ended.price) == (code, "buy", "hold", D(4_000_000))
    assert house.log.of(OrderIntended) == []
    assert house.exchange.requests == []


async def test_a_sell_with_nothing_held_is_denied_though_the_account_holds_coins():
    house = await a_house()
    ended = await house.run(decision="sell")
    assert ended.reason_code == "NOTHING_TO_SELL"


async def test_a_sell_of_all_sells_what_the_account_holds():
    house = await a_house(FakeExchange(sees=conditions(coin_free=D("0.2"))), scope="all")
    assert (await house.run(decision="sell")).amount == D("0.2")


async def test_what_the_exchange_refuses_is_rejected_with_its_name_and_words():
    house = await a_house(FakeExchange(["refuse"]))
    ended = await house.run()
    assert isinstance(ended, OrderRejected)
    assert (ended.reason_code, sentence(ended, "ko")) == (
        "INSUFFICIENT_FUNDS_BID",
        "매수할 원화가 부족합니다. 잔고를 확인하세요",
    )
    assert (ended.decision, ended.wanted, ended.total) == ("hold", "buy", 0)


@pytest.mark.parametrize("hidden_for", [0, 1, 4])
@pytest.mark.parametrize("how", ["lie", "doubled"])
async def test_an_order_executed_in_spite_of_a_no_is_filled(how, hidden_for):
    house = await a_house(FakeExchange([how], hidden_for=hidden_for))
    ended = await house.run()
    assert isinstance(ended, OrderFilled)
    assert house.log.of(FillRecorded)[0].position.volume == D("0.0125")
    assert house.exchange.requests == [CYCLE]


async def test_a_used_nonce_is_another_copy_at_work_and_is_waited_for():
    house = await a_house(FakeExchange(["doubled"], hidden_for=12))
    assert isinstance(await house.run(), OrderFilled)
    assert house.pace.seconds > HIDDEN_S


async def test_a_used_nonce_without_an_order_is_rejected_when_all_the_time_to_ask_is_over():
    house = await a_house(FakeExchange(["doubled"], hidden_for=10_000))
    ended = await house.run()
    assert (ended.kind, ended.reason_code) == ("OrderRejected", "NONCE_USED")
    assert house.pace.seconds == pytest.approx(60)


async def test_a_no_is_believed_once_the_exchange_has_not_had_the_order_for_a_while():
    house = await a_house(FakeExchange(["refuse"]))
    assert isinstance(await house.run(), OrderRejected)
    assert HIDDEN_S <= house.pace.seconds < 2 * HIDDEN_S


class Gone(FakeExchange):
    """Says no, and then nothing more."""

    async def find(self, client_order_id):
        return LookupFailure("ConnectError")


async def test_a_no_of_an_exchange_that_then_falls_silent_is_unresolved():
    house = await a_house(Gone(["refuse"]))
    assert isinstance(await house.run(), OrderUnresolved)


class GoneAfterOne(FakeExchange):
    async def find(self, client_order_id):
        self.asked += 1
        return await super().find(client_order_id) if self.asked == 1 else LookupFailure("ConnectError")


async def test_one_404_right_behind_a_no_is_not_enough():
    house = await a_house(GoneAfterOne(["refuse"]))
    assert isinstance(await house.run(), OrderUnresolved)


async def test_a_name_that_somebody_else_has_used_is_unresolved_and_halts_the_bot():
    house = await a_house(FakeExchange(["taken"]))
    ended = await house.run()
    assert (ended.kind, ended.reason_code, ended.client_order_id) == ("OrderUnresolved", "IDENTIFIER_TAKEN", CYCLE)
    assert house.switch.said == "paused"
    assert house.log.of(FillRecorded) == []
    assert house.exchange.asked == 0


async def test_a_repeat_that_finds_another_bots_order_halts_the_bot_too():
    """The switch did not answer when the cycle ended, so its message is delivered again."""
    house = await a_house(FakeExchange(["taken"]))
    pause, house.switch.pause = house.switch.pause, silent
    with pytest.raises(LogUnreachable):
        await house.run()
    house.switch.pause = pause
    assert (await house.run()).reason_code == "IDENTIFIER_TAKEN"
    assert house.switch.said == "paused"


async def silent(*_):
    raise LogUnreachable("the switch")


async def test_a_stopped_bot_stays_stopped_when_another_bot_is_found():
    house = await a_house(FakeExchange(["taken"]))
    house.exchange.on_place = lambda: setattr(house.switch, "said", "stopped")
    await house.run()
    assert house.switch.said == "stopped"


class Earlier(FakeExchange):
    """Executed each order under its name so many seconds before the look at the market: somebody else sent it."""

    seconds = 6.0

    @property
    def time(self):
        return super().time - timedelta(seconds=self.seconds)


async def test_an_order_executed_before_this_bot_looked_is_not_booked_and_halts_the_bot():
    """Our own request was lost on its way, so no answer says that the name was taken."""
    house = await a_house(Earlier(["lose"]))
    ended = await house.run()
    assert (ended.kind, ended.reason_code) == ("OrderUnresolved", "IDENTIFIER_TAKEN")
    assert (house.switch.said, house.log.of(FillRecorded)) == ("paused", [])


async def test_two_clocks_of_the_exchange_may_be_some_seconds_apart():
    exchange = Earlier(["lose"])
    exchange.seconds = 5.0
    house = await a_house(exchange)
    assert isinstance(await house.run(), OrderFilled)


async def test_a_name_that_our_own_first_request_may_have_taken_is_asked_for_as_ours():
    house = await a_house(FakeExchange(["busy", "taken"]))
    assert isinstance(await house.run(), OrderFilled)
    assert house.switch.said == "running"


async def test_a_name_taken_before_any_request_of_ours_arrived_is_another_bots():
    house = await a_house(FakeExchange(["unconnected", "taken"]))
    assert (await house.run()).reason_code == "IDENTIFIER_TAKEN"
    assert house.switch.said == "paused"


def test_nobody_can_say_that_there_is_no_order_without_proof():
    with pytest.raises(TypeError, match="proves"):
        NoOrder(orders.NEVER_SENT.because(), object())


async def test_the_five_seconds_begin_before_the_look():
    """The exchange answered, and then the machine stood still."""

    class Slow(FakeExchange):
        async def conditions(self, market):
            await house.pace.pause(5.0)
            return self.sees

    house = await a_house(Slow())
    assert (await house.run()).reason_code == "NEVER_SENT"
    assert house.exchange.requests == []


@pytest.mark.parametrize(("late_s", "leaves"), [(4.9, True), (5.0, False)])
async def test_whether_it_may_still_leave_is_asked_of_the_same_five_seconds(late_s, leaves):
    """The adapter asks it as the last thing, behind a connection that may have taken its time."""

    class Asks(FakeExchange):
        async def place(self, approved, in_time):
            await house.pace.pause(late_s)
            asked.append(in_time())
            return await super().place(approved, in_time)

    asked = []
    house = await a_house(Asks())
    await house.run()
    assert asked == [leaves]


async def test_an_order_that_ended_without_a_trade_is_rejected():
    house = await a_house(FakeExchange(executes=D(0)))
    ended = await house.run()
    assert (ended.kind, ended.reason_code) == ("OrderRejected", "NOT_EXECUTED")
    assert house.log.of(FillRecorded) == []


async def test_a_part_that_was_executed_is_a_result():
    house = await a_house(FakeExchange(executes=D("0.4")))
    ended = await house.run()
    assert isinstance(ended, OrderFilled)
    assert ended.total == D(20_000)


async def test_a_lost_answer_is_asked_for_and_nothing_is_sent_twice():
    house = await a_house(FakeExchange(["lose"], hidden_for=5))
    ended = await house.run()
    assert isinstance(ended, OrderFilled)
    assert house.exchange.requests == [CYCLE]
    assert house.exchange.asked == 6


async def test_an_order_that_takes_its_time_is_waited_for():
    house = await a_house(FakeExchange(open_for=8))
    assert isinstance(await house.run(), OrderFilled)


async def test_an_order_that_stays_open_is_unresolved_and_keeps_its_side():
    house = await a_house(FakeExchange(open_for=10_000))
    ended = await house.run()
    assert isinstance(ended, OrderUnresolved)
    assert (ended.decision, ended.client_order_id, ended.reason_code) == ("buy", CYCLE, "ORDER_UNRESOLVED")
    assert "wait" in sentence(ended, "ko")
    assert house.pace.seconds == pytest.approx(60)


async def test_a_lost_request_is_asked_for_and_then_left_to_a_person():
    house = await a_house(FakeExchange(["vanish"]))
    ended = await house.run()
    assert isinstance(ended, OrderUnresolved)
    assert "404" in ended.said
    assert house.exchange.requests == [CYCLE]
    assert house.pace.seconds == pytest.approx(60)


async def test_an_order_of_another_making_under_our_name_is_left_to_a_person():
    exchange = FakeExchange(["lose"])
    house = await a_house(exchange)
    place = exchange.place

    async def place_and_swap(approved, in_time):
        answer = await place(approved, in_time)
        exchange.orders[CYCLE] = replace(exchange.orders[CYCLE], side="sell")
        return answer

    exchange.place = place_and_swap
    ended = await house.run()
    assert isinstance(ended, OrderUnresolved)
    assert house.log.of(FillRecorded) == []
    assert exchange.asked == 1


class BlockedExchange(FakeExchange):
    async def find(self, client_order_id):
        self.asked += 1
        return LookupFailure("HTTP 418", blocked=True)


async def test_an_exchange_that_forbids_asking_is_asked_once_more_at_the_end():
    house = await a_house(BlockedExchange(["lose"]))
    assert isinstance(await house.run(), OrderUnresolved)
    assert house.exchange.asked == 2


@pytest.mark.parametrize("how", ["unconnected", "busy"])
async def test_what_never_arrived_is_sent_again_within_five_seconds(how):
    house = await a_house(FakeExchange([how, how]))
    ended = await house.run()
    assert isinstance(ended, OrderFilled)
    assert house.exchange.requests == [CYCLE]
    assert len(house.log.of(OrderIntended)) == 1


@pytest.mark.parametrize(
    ("how", "ends_as"),
    [("unconnected", ("OrderRejected", "NEVER_SENT")), ("busy", ("OrderUnresolved", "ORDER_UNRESOLVED"))],
)
async def test_after_five_seconds_nothing_is_sent_any_more(how, ends_as):
    exchange = FakeExchange([how] * 100)
    house = await a_house(exchange)
    ended = await house.run()
    assert (ended.kind, ended.reason_code) == ends_as
    assert len(exchange.script) == 95  # at 0, 1, 2, 3 and 4 s
    assert exchange.requests == []


class SlowLog(MemoryLog):
    """The intent is stored, but the process sleeps before it hears of it."""

    def __init__(self, pace, takes_s):
        super().__init__()
        self.pace, self.takes_s = pace, takes_s

    async def emit(self, event, *, after=0):
        stored = await super().emit(event, after=after)
        if isinstance(event, OrderIntended):
            await self.pace.pause(self.takes_s)
        return stored


@pytest.mark.parametrize(("takes_s", "sent"), [(4.9, [CYCLE]), (5.0, []), (3600.0, [])])
async def test_an_order_leaves_within_five_seconds_of_its_intent_or_never(takes_s, sent):
    house = House()
    house.log = SlowLog(house.pace, takes_s)
    await house.given(snapshot())
    ended = await house.run()
    assert house.exchange.requests == sent
    assert ended.reason_code == (decision().reason_code if sent else "NEVER_SENT")


async def test_an_order_leaves_within_five_seconds_of_what_its_rules_saw_or_never():
    """Asleep between the rules and the intent: what they saw may be long past."""
    house = await a_house()
    status = house.switch.status

    async def slow():
        await house.pace.pause(0.0 if house.log.of(OrderIntended) else 5.0)
        return await status()

    house.switch.status = slow
    assert (await house.run()).reason_code == "NEVER_SENT"
    assert house.exchange.requests == []


@pytest.mark.parametrize(
    ("wish", "code"), [("paused", "BOT_PAUSED"), ("stopped", "BOT_STOPPED"), ("exits-only", "BOT_EXITS_ONLY")]
)
async def test_a_pause_after_the_rules_were_asked_stops_an_order_whose_intent_is_stored_already(wish, code):
    house = await a_house()

    class Pausing(MemoryLog):
        async def emit(self, event, *, after=0):
            if isinstance(event, OrderIntended):
                house.switch.said = wish
            return await super().emit(event, after=after)

    house.log = Pausing()
    await house.given(snapshot(), decision())
    ended = await house.run()
    assert (ended.kind, ended.reason_code) == ("OrderDenied", code)
    assert house.exchange.requests == []
    assert [e.kind for e in house.log.of(OrderIntended, CycleEnded)] == ["OrderIntended", "OrderDenied"]
    house.switch.said = "running"
    assert await house.run() == ended  # a redelivery goes on from it
    assert house.exchange.requests == []


async def test_a_repeat_that_finds_an_intent_never_sends():
    house = await a_house()
    await house.given(intent())
    ended = await house.run()
    assert isinstance(ended, OrderUnresolved)
    assert house.exchange.requests == []


async def test_a_repeat_that_finds_a_fill_only_ends_the_cycle():
    house = await a_house()
    await house.given(intent(), fill())
    ended = await house.run()
    assert isinstance(ended, OrderFilled)
    assert ended.total == D(50_000)
    assert house.exchange.asked == 0


async def test_a_fill_whose_intent_is_gone_never_lets_an_order_out():
    house = await a_house()
    await house.given(fill())
    assert isinstance(await house.run(), OrderFilled)
    assert house.exchange.requests == []


@pytest.mark.parametrize("kind", ["OrderFilled", "OrderSkipped", "OrderUnresolved", "CycleFailed"])
async def test_an_ended_cycle_stays_as_it_ended(kind):
    house = await a_house()
    await house.given(end(kind))
    before = len(house.log.lines)
    assert await house.run() == end(kind)
    assert len(house.log.lines) == before
    assert house.exchange.requests == []


class Overtaken(MemoryLog):
    """Another process stores something right before our first own line."""

    def __init__(self, first):
        super().__init__()
        self.first = first

    async def emit(self, event, *, after=0):
        if isinstance(event, OrderIntended | CycleEnded) and self.first:
            first, self.first = self.first, None
            await super().emit(first)
        return await super().emit(event, after=after)


@pytest.mark.parametrize("choice", ["buy", "hold"])
async def test_the_intent_of_another_run_is_asked_about_and_not_sent(choice):
    house = House()
    house.log = Overtaken(intent())
    await house.given(snapshot())
    ended = await house.run(decision=choice)
    assert isinstance(ended, OrderUnresolved)
    assert house.exchange.requests == []


async def test_a_cycle_that_was_given_up_meanwhile_gets_no_order():
    house = House()
    house.log = Overtaken(end("CycleFailed"))
    await house.given(snapshot())
    assert isinstance(await house.run(), CycleFailed)
    assert house.exchange.requests == []
    assert house.log.of(OrderIntended) == []


async def test_a_decision_without_its_snapshot_is_for_a_person():
    with pytest.raises(NoSnapshot, match=CYCLE):
        await House().run()


async def test_a_log_that_answers_with_something_else_stops_the_order():
    class Mad(MemoryLog):
        async def emit(self, event, *, after=0):
            return replace(self.lines[0], new=False)

    house = await a_house()
    house.log, mad = Mad(), house.log
    vars(house.log).update(vars(mad))
    with pytest.raises(Impossible, match="SnapshotTaken"):
        await house.run()
    assert house.exchange.requests == []


async def test_the_intent_lies_in_the_log_when_the_order_leaves():
    house = await a_house()
    seen = []
    house.exchange.on_place = lambda: seen.extend(house.log.of(OrderIntended, CycleEnded))
    await house.run()
    assert [event.kind for event in seen] == ["OrderIntended"]


async def test_the_fill_is_the_exchanges_time_and_not_ours():
    house = await a_house()
    assert (await house.run()).executed_at == AT


async def test_an_open_order_of_the_market_is_ended_before_a_new_one_is_thought_of():
    house = await holding()
    later = "KRW-ETH-20260105T0400Z"
    house.exchange.script = ["lose"]
    await house.given(snapshot(cycle=later))
    approved = await house.log.emit(intent(cycle=CYCLE, side="sell", funds=None, volume=D("0.0125")))
    ended = await house.run(cycle=later, decision="sell")
    first = next(e for e in house.log.of(CycleEnded) if e.cycle == CYCLE)
    assert first.kind == "OrderUnresolved"
    assert (ended.reason_code, house.exchange.requests) == ("UNRESOLVED_ORDER", [])
    assert approved.new


async def test_at_the_start_every_open_order_is_ended_though_its_decision_is_gone():
    house = await House(FakeExchange()).given(intent(), intent(cycle="KRW-BTC-20260105T0300Z", client_order_id="other"))
    await house.handler().clear_up()
    assert {(e.cycle, e.kind) for e in house.log.of(CycleEnded)} == {
        (CYCLE, "OrderUnresolved"),
        ("KRW-BTC-20260105T0300Z", "OrderUnresolved"),
    }
    assert house.exchange.requests == []


async def test_clearing_up_records_what_was_executed():
    house = await a_house(FakeExchange(["lose"]))
    await house.run()
    (intended, filled) = house.log.of(OrderIntended, FillRecorded)
    again = await House(house.exchange).given(snapshot(), decision(), intended)
    await again.handler().clear_up()
    assert again.log.of(FillRecorded) == [filled]
    assert again.log.of(CycleEnded)[0].kind == "OrderFilled"


async def test_clearing_up_gives_another_executor_the_time_to_end_its_own_order():
    house = await House(FakeExchange()).given(snapshot(), decision(), intent())
    await house.handler().clear_up()
    assert house.pace.seconds > 60 + 5


async def test_the_losses_of_one_market_stop_the_buys_of_another():
    lost = fill(cycle="KRW-BTC-20260105T0200Z", side="sell", profit=D(-50_000), position=position(volume=D(0)))
    house = await House().given(lost, snapshot())
    ended = await house.run()
    assert (ended.reason_code, ended.books.profit_today) == ("DAILY_LOSS_MAX", D(-50_000))


async def test_a_sale_records_its_profit_for_the_rules_to_see():
    house = await holding()
    await house.run(decision="sell")
    recorded = house.log.of(FillRecorded)[-1]
    assert recorded.profit == D("49987.5") - D("24.99375") - D("50025")


async def test_drift_is_shown_and_never_hidden():
    house = await holding(exchange=FakeExchange(sees=conditions(coin_free=D("0.01"), coin_locked=D("0.002"))))
    ended = await house.run(decision="sell")
    (intended,) = house.log.of(OrderIntended)
    assert (intended.volume, intended.books.drift) == (D("0.01"), D("0.0005"))
    assert ended.amount == D("0.01")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("jwt_verification", "WRONG_SECRET"),
        ("expired_access_key", "EXPIRED_KEY"),
        ("no_authorization_ip", "IP_REFUSED"),
        ("no_authorization_i_p", "IP_REFUSED"),
        ("notfoundmarket", "MARKET_UNKNOWN"),
        ("brand_new_reason", "BRAND_NEW_REASON"),
    ],
)
async def test_a_look_that_is_refused_ends_the_cycle_with_its_own_code(name, code):
    exchange = FakeExchange(sees=Refused(name, "…"))
    house = await a_house(exchange)
    ended = await house.run()
    assert (ended.kind, ended.reason_code, ended.wanted) == ("OrderRejected", code, "buy")
    assert house.log.of(OrderIntended) == []


async def test_a_quota_that_sent_the_order_away_is_not_taken_for_certain():
    house = await a_house(FakeExchange(["busy", *["unconnected"] * 50]))
    assert (await house.run()).kind == "OrderUnresolved"


async def test_two_decisions_of_a_market_go_one_after_the_other_in_one_process():
    house = await holding()
    handler, other = house.handler(), "KRW-ETH-20260105T0400Z"
    await house.given(snapshot(cycle=other))
    first, second = await asyncio.gather(
        handler(decision(decision="sell")), handler(decision(cycle=other, decision="sell"))
    )
    assert (first.kind, second.reason_code) == ("OrderFilled", "NOTHING_TO_SELL")
    assert house.exchange.requests == [CYCLE]


class Deaf(MemoryLog):
    """Does not tell of one cycle's fill."""

    def __init__(self, fault):
        super().__init__()
        self.fault = fault

    async def load(self, subject):
        if subject == fill().subject and self.fault:
            raise self.fault
        return await super().load(subject)


async def test_what_keeps_one_order_open_does_not_keep_the_others():
    house = House(FakeExchange())
    house.log = Deaf(Unreadable("rubbish"))
    other = "KRW-BTC-20260105T0300Z"
    await house.given(intent(), intent(cycle=other, client_order_id=other))
    await at_start(house.handler().clear_up, house.pace)
    assert [ended.cycle for ended in house.log.of(CycleEnded)] == [other]


async def test_clearing_up_waits_for_the_log_to_answer():
    house = House(FakeExchange())
    house.log = Deaf(LogUnreachable("reading"))
    await house.given(intent())
    house.pace.pause = heals(house)
    await at_start(house.handler().clear_up, house.pace)
    assert [ended.kind for ended in house.log.of(CycleEnded)] == ["OrderUnresolved"]


def heals(house):
    """The log answers again after the first pause."""
    pause = house.pace.pause

    async def paused(seconds):
        house.log.fault = None
        await pause(seconds)

    return paused
