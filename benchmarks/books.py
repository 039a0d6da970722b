"""The books on PostgreSQL, every commit on the disk: built again, written live, asked with a million trades in them.

`make bench-books`; exits 1 above a bar.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats
from sqlalchemy import text

from benchmarks.figures import Figure, Found
from benchmarks.run import run
from infra.migrations.run import upgrade
from services.backend.adapters.prometheus import OwnersMetrics
from services.backend.adapters.read_model import ReadModel
from services.backend.adapters.sql_books import SqlBooks
from services.cli.commands.db import booked_from
from services.local.nats_server import NatsServer
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.bus.wire import encode
from shared.clock import monotonic
from shared.db import make_engine
from shared.events import Event
from shared.telemetry import Metrics
from shared.types import cycle_id
from shared.writing import whole
from tests.support import builders as make
from tests.support.postgres import database, postgres

CYCLES, LIVE, TRADES, ASKED = 1500, 300, 1_000_000, 60
AT = datetime(2026, 1, 5, tzinfo=UTC)
_MANY = """
insert into trades (id, symbol, side, price, amount, total_krw, fee, ai_decision, ai_confidence, created_at,
                    updated_at, cycle, funds_exact, fee_exact, held_volume, held_cost)
select n, (array['KRW-ETH', 'KRW-BTC', 'KRW-XRP'])[1 + n % 3], (array['buy', 'sell'])[1 + n % 2], 4000000,
       0.0125, 50000, 25, 'RSI', 'high', timestamptz '2016-01-01' + n * interval '5 minutes', now(),
       'bench-' || n, 50000, 25, 0, 0
from generate_series(1, :trades) n
"""
_SUMS = """
insert into trade_figures (period, symbol, side, opened_for, reason_code, trades, volume, fees, profit, wins, slippage)
select 'all', symbol, side, '', '', count(*), sum(funds_exact), sum(fee_exact), 0, 0, 0 from trades
group by symbol, side
"""


def cycle(n: int) -> list[Event]:
    name = cycle_id("KRW-ETH", AT + n * timedelta(hours=1))
    fill = make.fill(cycle=name, executed_at=AT + n * timedelta(hours=1))
    begun = [make.due(cycle=name), make.snapshot(cycle=name), make.passed(cycle=name), make.decision(cycle=name)]
    return [*begun, make.intent(cycle=name), fill, make.end("OrderFilled", cycle=name)]


async def rebuild(url: str) -> float:
    """Events a second, out of a real broker into the database."""
    upgrade(url)
    engine = make_engine(url)
    with tempfile.TemporaryDirectory() as folder, NatsServer(Path(folder) / "nats", sync="2m") as server:
        nc = await nats.connect(server.url)
        js = nc.jetstream()
        await topology.apply(js, Namespace())
        for n in range(CYCLES):
            await asyncio.gather(*(js.publish(event.subject, encode(event)) for event in cycle(n)))
        began = monotonic()
        booked = await booked_from(Records(nc, Namespace()), engine)
        seconds = monotonic() - began
        await nc.close()
    await engine.dispose()
    return booked / seconds


async def live(url: str) -> float:
    """Events a second, each in a transaction of its own."""
    upgrade(url)
    engine = make_engine(url)
    ledger, events = ReadModel(engine), [event for n in range(LIVE // 7 + 1) for event in cycle(n)]
    began = monotonic()
    for seq, event in enumerate(events, 1):
        await ledger.last_seq()  # as the projection asks
        await ledger.apply(event, seq, AT, after=seq - 1)
    seconds = monotonic() - began
    await engine.dispose()
    return len(events) / seconds


async def asked(url: str) -> dict[str, float]:
    """p95 in ms of each question to books with a million trades."""
    upgrade(url)
    engine = make_engine(url)
    async with engine.begin() as db:
        await db.execute(text(_MANY), {"trades": TRADES})
        await db.execute(text(_SUMS))
        await db.execute(text("insert into read_state values (1, 1)"))
    async with engine.connect() as raw:
        await (await raw.execution_options(isolation_level="AUTOCOMMIT")).execute(text("vacuum analyze"))
    books = SqlBooks(engine)
    metrics = OwnersMetrics(Metrics(), books, lambda: True, ("KRW-ETH",))
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "trades?limit=50": lambda: books.trades(limit=50, offset=0, symbol=None, side=None),
        "trades?limit=50&offset=900000": lambda: books.trades(limit=50, offset=900_000, symbol=None, side=None),
        "trades?limit=50&symbol=KRW-XRP&side=sell": lambda: books.trades(
            limit=50, offset=0, symbol="KRW-XRP", side="sell"
        ),
        "trades/stats": lambda: books.stats("day"),
        "metrics": metrics.render,
    }
    found = {}
    for name, ask in questions.items():
        took = sorted([await timed(ask) for _ in range(ASKED)])
        found[name] = took[int(ASKED * 0.95)]
    await engine.dispose()
    return found


async def timed(ask: Callable[[], Awaitable[object]]) -> float:
    began = monotonic()
    await ask()
    return 1000 * (monotonic() - began)


def find() -> Found:
    figures = []
    with postgres(sync=True) as server:
        for name, measure, bar in (("rebuild", rebuild, 2000), ("live", live, 100)):
            with database(server) as url:
                speed = asyncio.run(measure(url))
            figures.append(Figure(name=name, value=speed, unit="events a second", bar=bar, bar_is="least"))
        with database(server) as url:
            took = asyncio.run(asked(url))
    print(f"questions: p95 of {ASKED}, {whole(TRADES)} trades")
    bars_ms = {"metrics": 50, "trades?limit=50": 20}
    figures += [Figure(name=name, value=ms, unit="ms", bar=bars_ms.get(name, 150)) for name, ms in took.items()]
    return Found(figures=tuple(figures))


if __name__ == "__main__":
    run(find)
