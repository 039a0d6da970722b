"""The tape: what is known when, in which units, and what a tape's file must be."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.paper.adapters.history_file import write_history
from services.paper.adapters.tape_file import load_tapes
from services.paper.core.bars import from_ms, to_ms
from services.paper.core.tape import BadTape, Tape
from shared.candles import SCHEMA

START = datetime(2024, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def candles(hours: list[int], unit: timedelta = HOUR) -> pl.DataFrame:
    """The n-th bar opens at 100 + n, closes at 101 + n, reaches 103 + n and 98 + n, and holds 2 coins."""
    rows = [(START + n * unit, 100.0 + n, 103.0 + n, 98.0 + n, 101.0 + n, 2.0) for n in hours]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


TWO_DAYS = Tape({"KRW-ETH": candles(list(range(48)))})


def starts(bars) -> list[datetime]:
    return [from_ms(bar.start_ms) for bar in bars]


def test_the_forming_bar_is_known_by_its_open_alone():
    forming, closed = TWO_DAYS.candles("KRW-ETH", 60, START + 5.5 * HOUR, 2)
    assert forming[:7] == (to_ms(START + 5 * HOUR), 105.0, 105.0, 105.0, 105.0, 0.0, 0.0)
    assert closed[:6] == (to_ms(START + 4 * HOUR), 104.0, 107.0, 102.0, 105.0, 2.0)


def test_a_bar_that_closes_at_this_very_moment_is_known_whole():
    at = START + 6 * HOUR
    assert [bar.close for bar in TWO_DAYS.candles("KRW-ETH", 60, at, 2)] == [106.0, 106.0]
    assert TWO_DAYS.candles("KRW-ETH", 60, at, 2)[1].high == 108.0


def test_a_coarser_bar_forms_from_what_has_closed_and_the_newest_open():
    (forming,) = TWO_DAYS.candles("KRW-ETH", 240, START + 6 * HOUR, 1)
    assert forming[:6] == (to_ms(START + 4 * HOUR), 104.0, 108.0, 102.0, 106.0, 4.0)
    (today,) = TWO_DAYS.candles("KRW-ETH", 1440, START + 25 * HOUR, 1)
    assert today[:6] == (to_ms(START + 24 * HOUR), 124.0, 127.0, 122.0, 125.0, 2.0)


def test_a_finer_unit_than_the_tapes_is_empty():
    assert TWO_DAYS.candles("KRW-ETH", 15, START + 6 * HOUR, 10) == []


def test_to_is_exclusive_and_newest_stands_first():
    bars = TWO_DAYS.candles("KRW-ETH", 60, START + 10 * HOUR, 3, START + 4 * HOUR)
    assert starts(bars) == [START + 3 * HOUR, START + 2 * HOUR, START + 1 * HOUR]


def test_to_in_the_future_changes_nothing():
    at = START + 10 * HOUR
    assert TWO_DAYS.candles("KRW-ETH", 60, at, 5, at + 20 * HOUR) == TWO_DAYS.candles("KRW-ETH", 60, at, 5)


def test_at_most_two_hundred_come_silently():
    tape = Tape({"KRW-ETH": candles(list(range(300)))})
    assert len(tape.candles("KRW-ETH", 60, START + 299 * HOUR, 1000)) == 200


def test_gaps_stay_gaps_and_the_price_stands_still_in_them():
    tape = Tape({"KRW-ETH": candles([0, 1, 2, 5, 6])})
    at = START + 4 * HOUR
    assert starts(tape.candles("KRW-ETH", 60, at, 9)) == [START + 2 * HOUR, START + 1 * HOUR, START]
    assert tape.price_at("KRW-ETH", at) == 103.0
    assert tape.price_at("KRW-ETH", START + 5 * HOUR) == 105.0


def test_a_market_is_listed_once_it_has_begun():
    assert not TWO_DAYS.listed("KRW-ETH", START - timedelta(seconds=1))
    assert TWO_DAYS.listed("KRW-ETH", START)
    assert not TWO_DAYS.listed("KRW-DOGE", START)


@settings(max_examples=60)
@given(
    cut=st.integers(2, 47),
    minute=st.integers(0, 59),
    unit=st.sampled_from([60, 240, 1440]),
    count=st.integers(1, 60),
)
def test_what_comes_later_never_changes_what_is_told_now(cut, minute, unit, count):
    """A tape that ends with the forming bar, whose rest is unknown, tells the same as the whole one."""
    at = START + cut * HOUR + timedelta(minutes=minute)
    last_open = 100.0 + cut
    unknown = pl.DataFrame([(START + cut * HOUR, *[last_open] * 4, 0.0)], schema=SCHEMA, orient="row")
    known = Tape({"KRW-ETH": pl.concat([candles(list(range(cut))), unknown])})
    assert known.candles("KRW-ETH", unit, at, count) == TWO_DAYS.candles("KRW-ETH", unit, at, count)
    assert all(bar.known_ms <= to_ms(at) for bar in TWO_DAYS.candles("KRW-ETH", unit, at, count))


def test_the_span_is_what_all_markets_share():
    tape = Tape({"KRW-ETH": candles(list(range(10))), "KRW-BTC": candles(list(range(3, 20)))})
    assert tape.span == (START + 3 * HOUR, START + 10 * HOUR)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_file_is_read_by_its_name(tmp_path, suffix):
    file = tmp_path / f"my_KRW-ETH_1h.{suffix}"
    table = candles([0, 1, 2]).rename({"open_time": "ts"}).with_columns(value=1.0)
    table.write_parquet(file) if suffix == "parquet" else table.write_csv(file)
    tape = load_tapes([str(file)])
    assert (tape.markets, tape.unit_min) == (("KRW-ETH",), {"KRW-ETH": 60})
    assert starts(tape.candles("KRW-ETH", 60, START + HOUR, 1)) == [START + HOUR]


def test_the_spec_wins_over_metadata_and_these_over_the_name(tmp_path):
    file = tmp_path / "KRW-XRP.parquet"
    candles([0, 1]).write_parquet(file, metadata={"market": "KRW-ETH", "synthetic": "true"})
    assert load_tapes([str(file)]).markets == ("KRW-ETH",)
    assert load_tapes([f"KRW-SOL={file}"]).markets == ("KRW-SOL",)
    assert load_tapes([str(file)]).synthetic


def broken(tmp_path, table: pl.DataFrame, name: str = "KRW-ETH.csv") -> str:
    table.write_csv(tmp_path / name)
    return str(tmp_path / name)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (candles([0, 1]).rename({"volume": "vol"}), "the column volume is missing; needed are ts"),
        (candles([0, 1]).rename({"open_time": "time"}), r"the column ts \(or open_time\) is missing"),
        (candles([0, 1]).with_columns(volume=-1.0), "negative volume"),
        (candles([0, 1]).with_columns(low=-5.0), "price of zero or less"),
        (candles([0, 0]), "stands twice"),
        (candles([1, 0]), "out of order"),
        (candles([0]), "there is one candle"),
        (candles([0, 1], timedelta(minutes=7)), "candles 0:07:00 apart"),
        (candles([0, 1]).with_columns(open_time=pl.lit("yesterday")), "the times must look like"),
        (candles([0, 1]).with_columns(open_time=pl.lit(5)), "the times must look like"),
    ],
)
def test_a_wrong_table_is_refused_with_one_sentence(tmp_path, table, said):
    with pytest.raises(BadTape, match=said) as no:
        load_tapes([broken(tmp_path, table)])
    assert "\n" not in str(no.value)


def test_a_wrong_file_is_refused_with_one_sentence(tmp_path):
    nameless = broken(tmp_path, candles([0, 1]), "prices.csv")
    named = broken(tmp_path, candles([0, 1]), "KRW-ETH.csv")
    (tmp_path / "KRW-BTC.parquet").write_bytes(b"no parquet")
    for specs, said in (
        (["nowhere/KRW-ETH.csv"], "there is no such file"),
        ([nameless], f"write KRW-…={nameless}"),
        ([named, named], "KRW-ETH stands on the tape twice"),
        ([f"BTCUSDT={named}"], "'BTCUSDT' is no market"),
        ([str(tmp_path / "KRW-BTC.parquet")], "this is no Parquet file"),
        ([], "no market"),
    ):
        with pytest.raises(BadTape, match=said):
            load_tapes(specs)


def test_the_history_is_the_whole_tape_in_hours(tmp_path):
    write_history(Tape({"KRW-ETH": candles(list(range(8)), timedelta(minutes=30))}), tmp_path / "history")
    hours = pl.read_parquet(tmp_path / "history" / "KRW-ETH.parquet")
    assert hours.schema == SCHEMA
    assert hours.row(1) == (START + HOUR, 102.0, 106.0, 100.0, 104.0, 4.0)


def test_a_tape_of_days_makes_no_history_of_hours(tmp_path):
    with pytest.raises(BadTape, match="candles of 1440 minutes make no hours"):
        write_history(Tape({"KRW-ETH": candles([0, 1], timedelta(days=1))}), tmp_path)


def test_a_recorded_year_keeps_its_maintenance_gap(data_dir):
    tape = load_tapes([str(data_dir / "candles" / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")])
    at = datetime(2023, 12, 3, 21, 30, tzinfo=UTC)
    newest = tape.candles("KRW-ETH", 60, at, 2)
    assert starts(newest) == [datetime(2023, 12, 3, 21, tzinfo=UTC), datetime(2023, 12, 3, 15, tzinfo=UTC)]


def test_resampled_days_are_the_exchanges_own_days(data_dir):
    folder = data_dir / "candles"
    tape = load_tapes([str(folder / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")])
    days = pl.read_parquet(folder / "upbit_KRW-ETH_1d_2023-07_2024-12.parquet").head(100)
    told = tape.candles("KRW-ETH", 1440, days["ts"][-1] + timedelta(days=1), 101)[1:][::-1]
    assert [bar[1:5] for bar in told] == days.select("open", "high", "low", "close").rows()
