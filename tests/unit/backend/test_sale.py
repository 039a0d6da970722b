"""The owner's own sale over HTTP: what he is shown is what he asks for, and once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.backend.adapters.public_book import NoBook, PublicBook
from services.backend.core.sale import Bids
from shared.events import SaleDue
from shared.http_client import direct_client
from shared.switch import DesiredState
from tests.support import backend
from tests.support.backend import OWNER, executor_heard
from tests.support.builders import AT, CYCLE, book, control, fill, position

D = Decimal
HELD = position(volume=D("0.0115"), cost=D(46_000), opened_by=CYCLE)
SALE = "/api/bot/sale/KRW-ETH"


class Exchange:
    """Shows one book, at a time of its own."""

    def __init__(self):
        self.at, self.fault = AT, None

    async def __call__(self, market):
        if self.fault:
            raise self.fault
        return Bids(self.at, book())


@pytest.fixture
async def exchange(monkeypatch):
    shown = Exchange()
    monkeypatch.setattr("services.backend.app._public_book", lambda stage, settings: shown)
    return shown


@pytest.fixture
async def running(exchange, tmp_path, server):
    with executor_heard():
        async with backend.backend(tmp_path, server) as started:
            yield started
            assert started.fatal == []


async def shown(running):
    return (await running.api.get(SALE, headers=OWNER)).json()


async def ask(running, sale, **changes):
    query = {"id": sale["id"], "amount": sale["amount"]} | changes
    return await running.api.post(SALE, headers=OWNER, params=query)


async def requests(running):
    return list(await running.log.subjects(SaleDue.trunk()))


async def test_the_owner_sees_what_would_be_sold_and_sells_just_that_once(running):
    await running.booked(fill(position=HELD))
    sale = await shown(running)
    assert (sale["id"], sale["amount"], sale["order"], sale["obstacle"]) == (
        "KRW-ETH-20260105T030000Z-sale", 0.0115, 0.0115, "",
    )  # fmt: skip
    assert await requests(running) == []  # to look is no order
    first = await ask(running, sale)
    assert first.status_code == 200
    assert (first.json()["cycle"], first.json()["amount"], first.json()["by"]) == (sale["id"], 0.0115, "api")
    sold = fill(cycle=sale["id"], side="sell", position=position(volume=D(0), cost=D(0), opened_by=None))
    await running.booked(sold)
    assert (await ask(running, sale)).json() == first.json()  # said again, though it is sold by now
    assert await requests(running) == [SaleDue.subject_of(sale["id"])]
    stored = (await running.log.load(SaleDue.subject_of(sale["id"]))).event
    assert (stored.position, stored.price, stored.at) == (HELD, book().levels[0].bid_price, AT)


async def test_nobody_but_the_owner_looks_or_sells(running):
    await running.booked(fill(position=HELD))
    for answer in (await running.api.get(SALE), await running.api.post(f"{SALE}?id={CYCLE}&amount=1")):
        assert answer.status_code == 401
    assert await requests(running) == []


async def test_what_was_shown_too_long_ago_or_is_another_amount_by_now_is_not_sold(running, exchange):
    await running.booked(fill(position=HELD))
    sale = await shown(running)
    assert "look again" in (await ask(running, sale, amount=0.5)).json()["detail"]
    exchange.at += timedelta(seconds=121)
    late = await ask(running, sale)
    assert (late.status_code, late.json()["detail"]) == (
        409, "what would be sold was shown 121 s ago, which is too long; look again",
    )  # fmt: skip
    assert await requests(running) == []


@pytest.mark.parametrize("id", [CYCLE, "KRW-BTC-20260105T030000Z-sale", "KRW-ETH-99999999T999999Z-sale"])
async def test_a_name_that_is_no_sale_of_the_market_sells_nothing(running, id):
    await running.booked(fill(position=HELD))
    answer = await ask(running, await shown(running), id=id)
    assert (answer.status_code, "no sale of KRW-ETH" in answer.json()["detail"]) == (409, True)
    assert await requests(running) == []


@pytest.mark.parametrize(("command", "said"), [("pause", "exits-only lets it sell"), ("stop", "upcycle panic --sell")])
async def test_a_halted_bot_says_what_keeps_it_from_selling(running, command, said):
    await running.booked(fill(position=HELD))
    sale = await shown(running)
    await running.api.post(f"/api/bot/{command}", headers=OWNER)
    assert (await shown(running))["obstacle"] != ""
    answer = await ask(running, sale)
    assert (answer.status_code, said in answer.json()["detail"]) == (409, True)
    assert await requests(running) == []


async def test_exits_only_sells_what_the_owner_asks_for(running):
    await running.booked(fill(position=HELD), control(command="exits-only", at=AT))
    await running.switch.change(lambda _: DesiredState(status="exits-only", by="api", at=AT, command="exits-only"))
    assert (await ask(running, await shown(running))).status_code == 200


async def test_where_nothing_is_held_or_no_book_is_shown_nothing_is_asked_for(running, exchange):
    nothing = await running.api.get(SALE, headers=OWNER)
    assert (nothing.status_code, "holds nothing of KRW-ETH" in nothing.json()["detail"]) == (409, True)
    await running.booked(fill(position=HELD))
    sale = await shown(running)
    exchange.fault = NoBook("the exchange does not show the order book of KRW-ETH: ConnectError")
    assert (await ask(running, sale)).status_code == 503
    assert await requests(running) == []


async def test_where_no_executor_listens_that_is_shown_and_nothing_is_asked_for(running):
    await running.booked(fill(position=HELD))
    sale = await shown(running)
    with executor_heard(False):
        assert "실행 서비스가 응답하지 않아" in (await shown(running))["obstacle"]
        answer = await ask(running, sale)
    assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (
        409, "no executor listens, so nothing would be sold",
    )  # fmt: skip
    assert await requests(running) == []


async def test_a_position_below_the_smallest_order_is_shown_with_what_is_against_it(running):
    await running.booked(fill(position=position(volume=D("0.001"), cost=D(4000), opened_by=CYCLE)))
    sale = await shown(running)
    assert "5,000" in sale["obstacle"]
    assert (await ask(running, sale)).status_code == 409


async def test_an_exchange_that_is_away_is_told_without_its_words():
    async with direct_client(base_url="http://127.0.0.1:1", timeout=1) as client:
        with pytest.raises(NoBook, match="ConnectError"):
            await PublicBook(client)("KRW-ETH")
