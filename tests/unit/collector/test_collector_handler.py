"""One look at the market: whole or refused, and never a candle that had not closed by the slot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.core.slot import SlotOver
from services.collector.core.snapshot import HazardLimits, IncompleteSnapshot, boundary, windows
from services.collector.handler import CollectorHandler
from services.collector.ports import ExchangeBusy, UnknownMarket
from shared.candle_arrays import CandleArrays
from shared.events import Absent, FearGreed, PastCycle, SnapshotTaken
from shared.history.manifest import HistoryMissing
from tests.support.builders import AT, CYCLE, balances, book, candles, due, position

HAZARDS = HazardLimits(btc_drop_1h=0.03, btc_drop_24h=0.10, crash_sigma=6)
GREED = FearGreed(at=datetime(2026, 1, 5, tzinfo=UTC), value=61, label="Greed")


def series(unit_min, rows=300, end=AT):
    unit = timedelta(minutes=unit_min)
    return candles(rows, start=boundary(end, unit_min) - rows * unit, unit=unit)


class FakeExchange:
    """An exchange that gives all it has, the forming candle and the future too, whatever is asked for."""

    def __init__(self, *, at=AT, refusing=None, **frames):
        self.at, self.refusing = at, refusing
        self.frames = {unit: series(unit, 600, end=AT + timedelta(days=3)) for unit in (1440, 60, 15)}
        self.frames |= {int(name.removeprefix("unit_")): frame for name, frame in frames.items()}
        self.asked = []

    async def order_book(self, market):
        return book(at=self.at)

    async def balances(self, market):
        return balances(at=max(self.at, AT))

    async def last_price(self, market):
        return Decimal("4000000")

    async def is_warned(self, market):
        if self.refusing:
            raise self.refusing
        return False

    async def candles(self, market, unit_min, *, to, count):
        self.asked.append((market, unit_min, to, count))
        return CandleArrays.of(self.frames[unit_min])


class FakeMemory:
    def __init__(self):
        self.asked = []

    async def position(self, market):
        return position()

    async def past(self, market, before_slot):
        self.asked.append((market, before_slot))
        return (PastCycle(cycle="KRW-ETH-20260105T0200Z", end="OrderSkipped", decision="hold", reason_code="RULES"),)


class FakeHistory:
    async def digest(self, market, at):
        return f"digest of {market}"


class FaultyHistory:
    async def digest(self, market, at):
        raise HistoryMissing(market)


class FakeIndex:
    def __init__(self, answer=GREED):
        self.answer = answer

    async def known_at(self, at):
        return self.answer


def handler(**changes):
    parts = CollectorHandler(FakeExchange(), FakeIndex(), FakeMemory(), FakeHistory(), HAZARDS)
    return replace(parts, **changes)


def window(snapshot, market, unit_min):
    (found,) = [w for w in snapshot.candles.windows if (w.market, w.unit_min) == (market, unit_min)]
    return found


async def test_a_slot_becomes_one_snapshot_with_every_part():
    memory = FakeMemory()
    taken = await handler(memory=memory)(due())
    assert isinstance(taken, SnapshotTaken)
    assert (taken.cycle, taken.at, taken.price, taken.warning) == (CYCLE, AT, 4_000_000, False)
    assert (taken.book, taken.balances, taken.position) == (book(), balances(), position())
    assert (taken.fear_greed, taken.history_digest) == (GREED, "digest of KRW-ETH")
    assert [past.end for past in taken.past] == ["OrderSkipped"]
    assert memory.asked == [("KRW-ETH", "20260105T0300Z")]
    assert taken.safety.flash_crash.unit_min == 15
    assert taken.safety.buy_blocked_by is None


async def test_it_holds_200_candles_of_three_units_of_the_market_and_of_bitcoin():
    taken = await handler()(due())
    told = [(w.market, w.unit_min, w.rows, w.absent) for w in taken.candles.windows]
    assert told == [(m, u, 200, None) for m in ("KRW-ETH", "KRW-BTC") for u in (1440, 60, 15)]
    assert taken.candles.window("KRW-BTC", 60).opened_at(-1) == datetime(2026, 1, 5, 2, tzinfo=UTC)
    assert taken.candles.window("KRW-ETH", 1440).opened_at(-1) == datetime(2026, 1, 4, tzinfo=UTC)
    assert taken.candles.window("KRW-ETH", 15).opened_at(-1) == datetime(2026, 1, 5, 2, 45, tzinfo=UTC)


async def test_bitcoin_itself_is_asked_for_once():
    exchange = FakeExchange()
    taken = await handler(exchange=exchange)(due(cycle="KRW-BTC-20260105T0300Z"))
    assert [(m, u) for m, u, *_ in exchange.asked] == [("KRW-BTC", 1440), ("KRW-BTC", 60), ("KRW-BTC", 15)]
    assert (taken.safety.market_risk.correlation, taken.safety.market_risk.beta) == (1, 1)


async def test_candles_are_asked_for_up_to_the_last_closed_one():
    at = datetime(2026, 1, 5, 3, 20, tzinfo=UTC)
    exchange = FakeExchange(at=at)
    await handler(exchange=exchange)(due(cycle="KRW-ETH-20260105T0320Z", slot_at=at))
    assert {unit: (to.strftime("%d %H:%M"), count) for _, unit, to, count in exchange.asked} == {
        1440: ("05 00:00", 200),
        60: ("05 03:00", 200),
        15: ("05 03:15", 200),
    }


async def test_an_exchange_clock_after_the_slot_shows_no_later_candle():
    later = AT + timedelta(minutes=5)
    taken = await handler(exchange=FakeExchange(at=later))(due())
    assert taken.at == later
    assert taken.candles.window("KRW-ETH", 60).opened_at(-1) == AT - timedelta(hours=1)


async def test_an_exchange_clock_before_the_slot_still_calls_the_last_candle_forming():
    early = AT - timedelta(milliseconds=200)
    taken = await handler(exchange=FakeExchange(at=early))(due())
    assert taken.at == early
    assert taken.candles.window("KRW-ETH", 60).opened_at(-1) == AT - timedelta(hours=2)


@settings(max_examples=25, deadline=None)
@given(st.integers(-600, 600))
async def test_law_no_candle_closes_after_the_slot_or_the_exchanges_clock(seconds):
    at = AT + timedelta(seconds=seconds)
    taken = await handler(exchange=FakeExchange(at=at))(due())
    for of, unit_min in windows("KRW-ETH"):
        last = taken.candles.window(of, unit_min).opened_at(-1)
        assert last + timedelta(minutes=unit_min) <= min(at, AT)


async def test_what_comes_after_the_slot_changes_nothing():
    crashed = series(60, 600, end=AT + timedelta(days=3)).with_columns(
        pl.when(pl.col("open_time") >= AT).then(1.0).otherwise(c).alias(c) for c in ("open", "high", "low", "close")
    )
    taken = [await handler(exchange=exchange)(due()) for exchange in (FakeExchange(), FakeExchange(unit_60=crashed))]
    assert taken[0] == taken[1]


async def test_minute_candles_may_be_absent_and_the_crash_is_then_looked_for_in_hours():
    taken = await handler(exchange=FakeExchange(unit_15=series(15).clear()))(due())
    absent = window(taken, "KRW-ETH", 15)
    assert absent.rows == 0
    assert absent.absent == "the exchange has no 15-minute candles of KRW-ETH before 2026-01-05 03:00 UTC"
    assert len(taken.candles.window("KRW-ETH", 15)) == 0
    assert taken.safety.flash_crash.unit_min == 60


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        (series(15, 47), "the exchange has 47 15-minute candles of KRW-ETH, needed are 48"),
        (series(15, end=AT - timedelta(minutes=75)), "the 15-minute candles of KRW-ETH end at 2026-01-05 01:45 UTC"),
    ],
)
async def test_minute_candles_too_few_or_too_old_are_as_good_as_absent(minutes, reason):
    taken = await handler(exchange=FakeExchange(unit_15=minutes))(due())
    assert window(taken, "KRW-ETH", 15).absent == reason
    assert taken.safety.flash_crash.unit_min == 60


async def test_the_sentiment_index_may_be_absent():
    taken = await handler(sentiment=FakeIndex(Absent(absent="", reason_code="FEAR_GREED_OF_TAPE")))(due())
    assert taken.fear_greed == Absent(absent="", reason_code="FEAR_GREED_OF_TAPE")


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ({"unit_60": series(60).clear()}, "no hourly candles of KRW-ETH"),
        ({"unit_60": series(60, 24)}, "24 hourly candles of KRW-ETH, needed are 25"),
        ({"unit_60": series(60, end=AT - timedelta(hours=25))}, "hourly candles of KRW-ETH end at 2026-01-04 02:00"),
        ({"unit_1440": series(1440).clear()}, "no daily candles of KRW-ETH"),
        ({"unit_1440": series(1440, end=AT - timedelta(days=2))}, "daily candles of KRW-ETH end at 2026-01-03 00:00"),
    ],
)
async def test_without_days_or_hours_there_is_no_snapshot(frames, reason):
    with pytest.raises(IncompleteSnapshot, match=reason) as refused:
        await handler(exchange=FakeExchange(**frames))(due())
    assert CYCLE in str(refused.value)


async def test_the_least_of_everything_is_enough():
    least = {"unit_1440": series(1440, 1), "unit_60": series(60, 25), "unit_15": series(15, 48)}
    taken = await handler(exchange=FakeExchange(**least))(due())
    assert [w.rows for w in taken.candles.windows] == [1, 25, 48] * 2


@pytest.mark.parametrize("fault", [UnknownMarket("the exchange does not trade KRW-ETH"), ExchangeBusy("429")])
async def test_one_part_that_fails_fails_all_with_its_own_error(fault):
    with pytest.raises(type(fault)):
        await handler(exchange=FakeExchange(refusing=fault))(due())


async def test_without_a_history_there_is_no_snapshot():
    with pytest.raises(HistoryMissing):
        await handler(history=FaultyHistory())(due())


async def test_a_look_taken_ten_minutes_late_is_no_look_at_the_slot():
    assert await handler(exchange=FakeExchange(at=AT + timedelta(minutes=10)))(due())
    with pytest.raises(SlotOver, match="its slot is over"):
        await handler(exchange=FakeExchange(at=AT + timedelta(minutes=10, seconds=1)))(due())


async def test_the_same_answers_make_the_same_bytes_and_come_back_whole():
    one, two = [await handler()(due()) for _ in range(2)]
    assert one.model_dump_json() == two.model_dump_json()
    assert SnapshotTaken.model_validate_json(one.model_dump_json()) == one
