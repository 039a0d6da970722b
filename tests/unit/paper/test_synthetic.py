"""The synthetic tape: the same everywhere, and shaped so that indicators buy and sell."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.paper.adapters.synthetic import make_tape, write_tape
from services.paper.adapters.tape_file import load_tapes
from services.paper.adapters.tape_settings import open_tape
from services.paper.app import create_exchange
from services.paper.core.tape import BadTape
from shared.candles import check
from shared.settings import Settings

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def tape() -> dict[str, pl.DataFrame]:
    return make_tape(START, 430, seed=1)


def test_the_same_seed_makes_the_same_tape_and_another_another():
    first, second, other = (make_tape(START, 3, seed=seed) for seed in (1, 1, 2))
    assert first["KRW-ETH"].equals(second["KRW-ETH"])
    assert not first["KRW-ETH"].equals(other["KRW-ETH"])
    assert first["KRW-BTC"].row(30)[1:5] == (134_025_000.0, 134_191_000.0, 133_827_000.0, 133_904_000.0)


def test_its_candles_can_be_true_and_lie_on_the_tick_grid(tape):
    for market, candles in tape.items():
        check(candles, name=market)
        assert (candles["close"] % 1000 == 0).all()
        assert candles["low"].min() > 2_000_000


def test_it_has_the_gaps_of_maintenance_nights(tape):
    gaps = tape["KRW-BTC"].filter(pl.col("open_time").diff() > timedelta(hours=1))
    assert 5 <= gaps.height <= 30
    assert set(gaps["open_time"].dt.hour()) == {20}


def test_both_markets_move_together(tape):
    both = tape["KRW-BTC"].join(tape["KRW-ETH"], on="open_time")
    returns = both.select(pl.col("close").pct_change().alias("btc"), pl.col("close_right").pct_change().alias("eth"))
    assert 0.6 < returns.select(pl.corr("btc", "eth")).item() < 0.98


def test_the_oversold_and_the_overbought_both_come_within_two_weeks(tape):
    """Close beyond the Bollinger band of 20 hours and 2 deviations, on either side, in every fortnight."""
    close = pl.col("close")
    far = (close - close.rolling_mean(20)) / close.rolling_std(20)
    told = tape["KRW-ETH"].with_columns(far=far)
    weeks = told.group_by_dynamic("open_time", every="14d").agg(low=pl.col("far").min(), high=pl.col("far").max())
    assert (weeks["low"] < -2).all()
    assert (weeks["high"] > 2).all()


def test_its_files_say_that_it_is_synthetic(tmp_path):
    files = write_tape(make_tape(START, 2, seed=7), tmp_path, seed=7)
    assert pl.read_parquet_metadata(files[0])["seed"] == "7"
    assert load_tapes([str(file) for file in files]).synthetic


def test_without_a_tape_one_is_made_once_and_kept(tmp_path):
    settings = Settings.load(data_dir=tmp_path, paper_clock="stepped")
    first = open_tape(settings)
    written = {file: file.stat().st_mtime_ns for file in (tmp_path / "paper").rglob("*.parquet")}
    assert open_tape(settings).span == first.span == (START, START + timedelta(days=430))
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "paper").rglob("*.parquet")} == written


def test_played_in_real_time_it_covers_a_year_before_and_a_year_after(tmp_path):
    exchange = create_exchange(Settings.load(data_dir=tmp_path))
    exchange.close()
    first, last = exchange.tape.span
    assert first + timedelta(days=400) <= exchange.now <= last - timedelta(days=364)
    assert not exchange.stepped


def test_a_stepped_exchange_stands_after_a_year_of_history(tmp_path):
    exchange = create_exchange(Settings.load(data_dir=tmp_path, paper_clock="stepped"))
    exchange.close()
    assert exchange.now == START + timedelta(days=366)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"paper_clock": "wall"}, "PAPER_CLOCK=wall plays it now"),
        ({"paper_clock": "stepped", "tape_from": "2020-01-01T00:00Z"}, "stands at 2020-01-01T00:00:00"),
        ({"paper_clock": "stepped", "tape_from": "soon"}, "TAPE_FROM: 'soon' is no time"),
    ],
)
def test_a_tape_that_does_not_cover_the_moment_is_refused(tmp_path, given, said):
    files = write_tape(make_tape(START, 4, seed=1), tmp_path)
    with pytest.raises(BadTape, match=said):
        create_exchange(Settings.load(data_dir=tmp_path, paper_tape=",".join(map(str, files)), **given))
