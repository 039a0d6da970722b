"""Against a small stand-in that keeps the paper exchange's shape of /admin/time."""

from datetime import UTC, datetime

import httpx
import pytest

from services.clock.adapters.paper_time import ExchangeAway, ExchangeRefuses, PaperTime
from tests.support.admin_time import TOKEN, AdminTime

T3 = datetime(2026, 1, 5, 3, tzinfo=UTC)
T4 = datetime(2026, 1, 5, 4, tzinfo=UTC)


def paper_time(exchange: AdminTime, token: str = TOKEN) -> PaperTime:
    transport = httpx.ASGITransport(exchange.app)
    return PaperTime(
        httpx.AsyncClient(transport=transport, base_url="http://paper", headers={"Authorization": f"Bearer {token}"})
    )


async def test_it_tells_where_the_tape_stands():
    tape = await paper_time(AdminTime(T3)).state()
    assert (tape.now, tape.last) == (T3, datetime(2026, 2, 1, tzinfo=UTC))


async def test_it_moves_the_tape_forward():
    exchange = AdminTime(T3)
    assert await paper_time(exchange).move(T4) == T4
    assert exchange.now == T4


async def test_a_tape_that_is_later_already_stays_where_it_is():
    exchange = AdminTime(T4)
    assert await paper_time(exchange).move(T3) == T4


async def test_a_wrong_token_is_refused_for_good():
    with pytest.raises(ExchangeRefuses, match="403"):
        await paper_time(AdminTime(T3), token="wrong").state()


async def test_a_tape_on_wall_time_cannot_be_stepped_and_says_how_it_can():
    with pytest.raises(ExchangeRefuses, match="PAPER_CLOCK"):
        await paper_time(AdminTime(T3, mode="wall")).state()


async def test_what_is_no_paper_exchange_is_named():
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="hello"))
    with pytest.raises(ExchangeRefuses, match="http://elsewhere"):
        await PaperTime(httpx.AsyncClient(transport=transport, base_url="http://elsewhere")).state()


@pytest.mark.parametrize("status", [500, 503])
async def test_an_exchange_with_trouble_is_asked_again_later(status):
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    with pytest.raises(ExchangeAway):
        await PaperTime(httpx.AsyncClient(transport=transport, base_url="http://paper")).state()


async def test_an_exchange_that_is_not_there_yet_is_asked_again_later():
    def nobody(request):
        raise httpx.ConnectError("refused")

    with pytest.raises(ExchangeAway, match="ConnectError"):
        await PaperTime(httpx.AsyncClient(transport=httpx.MockTransport(nobody), base_url="http://paper")).move(T3)
