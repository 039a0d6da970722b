"""Five markets at the same hour, against the paper exchange with Upbit's quotas: the collector is never refused."""

from asyncio import gather
from datetime import UTC, datetime, timedelta

import httpx
import polars as pl

from services.collector.adapters.upbit_market import UpbitMarket
from services.collector.core import snapshot
from services.paper.app import create_app
from services.paper.core.quotas import Quotas
from shared.candles import SCHEMA
from shared.settings import Settings
from shared.upbit_pacing import PacedTransport
from tests.support.fake_time import FakeTime

NOON = datetime(2025, 9, 2, 12, tzinfo=UTC)
MARKETS = ("KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE")


async def look(exchange, market):
    """What a look at one market asks for, all of it at once."""
    await gather(
        exchange.order_book(market),
        exchange.balances(market),
        exchange.last_price(market),
        exchange.is_warned(market),
        *(exchange.candles(of, unit_min, to=NOON, count=200) for of, unit_min in snapshot.windows(market)),
    )


async def test_five_markets_three_times_in_a_row_meet_no_429(tmp_path):
    rows = [(NOON + timedelta(hours=n - 36), 1000.0, 1000.0, 1000.0, 1000.0, 5.0) for n in range(48)]
    for market in MARKETS:
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(tmp_path / f"{market}.parquet")
    settings = Settings.load(
        data_dir=tmp_path,
        paper_tape=",".join(str(tmp_path / f"{market}.parquet") for market in MARKETS),
        paper_clock="stepped",
        tape_from=NOON.isoformat(),
    )
    app, time, statuses = create_app(settings), FakeTime(), []
    app.state.quotas = Quotas(time.now)

    class Counted(httpx.ASGITransport):
        async def handle_async_request(self, request):
            answer = await super().handle_async_request(request)
            statuses.append(answer.status_code)
            return answer

    exchange = UpbitMarket(
        base_url="http://paper.test",
        access_key=settings.paper_access_key,
        secret_key=settings.paper_secret_key.get_secret_value(),
        transport=PacedTransport(Counted(app), now=time.now, sleep=time.sleep),
    )
    async with exchange:
        for _ in range(3):
            await gather(*(look(exchange, market) for market in MARKETS))
    app.state.exchange.close()
    assert set(statuses) == {200}
    assert len(statuses) == 3 * (4 * 5 + 6 * 4 + 3)
    assert time.at - 1000 < 30
