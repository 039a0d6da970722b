"""Missing hours and what they are put down to; real maintenance nights among them."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.collector.core.gaps import Gap, gaps, jumps, looks_like_seoul
from services.paper.adapters.tape_file import load_tapes
from tests.support.builders import candles

HOUR = timedelta(hours=1)
NIGHT = datetime(2025, 3, 1, 17, tzinfo=UTC)  # 02:00 in Seoul
NOON = datetime(2025, 3, 1, 3, tzinfo=UTC)


def hours(*missing, count=72, start=datetime(2025, 2, 28, tzinfo=UTC)):
    return [at for n in range(count) if (at := start + n * HOUR) not in missing]


def run(begins, count):
    return [begins + n * HOUR for n in range(count)]


@pytest.mark.parametrize(
    ("mine", "bitcoins", "cause"),
    [
        (run(NOON, 4), run(NOON, 4), "maintenance"),  # nobody has them
        (run(NOON, 13), run(NOON, 13), "ours"),  # so long the exchange never stood still
        (run(NOON, 3), [], "no trades"),
        (run(NOON, 4), [], "ours"),  # the exchange has them
    ],
)
def test_the_cause_of_a_gap_beside_another_market(mine, bitcoins, cause):
    assert gaps(hours(*mine), {"KRW-BTC": hours(*bitcoins)}) == [Gap(mine[0], len(mine), cause)]


@pytest.mark.parametrize(
    ("mine", "cause"),
    [(run(NIGHT, 5), "maintenance"), (run(NIGHT, 7), "ours"), (run(NOON, 1), "ours")],
)
def test_the_cause_of_a_gap_of_a_market_alone(mine, cause):
    assert gaps(hours(*mine), {}) == [Gap(mine[0], len(mine), cause)]


def test_the_hour_before_a_maintenance_is_told_apart_from_it():
    found = gaps(hours(*run(NIGHT, 4)), {"KRW-BTC": hours(*run(NIGHT + HOUR, 3))})
    assert found == [Gap(NIGHT, 1, "no trades"), Gap(NIGHT + HOUR, 3, "maintenance")]


def test_a_whole_series_has_no_gap():
    assert gaps(hours(), {}) == gaps([], {}) == []


NIGHTS = [*run(NIGHT, 3), *run(NIGHT + 24 * HOUR, 2)]


@pytest.mark.parametrize(
    ("missing", "seouls"),
    [
        ([at + 9 * HOUR for at in NIGHTS], True),
        (NIGHTS, False),
        (run(NIGHT + 9 * HOUR, 3), False),  # one night proves nothing
        ([*NIGHTS, *run(NIGHT + 9 * HOUR, 3)], False),
        ([], False),
    ],
)
def test_nights_that_lie_nine_hours_late_betray_seouls_times(missing, seouls):
    assert looks_like_seoul(hours(*missing, count=120)) == seouls


def test_a_week_is_missing():
    (gap,) = gaps(hours(*run(NOON, 168), count=400), {"KRW-BTC": hours(count=400)})
    assert (gap.hours, gap.cause, gap.last) == (168, "ours", NOON + 167 * HOUR)


def test_a_price_that_moves_by_fifteen_percent_is_shown():
    frame = candles(5).with_columns(low=pl.when(pl.int_range(pl.len()) == 3).then(pl.col("low") * 0.8).otherwise("low"))
    ((at, change),) = jumps(frame)
    assert at == frame["open_time"][3]
    assert change == pytest.approx(-0.2, abs=0.01)


def test_every_missing_hour_of_the_real_years_is_the_exchanges_own(data_dir):
    files = [str(data_dir / "candles" / f"upbit_KRW-{c}_1h_2023-07_2024-12.parquet") for c in ("ETH", "BTC")]
    tape = load_tapes(files)
    times = {market: tape.frame(market, 60)["open_time"].to_list() for market in tape.markets}
    for market, other in (("KRW-ETH", "KRW-BTC"), ("KRW-BTC", "KRW-ETH")):
        found = gaps(times[market], {other: times[other]})
        assert sum(gap.hours for gap in found) == 27
        assert sum(gap.hours for gap in found if gap.cause == "maintenance") == 26
        assert [gap.cause for gap in found if gap.hours == 1] == ["no trades"]


def test_what_a_downloader_lost_at_the_months_beginnings_is_found(data_dir):
    quarters = pl.read_parquet(data_dir / "candles" / "upbit_KRW-ETH_15m_2024.parquet").rename({"ts": "open_time"})
    mine = quarters["open_time"].dt.truncate("1h").unique().sort().to_list()
    whole = pl.read_parquet(data_dir / "candles" / "upbit_KRW-BTC_1h_2023-07_2024-12.parquet")["ts"].to_list()
    lost = [gap for gap in gaps(mine, {"KRW-BTC": whole}) if gap.cause == "ours"]
    assert [f"{gap.begins:%m-%d %H}" for gap in lost][:3] == ["01-31 00", "02-29 00", "03-31 00"]
    # Seven months' ends lack 22 hours, four 15; of June's the exchange stood still for three, and left one alone.
    assert sum(gap.hours for gap in lost) == 7 * 22 + 4 * 15 - 3 - 1
