"""No decision of the filter knows what comes after it."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from services.filter.adapters.archived_years import ArchivedYears
from services.filter.core.breakout import Rule
from services.filter.core.gate import StrategyGate
from services.filter.handler import FilterHandler
from shared.candles import PRICES, SCHEMA, check
from tests.support.builders import snapshot
from tests.support.histories import kept

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
price = st.integers(90, 110)


@st.composite
def histories(draw):
    """Up to eight days with holes, beginning with a bar."""
    at = sorted({0} | draw(st.sets(st.integers(1, 8 * 24 - 1), min_size=2, max_size=80)))
    bars = [draw(st.tuples(price, price, price)) for _ in at]
    rows = [
        (START + h * HOUR, float(b[0]), float(max(b)), float(min(b)), float(b[2]), 1.0)
        for h, b in zip(at, bars, strict=True)
    ]
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="test")


async def decided(frame, at):
    """The filter's signal."""
    archive, digest = await kept(frame)
    handler = FilterHandler(
        ArchivedYears(archive),
        StrategyGate(win_rate_min=0.5),
        "entries",
        Rule(k=0.25, fee_rate=0.0005, slippage=0.0005),
    )
    signal = await handler(snapshot(at=at, history_digest=digest))
    return signal.model_dump_json()


@settings(deadline=None, max_examples=40)
@given(histories(), st.integers(1, 8 * 24), st.integers(0, 59), st.integers(0, 999))
async def test_cutting_the_future_off_or_shuffling_it_changes_no_decision(frame, hour, minute, seed):
    at = START + hour * HOUR + timedelta(minutes=minute)
    closed = pl.col("open_time") + HOUR <= at
    past, future = frame.filter(closed), frame.filter(~closed)
    values = future.drop("open_time").sample(fraction=1.0, shuffle=True, seed=seed).with_columns(pl.col(*PRICES) * 2)
    shuffled = pl.concat([past, pl.concat([future.select("open_time"), values], how="horizontal")])
    whole = await decided(frame, at)
    assert await decided(past if len(past) else frame, at) == whole
    assert await decided(shuffled, at) == whole
