"""A snapshot is the same whatever comes after its slot."""

from datetime import timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.core.snapshot import Context, ExchangeData, HazardLimits, assemble, windows
from shared.candle_arrays import CandleArrays
from shared.candles import PRICES, closed_before
from shared.events import Absent
from shared.types import Price
from tests.support.builders import AT, balances, book, candles, due

FUTURE = 40  # candles of every window that have not closed


def snapshot_of(frames):
    return assemble(
        due(),
        ExchangeData(book(at=AT + timedelta(seconds=2)), balances(), Price(Decimal(4_000_000)), warning=False),
        Context(position=None, past=(), fear_greed=Absent(absent="a test"), history_digest="0123456789abcdef"),
        frames,
        HazardLimits(btc_drop_1h=0.03, btc_drop_24h=0.10, crash_sigma=6),
    )


def frames_with(change):
    """Every window with its future changed; a day's forming candle belongs to it."""
    found = {}
    for market, unit_min in windows("KRW-ETH"):
        unit = timedelta(minutes=unit_min)
        begins = AT - AT.replace(tzinfo=None).minute * timedelta(minutes=1) - 200 * unit
        begins = begins.replace(hour=0) if unit_min == 1440 else begins
        frame = candles(200 + FUTURE, start=begins, unit=unit)
        past = closed_before(frame, AT, unit)
        found[market, unit_min] = CandleArrays.of(pl.concat([past, change(frame[len(past) :])]))
    return found


@settings(deadline=None, max_examples=25)
@given(st.integers(0, FUTURE), st.integers(0, 999), st.floats(0.2, 5))
def test_a_future_cut_off_shuffled_or_dearer_changes_no_snapshot(known, seed, factor):
    def bent(future):
        values = future.drop("open_time").sample(fraction=1.0, shuffle=True, seed=seed)
        return pl.concat([future.select("open_time"), values], how="horizontal").with_columns(pl.col(*PRICES) * factor)

    whole = snapshot_of(frames_with(lambda future: future))
    assert snapshot_of(frames_with(lambda future: future[:known])) == whole
    assert snapshot_of(frames_with(bent)) == whole
