"""The owner's panic over HTTP: the bot is halted at once, and the request lies in the log once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.backend.adapters.control import JetStreamControl
from services.backend.adapters.public_book import NoBook
from shared.bus.event_log import EventLog
from shared.bus.stream import BrokerAway
from shared.events import PanicDue
from tests.support import backend
from tests.support.backend import OWNER, executor_heard
from tests.support.builders import AT, CYCLE, due, end, fill, intent, panic_due, panic_ended, position
from tests.unit.backend.test_sale import Exchange

D = Decimal
HELD = position(volume=D("0.0115"), cost=D(46_000), opened_by=CYCLE)
PANIC = "/api/bot/panic"
OPEN = "KRW-ETH-20260105T0400Z"


@pytest.fixture
async def exchange(monkeypatch):
    shown = Exchange()
    monkeypatch.setattr("services.backend.app._public_book", lambda stage, settings: shown)
    return shown


@pytest.fixture
async def running(exchange, tmp_path, server):
    with executor_heard():
        async with backend.backend(tmp_path, server, language="en") as started:
            yield started
            assert started.fatal == []


async def look(running):
    return (await running.api.get(PANIC, headers=OWNER)).json()


async def result(running):
    return (await running.api.get(f"{PANIC}/last", headers=OWNER)).json()


async def ask(running, sell=True):
    return await running.api.post(PANIC, headers=OWNER, params={"sell": sell})


async def requests(running):
    return list(await running.log.subjects(PanicDue.trunk()))


async def test_the_bot_is_paused_at_once_and_the_request_lies_in_the_log_once(running):
    first = await ask(running)
    assert (first.status_code, first.json()["status"], first.json()["is_heard"]) == (200, "paused", True)
    assert first.json()["text"].startswith("the bot is halted; the executor cancels its open orders and sells")
    assert (await running.switch.state()).status == "paused"
    assert (await ask(running)).json() == first.json()  # who presses twice asks once
    assert len(await requests(running)) == 1
    stored = (await running.log.load(PanicDue.places())).event
    assert (stored.id, stored.sell, stored.by) == (first.json()["id"], True, "api")
    last = (await look(running))["last"]
    assert (last["id"], last["ended_at"], last["notes"]) == (stored.id, None, [])
    assert await result(running) == {"warning": "", "last": last}


async def test_where_no_executor_listens_the_answer_says_loudly_that_nothing_is_sold_yet(running):
    with executor_heard(False):
        asked, seen, waits = (await ask(running)).json(), await look(running), await result(running)
    assert (asked["status"], asked["is_heard"], seen["is_heard"]) == ("paused", False, False)
    assert (
        asked["text"]
        == seen["warning"]
        == waits["warning"]
        == ("NO EXECUTOR LISTENS: nothing is cancelled or sold yet; on the bot's machine: upcycle panic --sell")
    )
    assert len(await requests(running)) == 1


async def test_a_stopped_bot_stays_stopped_and_a_panic_sells_all_the_same(running):
    await running.api.post("/api/bot/stop", headers=OWNER)
    assert (await ask(running)).json()["status"] == "stopped"
    assert len(await requests(running)) == 1


async def test_a_request_to_sell_behind_one_to_cancel_is_another_one(running):
    await ask(running, sell=False)
    await ask(running, sell=True)
    assert len(await requests(running)) == 2


async def test_a_request_behind_one_that_was_taken_back_is_another_one(running):
    await ask(running)
    await running.api.post("/api/bot/resume", headers=OWNER)
    await ask(running)
    assert len(await requests(running)) == 2


async def test_what_a_panic_would_do_is_shown_and_nothing_ordered(running, exchange):
    open_order = intent(cycle=OPEN, client_order_id=OPEN, side="sell", funds=None, volume=D("0.001"))
    await running.booked(fill(position=HELD), due(cycle=OPEN, slot_at=AT + timedelta(hours=1)), open_order)
    shown = await look(running)
    assert shown["orders"] == [{"cycle": OPEN, "market": "KRW-ETH", "side": "sell"}]
    (held,) = shown["positions"]
    assert (held["market"], held["amount"], held["shown"], held["note"]) == ("KRW-ETH", 0.0115, 0.0115, "")
    assert held["total"] == pytest.approx(held["price"] * 0.0115 * 0.9995)
    assert (shown["status"], shown["warning"], shown["last"]) == ("running", "", None)
    assert await requests(running) == []
    exchange.fault = NoBook("the exchange does not show the order book of KRW-ETH: ConnectError")
    (held,) = (await look(running))["positions"]
    assert (held["total"], "ConnectError" in held["note"]) == (None, True)


async def test_what_is_held_of_a_market_that_is_traded_no_more_and_what_is_in_doubt_are_shown(running):
    old = "KRW-OLD-20260105T0200Z"
    await running.booked(
        fill(cycle=old, position=HELD), fill(position=HELD), end("OrderUnresolved", cycle="KRW-ETH-20260105T0100Z")
    )
    eth, gone = (await look(running))["positions"]
    assert (eth["market"], "in doubt" in eth["note"]) == ("KRW-ETH", True)
    assert (gone["market"], gone["note"]) == ("KRW-OLD", "")


async def test_a_position_below_the_smallest_order_is_shown_with_what_is_against_it(running):
    await running.booked(fill(position=HELD.model_copy(update={"volume": D("0.001")})))
    assert "5,000" in (await look(running))["positions"][0]["note"]


async def test_what_the_last_one_came_to_is_told_in_the_readers_language(running):
    await running.booked(panic_due(), panic_ended())
    last = (await look(running))["last"]
    assert (last["by"], last["sell"], last["ended_at"]) == ("page", True, "2026-01-05T12:00:09+09:00")
    sold = last["notes"][-1]
    assert (sold["about"], sold["reason_code"]) == ("KRW-ETH", "PANIC_SOLD")
    assert sold["text"] == "sold 0.0125 ETH at 3,999,000 KRW on average, 49,987.50 KRW in all"
    assert [note["text"] for note in last["undone"]] == ["the bot still holds 0.0001 BTC"]
    with executor_heard(False):
        assert (await result(running)) == {"warning": "", "last": last}  # it has ended
    korean = (await running.api.get(PANIC, headers=OWNER, params={"language": "ko"})).json()
    assert korean["last"]["undone"][0]["text"] == "봇이 아직 0.0001 BTC 보유 중입니다"


async def test_nobody_but_the_owner_looks_or_panics(running):
    for answer in (await running.api.get(PANIC), await running.api.post(f"{PANIC}?sell=true")):
        assert answer.status_code == 401
    assert await requests(running) == []
    assert (await running.switch.state()).status == "running"


async def test_a_broker_that_is_away_is_told_with_how_far_it_came_and_the_other_way(running, monkeypatch):
    async def away(*_, **__):
        raise BrokerAway("the broker does not answer: TimeoutError")

    for where, far in (("state", "NOTHING IS PAUSED"), ("emit", "the bot is paused")):
        kind = JetStreamControl if where == "state" else EventLog
        with monkeypatch.context() as patched:
            patched.setattr(kind, where, away)
            answer = await ask(running)
        told = answer.json()["detail"]
        assert (answer.status_code, told.startswith(f"{far}, NOTHING IS CANCELLED OR SOLD")) == (503, True), told
        assert "upcycle panic --sell" in told
