"""What may start, and the stage on a real server."""

import asyncio
from decimal import Decimal

import nats
import pytest
import structlog

from services.backend.adapters.listeners import Listeners
from services.executor.adapters.bucket_switch import BucketSwitch, SwitchUnreachable
from services.executor.adapters.journal import Journal
from services.executor.app import create_app, create_stage, valuation, wire
from services.executor.core.journal_lines import Paused
from services.executor.core.orders import Sell
from services.executor.core.risk import _SEAL, Approved
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.bus.wire import encode
from shared.events import CycleEnded, FillRecorded, OrderIntended, PanicEnded
from shared.settings import BadSetting, Settings
from shared.stage import Stage
from shared.switch import DesiredState, of_log
from tests.support.builders import (
    AT,
    CYCLE,
    decided,
    differing,
    due,
    fill,
    intent,
    panic_due,
    position,
    sale_due,
    snapshot,
)
from tests.support.fake_exchange import FakeExchange, FakePace
from tests.support.waiting import eventually

ENDED = CycleEnded.places_of(CYCLE)


@pytest.mark.parametrize("there", ["", "UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY"])
def test_live_trading_needs_both_keys(there, monkeypatch):
    if there:
        monkeypatch.setenv(there, "a-key-of-a-test-that-opens-nothing-at-all")
    missing = {"UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY"} - {there}
    with pytest.raises(BadSetting) as refused:
        create_stage(Settings.load(trading_mode="live"))
    assert str(refused.value) == "; ".join(f"{name}: is not set" for name in sorted(missing))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.upbit.com",
        "https://API.UPBIT.COM/",
        "https://api.upbit.com.:443",
        "https://sg-api.upbit.com/v1",
        "http://upbit.com",
    ],
)
def test_paper_never_talks_to_the_real_exchange(url):
    with pytest.raises(BadSetting, match=r"UPBIT_BASE_URL: .*upbit.com.* is the real exchange"):
        create_app(Settings.load(upbit_base_url=url))


def test_an_address_with_a_login_in_it_is_refused():
    with pytest.raises(BadSetting, match="UPBIT_BASE_URL: "):
        Settings.load(upbit_base_url="https://127.0.0.1@api.upbit.com")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8010", "http://paper:8010"])
def test_paper_talks_to_the_paper_exchange(url):
    assert create_stage(Settings.load(upbit_base_url=url)).readers == ["executor", "sale", "panic", "valuation"]


def test_paper_never_reads_the_keys_to_real_money(monkeypatch):
    def never(**_):
        raise AssertionError("the keys were read")

    monkeypatch.setattr("shared.settings.LiveKeys.load", never)
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "real")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "real")
    used = []
    monkeypatch.setattr(
        "services.executor.app.UpbitExchange", lambda *given, transport, odd: used.append(given) or FakeExchangeOfApp()
    )
    create_stage(Settings.load())
    ((_, access, secret),) = used
    assert (access, secret.get_secret_value()) == ("paper-access-key", "paper-secret-key-opens-pretend-money-only")


class FakeExchangeOfApp(FakeExchange):
    closing = holdings = None


@pytest.fixture
async def house(server, monkeypatch, tmp_path):
    """A broker, a bare connection, and the executor with a fake exchange."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    nc = await nats.connect(server.url)
    js = nc.jetstream()
    await topology.apply(js, Namespace())
    yield server, js
    await nc.close()


def a_stage(server, exchange):
    settings = Settings.load(nats_url=server.url)
    stage = Stage("executor", settings, on_fatal=lambda code, why: None)
    wire(stage, settings, exchange, FakePace())
    return stage


async def test_a_decision_becomes_one_order_however_often_it_is_delivered(house):
    server, js = house
    exchange = FakeExchange(["lose"])
    async with a_stage(server, exchange).running() as stage:
        for event in (due(), snapshot(), *decided()):
            await stage.log.emit(event)
        ended = await eventually(lambda: stage.log.load(ENDED))
        await js.delete_consumer("EV", "executor")  # forgets what was acknowledged: everything comes again
    await topology.apply(js, Namespace())
    async with a_stage(server, exchange).running() as stage:
        await eventually(lambda: acknowledged(js))
        intended = await stage.log.load(OrderIntended.subject_of(CYCLE))
        recorded = await stage.log.load(FillRecorded.subject_of(CYCLE))
        again = await stage.log.load(ENDED)
    assert exchange.requests == [CYCLE]
    assert ended.event.kind == "OrderFilled"
    assert (again.seq, again.event) == (ended.seq, ended.event)
    assert intended.seq < recorded.seq < ended.seq
    assert recorded.event.volume == exchange.orders[CYCLE].executed_volume == Decimal("0.0125")


async def test_the_owners_sale_comes_through_the_log_and_ends_once(house):
    server, js = house
    exchange, held = FakeExchange(), position(volume=Decimal("0.0125"), opened_by=CYCLE)
    sale = sale_due(position=held, at=AT)
    async with a_stage(server, exchange).running() as stage:
        await stage.log.emit(fill(position=held))
        await stage.log.emit(sale)
        ended = await eventually(lambda: stage.log.load(CycleEnded.places_of(sale.cycle)))
        await js.delete_consumer("EV", "sale")
    await topology.apply(js, Namespace())
    async with a_stage(server, exchange).running() as stage:
        await eventually(lambda: acknowledged(js, "sale"))
        assert await stage.log.load(CycleEnded.places_of(sale.cycle)) == ended
    assert (ended.event.kind, ended.event.reason_code) == ("OrderFilled", "EXIT_OWNER")
    assert len(exchange.requests) == 1


async def test_the_owners_panic_comes_through_the_log_and_sells_once(house):
    server, js = house
    exchange, held = FakeExchange(), position(volume=Decimal("0.0125"), opened_by=CYCLE)
    for _ in range(2):
        async with a_stage(server, exchange).running() as stage:
            await stage.log.emit(fill(position=held))
            await stage.log.emit(panic_due())
            ended = await eventually(lambda: stage.log.load(PanicEnded.places()))
            await eventually(lambda: acknowledged(js, "panic"))
        await js.delete_consumer("EV", "panic")  # everything comes again
        await topology.apply(js, Namespace())
    assert (len(exchange.requests), ended.event.undone) == (1, ())


class Slow(FakeExchange):
    """Sells nothing before it is told to."""

    def __init__(self):
        super().__init__()
        self.sells = asyncio.Event()

    async def place(self, approved, in_time=lambda: True):
        await self.sells.wait()
        return await super().place(approved, in_time)


async def test_the_backend_sees_whether_an_executor_listens_also_while_it_is_busy(house):
    server, js = house
    exchange, held = Slow(), position(volume=Decimal("0.0125"), opened_by=CYCLE)
    listens = Listeners(lambda: js._nc, Namespace())
    assert not await listens("panic")
    async with a_stage(server, exchange).running() as stage:
        await eventually(lambda: listens("panic"))
        await stage.log.emit(fill(position=held))
        await stage.log.emit(panic_due())
        await eventually(lambda: in_hand(js, "panic"))
        assert await listens("panic")
        exchange.sells.set()
        await eventually(lambda: stage.log.load(PanicEnded.places()))
    assert not await listens("panic")
    await js.delete_consumer("EV", "panic")  # as an older topology has it
    assert not await listens("panic")


async def test_a_message_in_the_hands_of_a_dead_executor_is_no_ear(house):
    _, js = house
    await js.publish(panic_due().subject, encode(panic_due()))
    dead = await js.pull_subscribe_bind(durable="panic", stream="EV")
    await dead.fetch(1)
    await dead.unsubscribe()
    assert await in_hand(js, "panic")
    assert not await Listeners(lambda: js._nc, Namespace())("panic")


async def in_hand(js, reader):
    return (await js.consumer_info("EV", reader)).num_ack_pending


async def acknowledged(js, reader="executor"):
    info = await js.consumer_info("EV", reader)
    return info.ack_floor.consumer_seq >= 1 and info.num_pending == 0


async def test_a_process_that_comes_back_to_an_intent_asks_and_does_not_send(house):
    server, _ = house
    exchange = FakeExchange()
    async with a_stage(server, exchange).running() as stage:
        for event in (due(), snapshot(), intent(), *decided()):
            await stage.log.emit(event)
        ended = await eventually(lambda: stage.log.load(ENDED))
    assert ended.event.kind == "OrderUnresolved"
    assert exchange.requests == []


async def test_a_paused_bot_refuses_and_a_resumed_one_orders(house):
    server, js = house
    switch, exchange = await Switch.open(js, Namespace()), FakeExchange()
    await switch.change(lambda _: DesiredState(status="paused", by="test"))
    other = "KRW-ETH-20260105T0400Z"
    async with a_stage(server, exchange).running() as stage:
        with structlog.testing.capture_logs() as lines:
            for event in (due(), snapshot(), *decided()):
                await stage.log.emit(event)
            (line,) = await eventually(lambda: [line for line in lines if line["event"] == "ended"])
        first = await stage.log.load(ENDED)
        assert (line["log_level"], line["how"], line["code"], line["why"]) == (
            "warning", "OrderDenied", "BOT_PAUSED", "봇이 일시정지된 상태입니다",
        )  # fmt: skip
        await switch.change(lambda _: DesiredState(status="running", by="test"))
        for event in (due(cycle=other), snapshot(cycle=other), *decided(cycle=other)):
            await stage.log.emit(event)
        second = await eventually(lambda: stage.log.load(CycleEnded.places_of(other)))
    assert isinstance(first.event, CycleEnded)
    assert (first.event.kind, first.event.reason_code) == ("OrderDenied", "BOT_PAUSED")
    assert second.event.kind == "OrderFilled"
    assert exchange.requests == [other]


async def test_what_another_bot_has_sold_meanwhile_is_not_sold_again(house):
    """Two copies of a data folder, one account: the coins that are left are the owner's own."""
    server, _ = house
    exchange, bought, sold = FakeExchange(), "KRW-ETH-20260105T0100Z", "KRW-ETH-20260105T0200Z"
    async with a_stage(server, exchange).running() as stage:
        await stage.log.emit(fill(cycle=bought, position=position(volume=Decimal("0.0125"), opened_by=bought)))
        await eventually(lambda: listed(exchange))  # the comparison of its start is over
        await exchange.place(Approved(Sell("KRW-ETH", sold, Decimal("0.0125")), _SEAL))
        for event in (due(), snapshot(), *decided(decision="sell")):
            await stage.log.emit(event)
        ended = await eventually(lambda: stage.log.load(ENDED))
    assert ended.event.reason_code == "FOREIGN_ORDER"
    assert exchange.requests == [sold]


async def listed(exchange):
    return exchange.lists > 0


@pytest.mark.parametrize(
    ("was", "becomes"), [("running", "paused"), ("exits-only", "paused"), ("paused", "paused"), ("stopped", "stopped")]
)
async def test_a_panic_pauses_a_running_bot_and_leaves_every_other_as_the_owner_left_it(house, was, becomes):
    server, js = house
    broker, log = make_broker(server.url, name="panic", namespace=Namespace())
    await broker.connect()
    bucket = await Switch.open(js, Namespace())
    await bucket.change(lambda _: DesiredState(status=was, by="owner"))
    switch = BucketSwitch(lambda: Switch.open(js, Namespace()), log, owner=True)
    assert await switch.pause("panic", AT) is (was != becomes)
    wish = await bucket.state()
    assert (wish.status, wish.by) == (becomes, "panic" if was != becomes else "owner")
    assert of_log(await bucket.log.commands()).status == "paused"  # whoever writes past the log resumes nobody
    await broker.stop()


async def test_without_the_switch_no_order_leaves(house):
    _, js = house
    await js.delete_stream("KV_bot")
    with pytest.raises(SwitchUnreachable):
        await BucketSwitch(lambda: Switch.open(js, Namespace()), None).status()


async def test_a_panic_without_the_log_is_told_to_it_without_waiting_for_a_decision(house, tmp_path, monkeypatch):
    server, js = house
    monkeypatch.setattr("services.executor.at_start._LOOK_S", 0.01)
    switch, journal = await Switch.open(js, Namespace()), Journal(tmp_path / "executor")
    async with a_stage(server, FakeExchange()).running():
        for _ in range(2):  # the first one may be met by what an executor does at its start
            journal.write(Paused(by="owner's panic", at=AT))
            await eventually(lambda: not journal.read().paused, within_s=20)
    assert of_log(await switch.log.commands()).by == "owner's panic"
    assert (await switch.state()).status == "paused"


async def test_an_executor_that_starts_anew_shows_what_the_last_valuation_found(house):
    server, _ = house
    async with a_stage(server, FakeExchange()).running() as before:
        await before.log.emit(differing(others=Decimal("0.5"), surplus=Decimal("0.5")))

    async def look(markets):
        raise AssertionError("nobody asked for a valuation")

    settings = Settings.load(nats_url=server.url)
    stage = Stage("executor", settings, on_fatal=lambda code, why: None)
    valuation(stage, look, wire(stage, settings, FakeExchange(), FakePace()))
    async with stage.running():
        assert 'account_surplus_coins{symbol="KRW-ETH"} 0.5' in stage.metrics.render().decode()
