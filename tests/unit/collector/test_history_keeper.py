"""The year is filled, topped up once an hour, and what came late or otherwise is noticed."""

import asyncio
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.collector.adapters.history_backfill import NoHours, backfill, backfill_holes
from services.collector.adapters.history_keeper import HistoryKeeper
from services.collector.ports import ExchangeBusy, UnknownMarket, UnreadableAnswer
from shared.candles import SCHEMA
from shared.history.archive import Archive
from shared.history.months import by_month
from shared.history.objects import Overtaken
from shared.telemetry import Metrics
from tests.support.builders import candles
from tests.support.histories import MemoryObjects

HOUR = timedelta(hours=1)
LISTED = datetime(2024, 1, 10, tzinfo=UTC)
ETH = "KRW-ETH"


class FakePages:
    """An exchange whose market was listed at LISTED; `now` cuts off what has not closed."""

    def __init__(self, now, frame=None):
        self.time, self.asked, self.fault = now, [], None
        self.frame = candles(600 * 24, start=LISTED) if frame is None else frame

    async def now(self, market):
        return self.time

    async def hours(self, market, to):
        self.asked.append(to)
        if self.fault is not None:
            raise self.fault
        closed = (pl.col("open_time") < to) & (pl.col("open_time") + HOUR <= self.time)
        return self.frame.filter(closed).tail(200)


@pytest.fixture
def archive():
    return Archive(MemoryObjects())


async def times(archive, market=ETH):
    return (await archive.candles((await archive.must(market)).manifest.months))["open_time"].to_list()


def keeper(archive, pages):
    return HistoryKeeper(archive, pages, Metrics(), (ETH,))


NOW = datetime(2025, 3, 1, 0, 30, tzinfo=UTC)  # 09:30 in Seoul, the first of March


async def test_a_year_is_filled_without_an_hour_lost_at_a_months_border_and_never_the_forming_one(archive):
    pages = FakePages(NOW)
    filled = await backfill(archive, pages, ETH, end=NOW)
    first = datetime(2024, 2, 29, tzinfo=UTC)
    assert await times(archive) == [first + n * HOUR for n in range(366 * 24)]
    assert filled.edition.manifest.last == datetime(2025, 2, 28, 23, tzinfo=UTC)
    assert [month.name for month in filled.edition.manifest.months][::12] == ["2024-02", "2025-02"]
    assert len(pages.asked) == filled.pages == 44


async def test_a_market_that_was_listed_later_gives_what_it_has(archive):
    now = LISTED + timedelta(days=20, minutes=10)
    await backfill(archive, FakePages(now), ETH, end=now)
    assert len(await times(archive)) == 20 * 24


async def test_a_fill_that_broke_off_goes_on_where_it_stopped(archive):
    pages = FakePages(NOW)
    told = []

    def broken(done, of):
        told.append((done, of))
        if done == 30:
            pages.fault = ExchangeBusy("429")

    with pytest.raises(ExchangeBusy):
        await backfill(archive, pages, ETH, end=NOW, on_page=broken)
    kept = len(await times(archive))
    assert kept == 28 * 200  # what four pages at a time had written
    pages.fault, pages.asked = None, []
    filled = await backfill(archive, pages, ETH, end=NOW)
    assert len(pages.asked) == 17
    assert filled.rows == 366 * 24 - kept
    assert filled.corrections == ()
    assert told[:2] == [(1, 44), (2, 44)]


WEEK = pl.col("open_time").is_between(NOW - 60 * 24 * HOUR, NOW - 53 * 24 * HOUR)
NIGHT = pl.col("open_time").is_in([datetime(2024, 12, 4, 17, tzinfo=UTC), datetime(2024, 12, 4, 18, tzinfo=UTC)])


async def imported(archive, frame):
    """As `upcycle history import` leaves it."""
    await archive.revise(ETH, None, by_month(frame))


async def test_a_weeks_hole_is_mended_and_its_hours_are_told_as_late(archive):
    whole = FakePages(NOW).frame.filter(pl.col("open_time") < NOW.replace(minute=0))
    await imported(archive, whole.filter(~WEEK))
    filled = await backfill_holes(archive, FakePages(NOW), ETH, end=NOW)
    assert await times(archive) == whole["open_time"].to_list()
    assert (filled.rows, filled.pages, len(filled.corrections)) == (168, 1, 168)
    assert await backfill_holes(archive, FakePages(NOW), ETH, end=NOW) is None


async def test_twenty_days_of_history_grow_to_the_year_before(archive):
    whole = FakePages(NOW).frame.filter(pl.col("open_time") < NOW.replace(minute=0))
    await imported(archive, whole.tail(20 * 24))
    filled = await backfill_holes(archive, FakePages(NOW), ETH, end=NOW)
    assert await times(archive) == [datetime(2024, 2, 29, tzinfo=UTC) + n * HOUR for n in range(366 * 24)]
    assert filled.corrections == ()


async def test_the_exchanges_own_nights_are_not_asked_for_and_other_holes_once_by_each_process(archive):
    holed = FakePages(NOW).frame.filter(~NIGHT & ~WEEK)
    pages = FakePages(NOW, holed)
    await backfill(archive, pages, ETH, end=NOW)
    keep, pages.asked = keeper(archive, pages), []
    for hour in (1, 2):
        pages.time = NOW + hour * HOUR
        await keep.digest(ETH, pages.time)
    assert len(pages.asked) == 3  # the week once, and each hour its own


async def test_a_hole_that_cannot_be_read_costs_no_hour(archive):
    class Torn(FakePages):
        async def hours(self, market, to):
            if to < NOW - 30 * 24 * HOUR:
                raise UnreadableAnswer("an impossible bar")
            return await super().hours(market, to)

    whole = FakePages(NOW).frame.filter(pl.col("open_time") < NOW.replace(minute=0))
    await imported(archive, whole.filter(~WEEK))
    pages = Torn(NOW + HOUR)
    keep = keeper(archive, pages)
    assert (await archive.manifest(await keep.digest(ETH, pages.time))).last == NOW.replace(minute=0)


async def test_an_hour_is_added_with_one_request_and_none_follows_until_the_next(archive):
    pages = FakePages(NOW)
    digests = [await keeper(archive, pages).digest(ETH, NOW)]
    keep, pages.asked, pages.time = keeper(archive, pages), [], NOW + HOUR
    for minute in (0, 1, 20):
        digests.append(await keep.digest(ETH, pages.time.replace(minute=minute)))
    assert len(pages.asked) == 1
    assert digests[0] != digests[1] == digests[3]
    assert (await times(archive))[-1] == datetime(2025, 3, 1, 0, tzinfo=UTC)  # the first hour of its month
    assert (await archive.manifest(digests[0])).last == datetime(2025, 2, 28, 23, tzinfo=UTC)  # the old one stays


async def test_an_hour_nobody_traded_in_is_asked_for_once(archive):
    pages = FakePages(NOW)
    keep = keeper(archive, pages)
    before = await keep.digest(ETH, NOW)
    pages.frame, pages.time = pages.frame.filter(pl.col("open_time") != NOW.replace(minute=0)), NOW + HOUR
    pages.asked = []
    assert [await keep.digest(ETH, pages.time) for _ in range(3)] == [before] * 3
    assert len(pages.asked) == 1


async def test_a_corrected_and_a_late_candle_are_counted_and_stand_in_the_manifest(archive):
    late, odd = NOW.replace(minute=0) - 5 * HOUR, NOW.replace(minute=0) - 3 * HOUR
    whole = FakePages(NOW).frame
    pages = FakePages(NOW, whole.filter(pl.col("open_time") != late))
    metrics = Metrics()
    keep = HistoryKeeper(archive, pages, metrics, (ETH,))
    first = await keep.digest(ETH, NOW)
    pages.frame = whole.with_columns(close=pl.when(pl.col("open_time") == odd).then(pl.col("low")).otherwise("close"))
    pages.time = NOW + HOUR
    manifest = await archive.manifest(await keep.digest(ETH, NOW + HOUR))
    assert [(c.at, c.before is None) for c in manifest.corrections] == [(late, True), (odd, False)]
    assert manifest.corrected == 2
    assert 'history_corrections_total{market="KRW-ETH"} 2.0' in metrics.render().decode()
    assert (await archive.manifest(first)).corrections == ()


async def test_a_history_of_another_tape_is_filled_anew(archive):
    pages = FakePages(NOW)
    await backfill(archive, pages, ETH, end=NOW)
    pages.frame = pages.frame.with_columns(pl.col("open", "high", "low", "close") * 2)
    pages.time = NOW + HOUR
    filled = await backfill(archive, pages, ETH, end=pages.time)
    assert filled.anew
    frame = await archive.candles(filled.edition.manifest.months)
    assert frame["open"].min() > 8_000_000
    assert filled.edition.manifest.corrections == ()


async def test_a_top_up_that_fails_lets_a_day_pass_and_no_more(archive):
    pages = FakePages(NOW)
    keep = keeper(archive, pages)
    before = await keep.digest(ETH, NOW)
    pages.fault = ExchangeBusy("503")
    assert await keep.digest(ETH, NOW + 24 * HOUR) == before
    with pytest.raises(ExchangeBusy):
        await keep.digest(ETH, NOW + 26 * HOUR)


async def test_a_delisted_market_is_refused(archive):
    pages = FakePages(NOW)
    keep = keeper(archive, pages)
    await keep.digest(ETH, NOW)
    pages.fault = UnknownMarket("the exchange does not trade KRW-ETH")
    with pytest.raises(UnknownMarket):
        await keep.digest(ETH, NOW + HOUR)


async def test_a_market_without_any_candle_is_refused_by_name(archive):
    with pytest.raises(NoHours, match=r"no hourly candles of KRW-ETH from 2024-02-29 to 2025-03-01 00:00Z"):
        await backfill(archive, FakePages(NOW, pl.DataFrame(schema=SCHEMA)), ETH, end=NOW)


async def test_two_collectors_at_once_do_no_harm(archive):
    objects = archive._objects
    await asyncio.gather(*(backfill(Archive(objects), FakePages(NOW), ETH, end=NOW) for _ in range(2)))
    assert len(await times(archive)) == 366 * 24
    grown = [keeper(Archive(objects), FakePages(NOW + HOUR)).digest(ETH, NOW + HOUR) for _ in range(3)]
    digests = await asyncio.gather(*grown)
    assert len(set(digests)) == 1
    assert len(await times(archive)) == 366 * 24 + 1


async def test_who_wrote_on_an_old_edition_is_refused(archive):
    edition = await archive.revise(ETH, None, {"2025-01": candles(3, start=LISTED)})
    await archive.revise(ETH, edition, {"2025-01": candles(4, start=LISTED)})
    with pytest.raises(Overtaken):
        await archive.revise(ETH, edition, {"2025-01": candles(5, start=LISTED)})
