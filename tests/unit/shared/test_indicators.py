"""Indicators against published tables, against plain loops, and where a market stands still."""

from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest

from shared import indicators
from shared.candle_arrays import CandleArrays
from shared.candles import SCHEMA
from tests.support import slow_indicators as slow

START = datetime(2026, 1, 1, tzinfo=UTC)
WARM = 120


def candles(closes, *, spread=1.0, volumes=None):
    return bars([(c + spread, c - spread, c) for c in closes], volumes)


def bars(rows, volumes=None):
    """Candles of (high, low, close)."""
    return pl.DataFrame(
        {
            "open_time": [START + timedelta(hours=i) for i in range(len(rows))],
            "open": [float(close) for _, _, close in rows],
            "high": [float(high) for high, _, _ in rows],
            "low": [float(low) for _, low, _ in rows],
            "close": [float(close) for _, _, close in rows],
            "volume": [float(v) for v in volumes] if volumes else [1.0] * len(rows),
        },
        schema=SCHEMA,
    )


def table(frame):
    """As columns beside each other, null where not defined."""
    return pl.DataFrame(indicators.table(CandleArrays.of(frame))).fill_nan(None)


@pytest.fixture
def tables(data_dir):
    return data_dir / "indicators" / "chartschool"


def test_rsi_is_the_published_one(tables):
    published = pl.read_csv(tables / "rsi14_wilder.csv")
    ours = table(candles(published["close"].to_list()))["rsi"]
    told = published.with_columns(ours=ours).drop_nulls("rsi14_wilder")
    assert told.height >= 19
    assert told["ours"].to_list() == pytest.approx(told["rsi14_wilder"].to_list(), abs=1e-6)


def test_bollinger_is_the_published_one(tables):
    published = pl.read_csv(tables / "cs-bbands.csv")
    told = published.hstack(table(candles(published["Close"].to_list()))).drop_nulls("MiddleBand")
    for ours, theirs in (("upper", "HighBand"), ("middle", "MiddleBand"), ("lower", "LowBand")):
        assert told[f"bollinger_{ours}"].to_list() == pytest.approx(told[theirs].to_list(), abs=1e-6)


def test_macd_is_the_published_one_once_its_start_is_forgotten(tables):
    published = pl.read_csv(tables / "macd_12_26_9.csv")
    ours, theirs = table(candles(published["close"].to_list()))[WARM:], published[WARM:]
    assert theirs.height > 0
    assert ours["macd"].to_list() == pytest.approx(theirs["macd_sma_seed"].to_list(), abs=1e-3)
    assert ours["macd_signal"].to_list() == pytest.approx(theirs["signal_sma_seed"].to_list(), abs=1e-3)


def test_atr_is_the_published_one_from_its_first_row(tables):
    published = pl.read_csv(tables / "cs-atr.csv")
    ours = table(bars(published.select("High", "Low", "Close").rows()))["atr"]
    assert ours.null_count() == 13  # the table writes zero where it is not defined
    assert ours[13:].to_list() == pytest.approx(published["ATR"][13:].to_list(), abs=1e-3)


def walk(n=400, seed=1):
    chance, price, rows, volumes = Random(seed), 100.0, [], []
    for _ in range(n):
        price *= 1 + chance.gauss(0, 0.01)
        rows.append((price * (1 + chance.random() / 100), price * (1 - chance.random() / 100), price))
        volumes.append(1 + chance.random())
    return rows, volumes


def real(data_dir):
    hours = pl.read_parquet(data_dir / "candles" / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")[-400:]
    return [(h / 1e4, low / 1e4, c / 1e4) for h, low, c in hours.select("high", "low", "close").rows()], hours[
        "volume"
    ].to_list()


@pytest.mark.parametrize("source", ["made up", "real"])
def test_every_indicator_equals_plain_loops_once_warm(source, request):
    rows, volumes = walk() if source == "made up" else real(request.getfixturevalue("data_dir"))
    highs, lows, closes = map(list, zip(*rows, strict=True))
    upper, middle, lower = slow.bollinger(closes)
    line, signal, histogram = slow.macd(closes)
    k, d = slow.stochastic(highs, lows, closes)
    expected = {
        "rsi": slow.rsi(closes),
        "macd": line, "macd_signal": signal, "macd_histogram": histogram,
        "bollinger_upper": upper, "bollinger_middle": middle, "bollinger_lower": lower,
        "bollinger": [u and (c - b) / (u - b) for c, u, b in zip(closes, upper, lower, strict=True)],
        "stochastic_k": k, "stochastic_d": d,
        "atr": slow.atr(highs, lows, closes),
        **{f"sma_{n}": slow.sma(closes, n) for n in (5, 20, 50, 120)},
        **{f"ema_{n}": slow.ema(closes, n) for n in (12, 26)},
        "volume_ratio": slow.volume_ratio(volumes), "volume_trend": slow.volume_trend(volumes),
        "return_1": slow.change(closes, 1), "return_24": slow.change(closes, 24),
    }  # fmt: skip
    ours = table(bars(rows, volumes))
    assert set(ours.columns) == set(expected)
    for name, values in expected.items():
        assert ours[name][WARM:].to_list() == pytest.approx(values[WARM:], abs=1e-6, rel=1e-6), name
        if name != "macd":  # TA-Lib tells the line no sooner than its signal
            assert ours[name].null_count() == values.count(None), name


def test_a_later_candle_changes_no_row_before_it():
    rows, volumes = walk(200)
    assert table(bars(rows, volumes))[:150].equals(table(bars(rows[:150], volumes[:150])))


def test_averages_and_returns_by_hand():
    told = table(candles([1, 2, 3, 4, 8, 9]))
    assert told["sma_5"].to_list() == [None] * 4 + [3.6, 5.2]
    assert told["return_1"].to_list() == [None, 1.0, 0.5, 4 / 3 - 1, 1.0, 0.125]


def test_volume_is_told_against_the_candles_before_it():
    told = table(candles([1] * 25, volumes=[2] * 20 + [6, 0, 2, 2, 10]))
    assert told["volume_ratio"].to_list()[19:22] == [None, 3.0, 0.0]
    assert told["volume_trend"].to_list()[23:] == [None, 2.0]
    assert table(candles([1] * 21, volumes=[0] * 20 + [5]))["volume_ratio"].to_list() == [None] * 21


def test_a_market_that_never_moved_is_neither_oversold_nor_overbought():
    told = table(candles([5] * 40, spread=0.0))
    for name in ("rsi", "stochastic_k", "bollinger"):
        assert told[name].to_list() == [None] * 40


@pytest.mark.parametrize("rows", [0, 1, 2, 13])
def test_too_few_candles_give_null_not_an_error(rows):
    told = table(candles(list(range(10, 10 + rows))))
    assert told.height == rows
    assert all(told[name].null_count() == rows for name in ("rsi", "macd", "atr", "sma_20", "ema_26", "stochastic_k"))
