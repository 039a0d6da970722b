"""`upcycle adopt` as a person types it; and the drill: an older copy of the broker's disk is put back."""

import asyncio
import shutil
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from services.backend.adapters.control import JetStreamControl
from services.cli.app import app
from services.executor.adapters.journal import Journal
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.adopt import CannotAdopt
from services.executor.app import valuation, wire
from services.executor.core.journal_lines import Identity
from services.local.nats_server import NatsServer, free_port
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.events import CycleEnded, OrderFound, PortfolioValued, ValuationDue
from shared.settings import Settings
from shared.stage import Stage
from shared.types import cycle_id, slot_name
from tests.support.builders import decided, decision, due, end, exit_due, intent, snapshot
from tests.support.paper_server import NOW, seat, seated
from tests.support.waiting import eventually

CYCLE, OTHER = cycle_id("KRW-ETH", NOW), cycle_id("KRW-BTC", NOW)


@pytest.fixture
def paper(tmp_path, monkeypatch):
    with seat() as at, seated(at, tmp_path, paper_limits="off") as running:
        monkeypatch.setenv("UPBIT_BASE_URL", running.url)
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
        yield running


def upcycle(url, *words):
    done = CliRunner().invoke(app, ["adopt", *words, "--nats", url], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def exchange_of(paper):
    return UpbitExchange(paper.url, paper.access_key, SecretStr(paper.secret_key))


@asynccontextmanager
async def connected(url):
    broker, events = make_broker(url, name="test", namespace=Namespace())
    async with broker:
        await topology.apply(broker.connection.jetstream(), Namespace())
        yield events


def rejected_and_forgotten(url, paper):
    """The log calls one order rejected that was made, and does not know another one."""

    async def put():
        exchange = exchange_of(paper)
        async with connected(url) as events, exchange.closing():
            await events.emit(due(cycle=CYCLE))
            await events.emit(decision(cycle=CYCLE))
            stored = await events.emit(intent(cycle=CYCLE, client_order_id=CYCLE))
            await events.emit(end("OrderRejected", cycle=CYCLE), after=stored.seq)
            for cycle in (CYCLE, OTHER):
                await exchange._upbit.orders.create(
                    market=cycle[:7], side="bid", ord_type="price", price="50000", identifier=cycle
                )

    asyncio.run(put())


def ledger(url):
    async def read():
        async with connected(url) as events:
            return await EventOrderLog(events).ledger()

    return asyncio.run(read())


def opened(url):
    """A log with nothing in it."""

    async def open_log():
        async with connected(url):
            pass

    asyncio.run(open_log())


def test_nothing_to_adopt_is_said(server, paper):
    opened(server.url)
    assert "nothing is to be adopted" in upcycle(server.url)
    assert upcycle(server.url, "--all") == "the log lacks no order now\n"


def test_adopting_while_nothing_runs_says_how_to_start_what_must_be_asked(server, paper, tmp_path, monkeypatch):
    monkeypatch.setenv("UPBIT_BASE_URL", f"http://127.0.0.1:{free_port()}")
    opened(server.url)
    done = CliRunner().invoke(app, ["adopt", "--nats", server.url])
    said = str(done.exception)
    assert "the exchange cannot be asked" in said
    assert said.endswith(f"upcycle up --data-dir {tmp_path / 'data'}, then adopt beside it")


def test_each_order_is_shown_with_what_the_exchange_says_and_adopted_one_by_one(server, paper):
    rejected_and_forgotten(server.url, paper)
    shown = upcycle(server.url)
    assert f"{CYCLE}  buy, id {CYCLE}, the log says OrderRejected\n  the exchange: cancel, executed 0.01249" in shown
    assert f"{OTHER}  buy, id {OTHER}, the log does not know it" in shown
    assert f"  adopt it: upcycle adopt {CYCLE}" in shown

    assert f"{CYCLE} is adopted: 0.01249" in upcycle(server.url, CYCLE)
    with pytest.raises(CannotAdopt, match="no order that the log lacks"):
        upcycle(server.url, CYCLE)
    assert f"{OTHER} is adopted" in upcycle(server.url, "--all")

    known = ledger(server.url)
    assert known.found == {}
    orders = {order.identifier: order for order in paper.exchange.orders()}
    for cycle in (CYCLE, OTHER):
        assert known.held(cycle[:7]).volume == orders[cycle].volume > 0


def test_what_a_panic_did_comes_into_the_log_before_anything_is_adopted(server, paper, tmp_path):
    rejected_and_forgotten(server.url, paper)
    begun = exit_due(cycle="KRW-ETH-20260105T031500Z-panic", rule="panic")
    Journal(tmp_path / "data" / "executor").write(Identity(installation="", mode="paper"), begun)
    with pytest.raises(BadRequest, match="a panic is not in the log yet"):
        upcycle(server.url, "--all")
    assert ledger(server.url).executed == {}


def test_what_is_asked_wrongly_is_refused_with_a_sentence(server, paper):
    with pytest.raises(BadRequest, match="is no cycle id"):
        upcycle(server.url, "KRW-ETH")
    with pytest.raises(BadRequest, match="--all"):
        upcycle(server.url, CYCLE, "--all")


# --- the drill -----------------------------------------------------------------------------------


class Bot:
    """An executor in this process, on a broker whose disk can be copied and put back."""

    def __init__(self, server, paper, folder):
        self.server, self.paper, self.folder = server, paper, folder
        self.slots = 0

    @asynccontextmanager
    async def running(self, *, resume=False):
        settings = Settings.load(
            nats_url=self.server.url, data_dir=self.folder, upbit_base_url=self.paper.url, order_lookup_s=1,
            position_max_krw=10_000_000, cooldown_after_loss_min=1,
        )  # fmt: skip
        stage, exchange = Stage("executor", settings, on_fatal=lambda code, why: None), exchange_of(self.paper)
        valuation(stage, exchange.holdings, wire(stage, settings, exchange, MachinePace()))
        async with connected(self.server.url) as events, exchange.closing(), stage.running():
            js = events._broker.connection.jetstream()
            if resume:
                switch = await Switch.open(js, Namespace())
                control = JetStreamControl(switch, events, SystemClock(), lambda _: None, enabled=True)
                await control.give("resume", "owner")
            yield events

    async def trade(self, events, side, market="KRW-ETH"):
        """One cycle; its end."""
        self.slots += 1
        slot = NOW + timedelta(hours=self.slots)
        cycle, exchange = cycle_id(market, slot), exchange_of(self.paper)
        async with exchange.closing():
            conditions = await exchange.conditions(market)
        await events.emit(due(cycle=cycle, slot_at=slot, settings={"TRADING_MODE": "paper"}))
        await events.emit(snapshot(cycle=cycle, at=conditions.book.at, book=conditions.book))
        for event in decided(cycle=cycle, decision=side, price=conditions.book.levels[0].bid_price):
            await events.emit(event)
        stored = await eventually(lambda: events.load(CycleEnded.places_of(cycle)))
        return stored.event

    def restore(self, copy):
        """As a power cut leaves it; the journal is not the broker's."""
        self.server.kill()
        shutil.rmtree(self.server.store)
        shutil.copytree(copy, self.server.store)
        self.server.start()


def account(paper):
    rows = {row["currency"]: Decimal(row["balance"]) + Decimal(row["locked"]) for row in paper.exchange.account.rows()}
    return defaultdict(Decimal, rows)


@pytest.mark.parametrize(("journal", "code"), [("kept", "BOT_PAUSED"), ("lost", "FOREIGN_ORDER")])
def test_an_older_copy_of_the_brokers_disk_is_put_back_and_adopt_makes_books_and_exchange_agree(
    tmp_path, paper, journal, code
):
    copy = tmp_path / "copy"
    with NatsServer(tmp_path / "nats") as server:
        bot = Bot(server, paper, tmp_path / "data")

        async def begin():
            async with bot.running() as events:
                assert (await bot.trade(events, "buy")).kind == "OrderFilled"

        async def trade_on():
            async with bot.running() as events:
                ends = [await bot.trade(events, "buy", market) for market in ("KRW-ETH", "KRW-BTC")]
                ends.append(await bot.trade(events, "sell"))  # at a loss
                assert {end.kind for end in ends} == {"OrderFilled"}

        async def after_it_was_put_back():
            bot.slots = 10
            async with bot.running() as events:
                denied = await bot.trade(events, "buy")
                assert (denied.kind, denied.reason_code) == ("OrderDenied", code)
                assert (await bot.trade(events, "sell", "KRW-BTC")).reason_code == code

        async def adopted():
            async with bot.running(resume=journal == "kept") as events:
                assert (await bot.trade(events, "buy")).reason_code == "COOLDOWN_AFTER_LOSS"  # the loss is known again
                assert (await bot.trade(events, "sell", "KRW-BTC")).kind == "OrderFilled"

        asyncio.run(begin())
        server.stop()
        shutil.copytree(server.store, copy)
        server.start()
        asyncio.run(trade_on())
        bot.restore(copy)
        if journal == "lost":
            shutil.rmtree(bot.folder / "executor")
        asyncio.run(after_it_was_put_back())
        assert len(ledger(server.url).found) == 3
        assert ("was put back from an older copy" in upcycle(server.url)) == (journal == "kept")
        assert ("the log is accepted as it stands" in upcycle(server.url, "--all")) == (journal == "kept")
        assert agree(server, paper)["BTC"] > 0
        asyncio.run(adopted())
        agree(server, paper)


def agree(server, paper):
    """Positions of the books and coins of the account, to the last digit; and no order is left."""
    known, coins = ledger(server.url), account(paper)
    assert known.found == {}
    for market in ("KRW-ETH", "KRW-BTC"):
        assert known.held(market).volume == coins[market.removeprefix("KRW-")]
    return coins


async def test_a_valuation_finds_what_the_start_did_not_see(server, paper, tmp_path):
    bot = Bot(server, paper, tmp_path / "data")
    async with bot.running() as events:
        assert (await bot.trade(events, "buy")).kind == "OrderFilled"
        exchange = exchange_of(paper)
        async with exchange.closing():
            await exchange._upbit.orders.create(
                market="KRW-BTC", side="bid", ord_type="price", price="50000", identifier=OTHER
            )
        slot = slot_name(NOW)
        await events.emit(ValuationDue(slot=slot, slot_at=NOW, markets=("KRW-ETH", "KRW-BTC")))
        found = await eventually(lambda: events.load(OrderFound.subject_of(OTHER)))
        assert found.event.log_says == ""
        first = await eventually(lambda: events.load(PortfolioValued.SUBJECT.format(slot=slot)))
        known = {coin.market: (coin.others, coin.surplus) for coin in first.event.holdings}
        assert known == {"KRW-ETH": (0, 0), "KRW-BTC": (None, 0)}  # what was found explains it

        exchange = exchange_of(paper)
        async with exchange.closing():
            await exchange._upbit.orders.create(
                market="KRW-ETH", side="bid", ord_type="price", price="50000", identifier="the-owners-own"
            )
        later = NOW + timedelta(hours=1)
        await asyncio.to_thread(paper.move, later)
        await events.emit(ValuationDue(slot=slot_name(later), slot_at=later, markets=("KRW-ETH", "KRW-BTC")))
        second = await eventually(lambda: events.load(PortfolioValued.SUBJECT.format(slot=slot_name(later))))
        assert second.event.holdings[0].surplus == paper.exchange.orders()[-1].volume > 0
