"""The owner's own sale: one request, one exit, one end, and never a coin more than he was shown."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.exits import REQUEST_WITHIN_S
from services.executor.handler import ExecutorHandler
from services.executor.sales import ExitUnderWay, Sales
from shared.catalogue import sentence
from shared.events import CycleEnded, ExitDue, FillRecorded, OrderIntended
from shared.fixed_clock import FixedClock
from tests.support.builders import AT, end, exit_due, fill, position, sale_due
from tests.support.fake_exchange import LIMITS, FakeExchange, FakePace, FakeSwitch, conditions
from tests.support.memory_log import MemoryLog

D = Decimal
EARLIER = "KRW-ETH-20260105T0200Z"
HELD = position(volume=D("0.0125"), opened_by=EARLIER)
SALE = sale_due(position=HELD, at=AT)


class House:
    """A log in which the bot holds something and the owner has asked for its sale."""

    def __init__(self, *, wish="running", scope="bot", sees=None, waits_s=1.0):
        self.log, self.exchange = MemoryLog(), FakeExchange(sees=sees)
        self.orders, self.waits_s = EventOrderLog(self.log), waits_s
        self.handler = ExecutorHandler(
            exchange=self.exchange, log=self.orders, switch=FakeSwitch(wish), pace=FakePace(), amount=D(50_000),
            scope=scope, limits=LIMITS, lookup_s=60,
        )  # fmt: skip

    async def told(self, *events):
        for event in (fill(cycle=EARLIER, position=HELD), *events, SALE):
            await self.log.emit(event)
        return self

    async def sales(self, cause=SALE):
        """Carry the request out, once; the exit there is then."""
        asked = await self.log.load(cause.subject)
        clock = FixedClock(asked.at + timedelta(seconds=self.waits_s))
        sales = Sales(self.log, self.orders, clock, {}, "0123456789abcdef", "0.1.0+0123456789ab")
        if isinstance(cause, ExitDue):
            return await sales.ends_late(asked)
        await sales(asked, cause)
        found = await self.log.load(ExitDue.subject_of(cause.cycle))
        return found.event if found else None

    async def sold(self):
        return await self.handler(await self.sales())


async def test_a_request_sells_the_position_under_its_own_cycle_and_the_positions_name():
    house = await House().told()
    ended = await house.sold()
    assert (ended.kind, ended.cycle, ended.decision, ended.amount) == ("OrderFilled", SALE.cycle, "sell", D("0.0125"))
    assert ended.reason_code == "EXIT_OWNER"
    assert sentence(ended, "en") == "the owner asked for the sale: by page"
    assert house.exchange.requests == ["KRW-ETH-20260105T020000Z-close"]
    assert house.log.of(FillRecorded)[-1].position.volume == 0


async def test_a_request_that_is_delivered_again_and_again_sells_once():
    house = await House().told()
    first = await house.sales()
    assert await house.sales() == first
    ends = [await house.handler(first) for _ in range(2)]
    assert await house.sales() == first
    assert ends[0] == ends[1]
    assert (len(house.log.of(ExitDue)), len(house.log.of(OrderIntended)), len(house.log.of(CycleEnded))) == (1, 1, 1)
    assert len(house.exchange.requests) == 1


@pytest.mark.parametrize("wish", ["exits-only", "running"])
async def test_a_bot_that_buys_nothing_more_sells_what_the_owner_asks_for(wish):
    assert (await (await House(wish=wish).told()).sold()).kind == "OrderFilled"


@pytest.mark.parametrize(("wish", "code"), [("paused", "BOT_PAUSED"), ("stopped", "BOT_STOPPED")])
async def test_a_halted_bot_refuses_the_owners_sale_like_any_order(wish, code):
    house = await House(wish=wish).told()
    ended = await house.sold()
    assert (ended.kind, ended.reason_code) == ("OrderDenied", code)
    assert house.exchange.requests == []


async def test_the_owners_other_coins_are_never_sold_whatever_the_scope_of_a_sale_is():
    house = await House(scope="all", sees=conditions(coin_free=D("3"))).told()
    assert (await house.sold()).amount == D("0.0125")


async def test_no_coin_more_than_was_shown_is_sold_where_the_position_has_grown():
    grown = fill(cycle="KRW-ETH-20260105T0215Z", position=position(volume=D("0.05"), opened_by=EARLIER))
    house = await House(sees=conditions(coin_free=D("1"))).told(grown)
    assert (await house.sold()).amount == D("0.0125")


async def test_a_position_that_was_opened_since_is_left_alone():
    later = fill(cycle="KRW-ETH-20260105T0230Z", position=position(opened_by="KRW-ETH-20260105T0230Z"))
    house = await House().told(later)
    assert (await house.sold()).reason_code == "POSITION_GONE"
    assert house.exchange.requests == []


async def test_a_request_that_waited_too_long_ends_with_a_sentence_and_starts_no_exit():
    house = await House(waits_s=REQUEST_WITHIN_S + 1).told()
    assert await house.sales() is None
    (ended,) = house.log.of(CycleEnded)
    assert (ended.kind, ended.cycle, ended.reason_code) == ("OrderDenied", SALE.cycle, "SALE_TOO_LATE")
    assert "too late and was not carried out: 121 s, limit 120 s" in sentence(ended, "en")
    house.waits_s = 1.0
    assert await house.sales() is None  # whoever hears of it again finds the end


async def test_an_exit_that_nobody_took_up_in_time_ends_so_too_unless_its_order_may_be_there():
    house = await House().told()
    due = await house.sales()
    house.waits_s = REQUEST_WITHIN_S + 1
    assert await house.sales(due)
    assert [ended.reason_code for ended in house.log.of(CycleEnded)] == ["SALE_TOO_LATE"]

    house = await House().told()
    due = await house.sales()
    meant = OrderIntended(
        cycle=due.cycle, client_order_id="KRW-ETH-20260105T020000Z-close", side="sell", volume=D("0.0125"),
        expected_price=D(4_000_000),
    )  # fmt: skip
    await house.log.emit(meant)
    house.waits_s = REQUEST_WITHIN_S + 1
    assert not await house.sales(due)
    assert house.log.of(CycleEnded) == []


async def test_a_request_waits_for_the_stop_loss_that_is_under_way():
    guards = exit_due(position=HELD, at=AT)
    house = await House().told(guards)
    with pytest.raises(ExitUnderWay, match=guards.cycle):
        await house.sales()
    await house.log.emit(end("OrderDenied", cycle=guards.cycle, reason_code="BELOW_MINIMUM"))
    assert (await house.sold()).kind == "OrderFilled"


async def test_of_two_requests_for_one_position_one_sells():
    house = await House().told()
    second = replace_cycle(SALE, "KRW-ETH-20260105T031503Z-sale")
    await house.log.emit(second)
    await house.sold()
    due = await house.sales(second)
    assert (await house.handler(due)).reason_code == "POSITION_GONE"
    assert len(house.exchange.requests) == 1


def replace_cycle(due, cycle):
    return due.model_copy(update={"cycle": cycle})


async def test_a_sale_that_the_book_cuts_says_what_is_left():
    seen = conditions()
    level = seen.book.levels[0].model_copy(update={"bid_size": D("0.005")})
    far = level.model_copy(update={"bid_price": D(3_000_000), "bid_size": D(1)})
    thin = replace(seen, book=seen.book.model_copy(update={"levels": (level, far)}))
    ended = await (await House(sees=thin).told()).sold()
    assert (ended.amount, ended.step.left) == (D("0.005"), D("0.0075"))
