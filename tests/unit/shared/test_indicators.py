"""Indicators against published tables, and where a market stands still."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from shared.candles import SCHEMA
from shared.indicators import atr, bollinger, ema, macd, rsi, sma, stochastic, volume_ratio

START = datetime(2026, 1, 1, tzinfo=UTC)


def candles(closes, *, spread=1.0, volumes=None):
    n = len(closes)
    return pl.DataFrame(
        {
            "open_time": [START + timedelta(hours=i) for i in range(n)],
            "open": [float(c) for c in closes],
            "high": [c + spread for c in closes],
            "low": [c - spread for c in closes],
            "close": [float(c) for c in closes],
            "volume": [float(v) for v in volumes] if volumes else [1.0] * n,
        },
        schema=SCHEMA,
    )


@pytest.fixture
def tables(data_dir):
    return data_dir / "indicators" / "chartschool"


def test_rsi_is_the_published_one(tables):
    table = pl.read_csv(tables / "rsi14_wilder.csv").with_columns(ours=rsi()).drop_nulls("rsi14_wilder")
    assert table.height >= 19
    assert table["ours"].to_list() == pytest.approx(table["rsi14_wilder"].to_list(), abs=1e-6)


def test_bollinger_is_the_published_one(tables):
    table = pl.read_csv(tables / "cs-bbands.csv").with_columns(bollinger("Close").alias("b")).unnest("b")
    table = table.drop_nulls("MiddleBand")
    for ours, theirs in (("upper", "HighBand"), ("middle", "MiddleBand"), ("lower", "LowBand")):
        assert table[ours].to_list() == pytest.approx(table[theirs].to_list(), abs=1e-6)


def test_macd_is_the_published_one_once_its_start_is_forgotten(tables):
    table = pl.read_csv(tables / "macd_12_26_9.csv").with_columns(macd().alias("m")).unnest("m")[120:]
    assert table.height > 0
    assert table["macd"].to_list() == pytest.approx(table["macd_sma_seed"].to_list(), abs=1e-3)
    assert table["signal"].to_list() == pytest.approx(table["signal_sma_seed"].to_list(), abs=1e-3)


def test_atr_is_the_published_one_from_its_first_row(tables):
    table = pl.read_csv(tables / "cs-atr.csv").rename({"High": "high", "Low": "low", "Close": "close"})
    table = table.with_columns(ours=atr())
    assert table["ours"].null_count() == 13  # the table writes zero where it is not defined
    told = table.drop_nulls("ours")
    assert told["ours"].to_list() == pytest.approx(told["ATR"].to_list(), abs=1e-3)


def test_stochastic_by_hand():
    frame = candles([1, 2, 3, 4, 3, 2], spread=0.0)
    k = frame.select(stochastic(n=3, smooth=1, signal=2).alias("s")).unnest("s")
    assert k["k"].to_list() == [None, None, 100.0, 100.0, 0.0, 0.0]
    assert k["d"].to_list() == [None, None, None, 100.0, 50.0, 0.0]


def test_averages_by_hand():
    frame = candles([1, 2, 3, 4, 8]).select(sma=sma(3), ema=ema(3))
    assert frame["sma"].to_list() == [None, None, 2.0, 3.0, 5.0]
    assert frame["ema"].to_list() == [None, None, 2.0, 3.0, 5.5]  # half of the new, half of the old


def test_volume_is_told_against_the_candles_before_it():
    frame = candles([1, 1, 1, 1], volumes=[2, 4, 9, 0]).select(r=volume_ratio(2))
    assert frame["r"].to_list() == [None, None, 3.0, 0.0]
    assert candles([1, 1, 1], volumes=[0, 0, 5]).select(r=volume_ratio(2))["r"].to_list() == [None, None, None]


def test_a_market_that_never_moved_is_neither_oversold_nor_overbought():
    frame = candles([5] * 40, spread=0.0).select(rsi=rsi(), k=stochastic().struct.field("k"))
    assert frame["rsi"].to_list() == [None] * 40
    assert frame["k"].to_list() == [None] * 40


@pytest.mark.parametrize("rows", [0, 1, 2, 13])
def test_too_few_candles_give_null_not_an_error(rows):
    frame = candles(list(range(10, 10 + rows)))
    told = frame.select(
        rsi=rsi(), atr=atr(), sma=sma(20), ema=ema(20), ratio=volume_ratio(), k=stochastic().struct.field("k"),
        macd=macd().struct.field("macd"), upper=bollinger().struct.field("upper"),
    )  # fmt: skip
    assert told.height == rows
    assert all(told[name].null_count() == rows for name in told.columns)
