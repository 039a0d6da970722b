"""The year before a moment, out of exactly the file the snapshot was taken with."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from services.filter.adapters.parquet_history import ParquetHistory
from shared.candles import BadCandles
from shared.errors import Permanent, Transient
from shared.history import HistoryChanged, HistoryMissing, history_digest, history_path
from tests.support.builders import candles

START = datetime(2024, 1, 1, tzinfo=UTC)


def close_of(time):
    """Of the builder's candles, which rise by 1,000 won each."""
    return 4_001_000 + 1000 * ((time - START) / timedelta(hours=1))


def first_day(year):
    return datetime.fromtimestamp(year.days.start[year.begin] / 1000, UTC)


@pytest.fixture
def file(tmp_path):
    path = history_path(tmp_path, "KRW-ETH")
    candles(500 * 24, start=START).write_parquet(path)
    return path


async def test_it_gives_the_closed_hours_of_a_year_from_a_whole_day_on(file):
    at = datetime(2025, 3, 1, 5, 30, tzinfo=UTC)
    year = await ParquetHistory(file.parent).year_before("KRW-ETH", at, history_digest(file))
    assert first_day(year) == datetime(2024, 3, 1, tzinfo=UTC)
    assert year.last_close == close_of(datetime(2025, 3, 1, 4, tzinfo=UTC))  # that of 05:00 is still forming
    assert year.end - year.begin == 366


async def test_the_hour_that_closes_at_that_moment_is_seen(file):
    at = datetime(2025, 3, 1, 5, tzinfo=UTC)
    year = await ParquetHistory(file.parent).year_before("KRW-ETH", at, history_digest(file))
    assert year.last_close == close_of(datetime(2025, 3, 1, 4, tzinfo=UTC))


async def test_a_day_whose_first_hour_is_still_forming_has_not_begun(file):
    history, midnight = ParquetHistory(file.parent), datetime(2025, 3, 1, tzinfo=UTC)
    forming = await history.year_before("KRW-ETH", midnight + timedelta(minutes=59), history_digest(file))
    begun = await history.year_before("KRW-ETH", midnight + timedelta(hours=1), history_digest(file))
    assert (forming.end - forming.begin, begun.end - begun.begin) == (365, 366)


async def test_a_short_history_gives_what_it_has(file):
    at = START + timedelta(hours=3)
    year = await ParquetHistory(file.parent).year_before("KRW-ETH", at, history_digest(file))
    assert (year.begin, year.end) == (0, 1)
    assert year.last_close == close_of(START + timedelta(hours=2))


async def test_before_its_first_candle_a_history_is_empty(file):
    year = await ParquetHistory(file.parent).year_before("KRW-ETH", START, history_digest(file))
    assert (year.end - year.begin, year.last_close, year.buy_and_hold) == (0, 0, 0)


async def test_an_unknown_market_is_named_with_what_to_do(tmp_path):
    with pytest.raises(HistoryMissing, match=r"no history of KRW-XRP: .*KRW-XRP\.parquet does not exist; let the coll"):
        await ParquetHistory(tmp_path).year_before("KRW-XRP", START, "0123456789abcdef")
    assert issubclass(HistoryMissing, Permanent)


async def test_another_file_than_the_snapshots_is_refused_for_now(file):
    with pytest.raises(HistoryChanged, match="the snapshot was taken with 0123456789abcdef"):
        await ParquetHistory(file.parent).year_before("KRW-ETH", START, "0123456789abcdef")
    assert issubclass(HistoryChanged, Transient)


async def test_what_was_read_by_its_digest_stays_true_when_the_file_goes_on(file):
    history, digest, at = ParquetHistory(file.parent), history_digest(file), START + timedelta(days=400)
    before = await history.year_before("KRW-ETH", at, digest)
    candles(501 * 24, start=START).write_parquet(file)
    assert await history.year_before("KRW-ETH", at, digest) == before
    later = await history.year_before("KRW-ETH", START + timedelta(days=501), history_digest(file))
    assert later.last_close == close_of(START + timedelta(days=501, hours=-1))


async def test_a_broken_file_is_named(file):
    file.write_bytes(b"no parquet")
    with pytest.raises(BadCandles, match=r"KRW-ETH\.parquet is no readable Parquet file"):
        await ParquetHistory(file.parent).year_before("KRW-ETH", START, history_digest(file))


def test_the_digest_is_of_the_bytes(file):
    file.write_bytes(b"abc")
    assert history_digest(file) == "ba7816bf8f01cfea"
    os.utime(file, (1, 1))
    assert history_digest(file) == "ba7816bf8f01cfea"
    file.write_bytes(b"abcd")
    assert history_digest(file) == "88d4266fd4e6338d"


def test_the_digest_of_no_file_is_an_error(tmp_path):
    with pytest.raises(HistoryMissing):
        history_digest(tmp_path / "KRW-ETH.parquet")
