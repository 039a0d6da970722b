"""The year before a moment, out of exactly the manifest the snapshot was taken with."""

from datetime import UTC, datetime, timedelta

import pytest

from services.filter.adapters.archived_years import ArchivedYears
from shared.errors import Permanent
from shared.history.manifest import HistoryMissing
from shared.history.months import by_month
from tests.support.builders import candles
from tests.support.histories import kept

START = datetime(2024, 1, 1, tzinfo=UTC)


def close_of(time):
    """Of the builder's candles, which rise by 1,000 won each."""
    return 4_001_000 + 1000 * ((time - START) / timedelta(hours=1))


def first_day(year):
    return datetime.fromtimestamp(year.days.start[year.begin] / 1000, UTC)


@pytest.fixture
async def years():
    """500 days."""
    archive, digest = await kept(candles(500 * 24, start=START))
    return ArchivedYears(archive), digest


async def test_it_gives_the_closed_hours_of_a_year_from_a_whole_day_on(years):
    history, digest = years
    year = await history.year_before("KRW-ETH", datetime(2025, 3, 1, 5, 30, tzinfo=UTC), digest)
    assert first_day(year) == datetime(2024, 3, 1, tzinfo=UTC)
    assert year.last_close == close_of(datetime(2025, 3, 1, 4, tzinfo=UTC))  # that of 05:00 is still forming
    assert year.end - year.begin == 366


async def test_the_hour_that_closes_at_that_moment_is_seen(years):
    history, digest = years
    year = await history.year_before("KRW-ETH", datetime(2025, 3, 1, 5, tzinfo=UTC), digest)
    assert year.last_close == close_of(datetime(2025, 3, 1, 4, tzinfo=UTC))


@pytest.mark.parametrize("midnight", [datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 15, tzinfo=UTC)])
async def test_a_day_whose_first_hour_is_still_forming_has_not_begun(years, midnight):
    history, digest = years
    forming = await history.year_before("KRW-ETH", midnight + timedelta(minutes=59), digest)
    begun = await history.year_before("KRW-ETH", midnight + timedelta(hours=1), digest)
    assert (forming.end - forming.begin, begun.end - begun.begin) == (365, 366)


async def test_no_hour_is_lost_where_months_meet(years):
    history, digest = years
    year = await history.year_before("KRW-ETH", datetime(2025, 3, 1, 1, tzinfo=UTC), digest)
    days = [datetime.fromtimestamp(ms / 1000, UTC) for ms in year.days.start[year.begin : year.end]]
    assert days == [datetime(2024, 3, 1, tzinfo=UTC) + n * timedelta(days=1) for n in range(366)]
    opens = year.days.open[year.begin : year.end]
    assert opens == [close_of(day) - 1000 for day in days]


async def test_a_short_history_gives_what_it_has(years):
    history, digest = years
    year = await history.year_before("KRW-ETH", START + timedelta(hours=3), digest)
    assert (year.begin, year.end) == (0, 1)
    assert year.last_close == close_of(START + timedelta(hours=2))


@pytest.mark.parametrize("at", [START, START - timedelta(days=40)])
async def test_before_its_first_candle_a_history_is_empty(years, at):
    history, digest = years
    year = await history.year_before("KRW-ETH", at, digest)
    assert (year.end - year.begin, year.last_close, year.buy_and_hold) == (0, 0, 0)


async def test_an_unknown_digest_and_another_markets_are_refused_by_name(years):
    history, digest = years
    with pytest.raises(HistoryMissing, match="0123456789abcdef"):
        await history.year_before("KRW-ETH", START, "0123456789abcdef")
    with pytest.raises(HistoryMissing, match="is the history of KRW-ETH, not of KRW-BTC"):
        await history.year_before("KRW-BTC", START, digest)
    assert issubclass(HistoryMissing, Permanent)


async def test_an_old_digest_stays_true_when_the_history_goes_on():
    archive, before = await kept(candles(40 * 24, start=START))
    grown = await archive.revise("KRW-ETH", await archive.newest("KRW-ETH"), by_month(candles(41 * 24, start=START)))
    history, at = ArchivedYears(archive), START + timedelta(days=60)
    assert (await history.year_before("KRW-ETH", at, grown.digest)).last_close == close_of(
        START + timedelta(days=41, hours=-1)
    )
    assert (await history.year_before("KRW-ETH", at, before)).last_close == close_of(
        START + timedelta(days=40, hours=-1)
    )


async def test_a_year_is_read_once_for_as_long_as_its_months_are_the_same(years):
    history, digest = years
    await history.year_before("KRW-ETH", datetime(2025, 3, 1, 5, tzinfo=UTC), digest)
    reads = history._archive._objects.reads
    await history.year_before("KRW-ETH", datetime(2025, 3, 1, 6, tzinfo=UTC), digest)
    assert history._archive._objects.reads == reads
