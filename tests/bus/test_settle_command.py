"""`upcycle settle` as a person types it, over a real broker and a paper exchange."""

import asyncio
from decimal import Decimal

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from services.cli.app import app
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.settle import CannotSettle
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.errors import BadRequest
from shared.types import cycle_id
from tests.support.builders import decision, due, end, intent
from tests.support.paper_server import NOW, seat, seated

CYCLE, OTHER = cycle_id("KRW-ETH", NOW), cycle_id("KRW-BTC", NOW)


@pytest.fixture
def paper(tmp_path, monkeypatch):
    with seat() as at, seated(at, tmp_path) as running:
        monkeypatch.setenv("UPBIT_BASE_URL", running.url)
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
        yield running


@pytest.fixture
def upcycle(server, paper):
    def run(*words):
        done = CliRunner().invoke(app, ["settle", *words, "--nats", server.url], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def left_open(server, paper, *cycles, ordered=()):
    """Cycles that ended without anybody knowing what became of their order; some of them did reach the exchange."""

    async def put():
        broker, events = make_broker(server.url, name="test", namespace=Namespace())
        exchange = UpbitExchange(paper.url, paper.access_key, SecretStr(paper.secret_key))
        async with broker, exchange.closing():
            await topology.apply(broker.connection.jetstream(), Namespace())
            for cycle in cycles:
                await events.emit(due(cycle=cycle))
                await events.emit(decision(cycle=cycle))
                stored = await events.emit(intent(cycle=cycle, client_order_id=cycle))
                await events.emit(end("OrderUnresolved", cycle=cycle, client_order_id=cycle), after=stored.seq)
            for cycle in ordered:
                market = cycle[:7]
                await exchange._upbit.orders.create(
                    market=market, side="bid", ord_type="price", price="50000", identifier=cycle
                )

    asyncio.run(put())


def books(server):
    async def read():
        broker, events = make_broker(server.url, name="test", namespace=Namespace())
        async with broker:
            return await EventOrderLog(events).ledger()

    return asyncio.run(read())


def test_nothing_to_settle_is_said(server, paper, upcycle):
    left_open(server, paper)
    assert upcycle() == "no order of unknown outcome: nothing is to be settled\n"


def test_each_order_is_shown_with_what_the_exchange_says_and_settled_one_by_one(server, paper, upcycle, monkeypatch):
    left_open(server, paper, CYCLE, OTHER, ordered=[CYCLE])
    shown = upcycle()
    assert f"{CYCLE}  buy for 50,000 won, id {CYCLE}\n  the exchange: cancel, executed 0.01249" in shown
    assert f"  settle it: upcycle settle {CYCLE}" in shown
    assert "the exchange: HTTP 404 order_not_found\n  the exchange has no such order; look for it" in shown

    assert f"{CYCLE} is settled: 0.01249" in upcycle(CYCLE)
    with pytest.raises(CannotSettle, match="--not-there"):
        upcycle(OTHER)
    with pytest.raises(CannotSettle, match="may still arrive"):
        upcycle(OTHER, "--not-there")
    monkeypatch.setattr("services.executor.settle.IN_DOUBT_S", 0.0)  # two minutes later
    assert "nothing was executed" in upcycle(OTHER, "--not-there")

    known = books(server)
    assert (known.stuck, known.open) == ({}, {})
    (order,) = paper.exchange.orders()
    assert known.held("KRW-ETH").volume == order.volume > Decimal(0)
    assert known.held("KRW-BTC").volume == 0
    with pytest.raises(CannotSettle, match="no order of unknown outcome"):
        upcycle(CYCLE)


def test_what_is_no_cycle_is_refused_with_a_sentence(upcycle):
    with pytest.raises(BadRequest, match="is no cycle id"):
        upcycle("KRW-ETH")
    with pytest.raises(BadRequest, match="name the cycle"):
        upcycle("--not-there")
