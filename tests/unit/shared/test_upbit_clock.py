"""The skew is read off good answers of the exchange, whatever else answers or takes long."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.fixed_clock import FixedClock
from shared.upbit_clock import ExchangeClock

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
DATE = "Mon, 05 Jan 2026 03:00:00 GMT"


async def measured(*, machine=AT, took_s=0.0, status=200, **headers):
    """What is known after one answer, and what the gauge heard."""
    heard, seconds = [], iter((100.0, 100.0 + took_s))
    headers = {"Date": DATE} | headers
    inner = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers))
    clock = ExchangeClock(inner, gauge=heard.append, machine=FixedClock(machine), now=lambda: next(seconds))
    async with httpx.AsyncClient(transport=clock) as web:
        await web.get("http://exchange.test/")
    return clock.skew_s, heard


async def test_a_machine_ahead_is_a_positive_skew_and_the_gauge_hears_it():
    assert await measured(machine=AT + timedelta(hours=3)) == (10799.5, [10799.5])


async def test_the_time_an_answer_takes_is_halved():
    assert (await measured(machine=AT, took_s=4))[0] == 1.5


@pytest.mark.parametrize(
    "answer",
    [{"took_s": 6}, {"status": 503}, {"status": 403}, {"Date": "soon"}, {"Date": "Mon, 05 Jan 0001 03:00:00 GMT"}],
)
async def test_a_page_of_another_a_slow_answer_and_an_unreadable_time_say_nothing(answer):
    assert await measured(**answer) == (None, [])


async def test_an_answer_carries_its_own_skew():
    inner = httpx.MockTransport(lambda _: httpx.Response(200, headers={"Date": DATE}))
    clock = ExchangeClock(inner, machine=FixedClock(AT), now=lambda: 1.0)
    async with httpx.AsyncClient(transport=clock) as web:
        assert (await web.get("http://exchange.test/")).extensions["skew_s"] == -0.5
