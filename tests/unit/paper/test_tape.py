"""The tape: what is known when, in which units, and what a tape's file must be."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.paper.adapters import played_clock
from services.paper.adapters.books_file import load_books
from services.paper.adapters.tape_file import load_tapes
from services.paper.core.bars import from_ms, to_ms
from services.paper.core.periods import month, periods, week
from services.paper.core.tape import BadTape, Tape
from services.paper.core.trades import ticks, ticks_of_day
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


@pytest.mark.parametrize("name", ["KRW-ETH-[1h].csv", "KRW-ETH-a?.parquet", "KRW-ETH-*.csv"])
def test_a_name_that_looks_like_a_pattern_is_a_name(tmp_path, name):
    """Beside it lie files that the pattern would take as well."""
    file = tmp_path / name
    for path, hours in ((file, [0, 1, 2]), (tmp_path / "KRW-ETH-ab.parquet", [5]), (tmp_path / "KRW-ETH-1.csv", [6])):
        table = candles(hours)
        table.write_parquet(path) if path.suffix == ".parquet" else table.write_csv(path)
    assert load_tapes([str(file)]).span == (START, START + 3 * HOUR)


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


def test_a_tape_of_half_hours_has_hours_too():
    hours = Tape({"KRW-ETH": candles(list(range(8)), timedelta(minutes=30))}).frame("KRW-ETH", 60)
    assert hours.schema == SCHEMA
    assert hours.row(1) == (START + HOUR, 102.0, 106.0, 100.0, 104.0, 4.0)


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


def test_minutes_trade_and_the_hours_before_them_are_the_history():
    """Hours 0 to 9 and, from half past 4 on, quarters: 4 o'clock is told by its hour, 5 o'clock by its quarters."""
    quarters = candles(list(range(18, 24)), timedelta(minutes=15))
    tape = Tape({"KRW-ETH": [candles(list(range(10))), quarters]})
    assert tape.unit_min == {"KRW-ETH": 15}
    assert tape.span == (START + 4.5 * HOUR, START + 6 * HOUR)
    bars = tape.candles("KRW-ETH", 60, START + 6 * HOUR, 10)
    assert starts(bars) == [START + n * HOUR for n in (5, 4, 3, 2, 1, 0)]
    assert bars[0][:6] == (to_ms(START + 5 * HOUR), 120.0, 126.0, 118.0, 124.0, 8.0)
    assert bars[1][:6] == (to_ms(START + 4 * HOUR), 104.0, 107.0, 102.0, 105.0, 2.0)
    assert len(tape.candles("KRW-ETH", 15, START + 6 * HOUR, 10)) == 6
    far = Tape({"KRW-ETH": [candles([0, 1]), quarters]})
    assert starts(far.candles("KRW-ETH", 60, START + 6 * HOUR, 10)) == [START + n * HOUR for n in (5, 4, 1, 0)]


def test_weeks_begin_on_mondays_and_the_newest_is_forming():
    tape = Tape({"KRW-ETH": candles(list(range(24 * 20)))})  # 2024-12-01 is a Sunday
    at = START + timedelta(days=10)
    told = periods(tape, "KRW-ETH", week, at, 5, None)
    assert [f"{start:%a %d}" for start in starts(told)] == ["Mon 09", "Mon 02", "Mon 25"]
    assert (told[0].open, told[0].close, told[1].volume) == (100.0 + 192, 100.0 + 240, 24 * 7 * 2.0)
    assert starts(periods(tape, "KRW-ETH", week, at, 5, START + timedelta(days=8)))[0] == START + timedelta(days=1)
    assert starts(periods(tape, "KRW-ETH", month, at, 5, None)) == [START]


def test_every_closed_bar_tells_four_trades_that_add_up():
    bar = TWO_DAYS.candles("KRW-ETH", 60, START + 3 * HOUR, 2)[1]
    told = ticks(bar)
    assert [tick.price for tick in told] == [103.0, 105.0, 100.0, 102.0]
    assert sum(tick.volume for tick in told) == bar.volume
    assert [tick.sequential_id for tick in told] == sorted((t.sequential_id for t in told), reverse=True)
    day = ticks_of_day(TWO_DAYS, "KRW-ETH", START + 30 * HOUR, START, START + 24 * HOUR, 500)
    assert len(day) == 96
    assert {tick.at.date() for tick in day} == {START.date()}
    assert len(ticks_of_day(TWO_DAYS, "KRW-ETH", START + 30 * HOUR, START, START + 2 * HOUR, 5)) == 5


def test_a_played_tape_goes_as_fast_as_it_is_told_and_stops_at_its_end(monkeypatch):
    seconds = [50.0]
    monkeypatch.setattr(played_clock, "monotonic", lambda: seconds[0])
    clock = played_clock.PlayedClock(START, 60, START + HOUR)
    assert clock.now() == START
    seconds[0] += 30
    assert clock.now() == START + HOUR / 2
    seconds[0] += 1000
    assert clock.now() == START + HOUR
    clock.start_at(START + HOUR / 4)
    assert clock.now() == START + HOUR / 4


def test_recorded_books_are_shown_while_they_are_fresh(tmp_path):
    file = tmp_path / "books.jsonl"
    lines = [{"timestamp": (START + HOUR).isoformat(), "market": "KRW-ETH", "bids": [[99.5, 2]], "asks": [[100.5, 1]]}]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    books = load_books([str(file)])
    assert books.at("KRW-ETH", START + HOUR - timedelta(seconds=1)) is None
    (level,) = books.at("KRW-ETH", START + HOUR + timedelta(seconds=59))
    assert (level.ask_price, level.ask_size, level.bid_price) == (Decimal("100.5"), 1, Decimal("99.5"))
    assert books.at("KRW-ETH", START + HOUR + timedelta(seconds=61)) is None
    assert books.at("KRW-BTC", START + HOUR) is None


@pytest.mark.parametrize(
    "line", ["{", "{}", '{"timestamp": 1, "market": "KRW-ETH", "bids": [[2, 1]], "asks": [[1, 1]]}']
)
def test_a_line_that_is_no_book_is_named(tmp_path, line):
    (tmp_path / "books.jsonl").write_text(line)
    with pytest.raises(BadTape, match=r"books.jsonl: (line 1 is no order book|the file cannot be read)"):
        load_books([str(tmp_path / "books.jsonl")])


def test_real_books_are_read(data_dir):
    books = load_books([str(data_dir / "orderbook" / "upbit_KRW-BTC_l2_20lv_2025-08-24_a.jsonl")])
    levels = books.at("KRW-BTC", datetime(2025, 8, 24, 6, 3, 20, tzinfo=UTC))
    assert len(levels) == 20
    assert (levels[0].bid_price, levels[0].ask_price) == (159_508_000, 159_523_000)
    other = load_books([f"KRW-ETH={data_dir / 'orderbook' / 'binance_ETHUSDT_l2_1s_a.jsonl.gz'}"])
    assert other.at("KRW-ETH", datetime(2024, 8, 8, 23, 54, 16, tzinfo=UTC))
