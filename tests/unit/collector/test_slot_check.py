"""Only a slot that the exchange's clock knows is traded, and only by a machine whose clock is right."""

from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector import app
from services.collector.core.slot import ClockWrong, OldBook, SlotAhead, SlotOver, SlotSoon, check
from services.collector.handler import CollectorHandler
from shared import catalogue
from shared.errors import Permanent, Transient
from shared.fixed_clock import FixedClock
from shared.reason import Reason
from shared.settings import Settings
from shared.skew import sentence
from shared.stage import Stage
from shared.upbit_clock import ExchangeClock
from tests.support.builders import AT, balances, due
from tests.unit.collector.test_collector_handler import HAZARDS, FakeExchange, FakeHistory, FakeIndex, FakeMemory

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class At(FakeExchange):
    """An exchange whose Date header and order book say the same time."""

    async def balances(self, market):
        return balances(at=self.at)


def said(refused):
    return catalogue.sentence(Reason(refused.code, refused.figures), "ko")


def collector(at, skew_s=None):
    return CollectorHandler(At(at=at), FakeIndex(), FakeMemory(), FakeHistory(), HAZARDS, lambda: skew_s)


@pytest.mark.parametrize("hours", [1, 3, 24, 400 * 24])
async def test_a_slot_of_the_future_is_not_traded(hours):
    with pytest.raises(SlotAhead, match="its slot has not come") as refused:
        await collector(AT - timedelta(hours=hours))(due())
    assert refused.value.code == "SLOT_AHEAD"
    assert f"{hours * 3600:,}초 남은" in said(refused.value)


@pytest.mark.parametrize("hours", [1, 24, 400 * 24])
async def test_a_slot_of_the_past_is_not_traded(hours):
    with pytest.raises(SlotOver, match="its slot is over") as refused:
        await collector(AT + timedelta(hours=hours))(due())
    assert refused.value.code == "SLOT_OVER"


@pytest.mark.parametrize("early_s", [3, 29, 30])
async def test_a_slot_that_comes_within_seconds_is_looked_at_again_and_not_lost(early_s):
    with pytest.raises(SlotSoon):
        await collector(AT - early_s * SECOND)(due())
    assert await collector(AT)(due())


async def test_the_whole_seconds_of_the_header_cost_no_slot():
    assert await collector(AT - SECOND)(due())


async def test_a_quiet_markets_book_may_be_older_than_the_slot_but_not_by_an_hour():
    check(due(), now=AT, book_at=AT - timedelta(minutes=9), skew_s=0)
    with pytest.raises(OldBook):
        check(due(), now=AT, book_at=AT - timedelta(hours=1), skew_s=0)


@pytest.mark.parametrize("skew_s", [31, -31, 3600, -86400, 400 * 86400])
async def test_nothing_is_traded_by_a_machine_whose_clock_is_wrong(skew_s):
    with pytest.raises(ClockWrong, match="this machine's clock is") as refused:
        await collector(AT, skew_s)(due())
    assert refused.value.code == "CLOCK_SKEW"
    assert f"{abs(skew_s):,}초 {'빠릅니다' if skew_s > 0 else '느립니다'}" in said(refused.value)


@pytest.mark.parametrize("skew_s", [0.2, -2.5, 29.9, -30])
async def test_a_clock_that_is_a_little_off_trades(skew_s):
    assert await collector(AT, skew_s)(due())


@given(st.integers(-400 * 86400, 400 * 86400), st.integers(-400 * 86400, 400 * 86400))
def test_law_what_passes_is_a_slot_the_exchange_knows_by_a_clock_that_is_right(now_s, skew_s):
    now = AT + now_s * SECOND
    try:
        check(due(), now=now, book_at=now, skew_s=float(skew_s))
    except (Permanent, Transient):
        return
    assert abs(skew_s) <= 30
    assert -2 * SECOND <= now - AT <= timedelta(minutes=10)


@pytest.mark.parametrize(("clock", "told"), [("wall", True), ("stepped", False)])
async def test_the_exchanges_answers_tell_the_skew_except_on_a_tape(clock, told, monkeypatch):
    handlers = []
    monkeypatch.setattr(Stage, "handle", lambda _, handler: handlers.append(handler))
    monkeypatch.setattr(app, "ExchangeClock", lambda **how: ExchangeClock(_Answers(), machine=FixedClock(AT), **how))
    stage = app.create_stage(Settings.load(paper_clock=clock))
    with suppress(Transient):
        await handlers[0].exchange.last_price("KRW-ETH")
    assert (handlers[0].skew_s() is not None) is told
    assert (b"\nclock_skew_seconds 86399.5" in stage.metrics.render()) is told


class _Answers(httpx.AsyncBaseTransport):
    """An exchange a day behind this machine."""

    async def handle_async_request(self, request):
        return httpx.Response(200, json=[], headers={"Date": format_datetime(AT - DAY, usegmt=True)}, request=request)


def test_the_sentence_says_how_far_and_which_way():
    assert sentence(86400) == "this machine's clock is 86,400 s ahead of the exchange's"
    assert sentence(-3600.4) == "this machine's clock is 3,600 s behind the exchange's"
