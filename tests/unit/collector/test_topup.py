"""How a history grows: nothing is lost where stretches or months meet, and what came otherwise is told."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from services.collector.core.topup import HOUR, PAGE, hour_of, join, pages_over
from shared.candles import SCHEMA
from tests.support.builders import candles

START = datetime(2025, 1, 31, 10, tzinfo=UTC)


SPANS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 400)), max_size=8)


@given(SPANS, st.integers(0, 2000))
def test_pages_cover_every_hour_of_every_span_up_to_the_end(spans, end):
    asked = sorted((START + at * HOUR, START + (at + hours) * HOUR) for at, hours in spans)
    ends = pages_over(asked, START + end * HOUR)
    covered = {to - n * HOUR for to in ends for n in range(1, PAGE + 1)}
    wanted = {START + n * HOUR for at, hours in spans for n in range(at, min(at + hours, end))}
    assert wanted <= covered
    assert all(to <= START + end * HOUR for to in ends)
    assert ends == sorted(set(ends))


def test_holes_that_lie_near_each_other_cost_one_request():
    holes = [(START + n * HOUR, START + (n + 1) * HOUR) for n in (0, 7, 199)]
    assert len(pages_over(holes, START + 5000 * HOUR)) == 1


@given(st.integers(0, 2000))
def test_pages_of_two_hundred_hours_cover_a_stretch_with_as_few_as_can_be(hours):
    ends = pages_over([(START, START + hours * HOUR)], START + hours * HOUR)
    assert len(ends) == -(-hours // PAGE)


def test_an_hour_is_the_last_full_one():
    assert hour_of(datetime(2025, 2, 1, 0, 59, 59, 999, tzinfo=UTC)) == datetime(2025, 2, 1, tzinfo=UTC)


def test_new_hours_are_no_corrections():
    joined = join(candles(10, start=START), candles(12, start=START))
    assert (joined.changed, joined.corrections, joined.foreign) == (True, (), False)
    assert joined.frame.equals(candles(12, start=START))


def test_the_same_hours_change_nothing():
    joined = join(candles(10, start=START), candles(10, start=START).tail(4))
    assert (joined.changed, joined.corrections) == (False, ())


def test_a_candle_that_came_otherwise_is_taken_and_told():
    read = candles(10, start=START).with_columns(
        close=pl.when(pl.int_range(pl.len()) == 9).then(pl.col("high")).otherwise("close")
    )
    joined = join(candles(10, start=START), read)
    (correction,) = joined.corrections
    assert correction.at == START + 9 * HOUR
    assert correction.before == candles(10, start=START).row(9)[1:]
    assert correction.after == read.row(9)[1:]
    assert joined.frame.equals(read)


def test_a_candle_that_came_late_is_told_with_nothing_before_it():
    whole = candles(10, start=START)
    joined = join(whole.filter(pl.col("open_time") != START + 5 * HOUR), whole)
    assert [(c.at, c.before) for c in joined.corrections] == [(START + 5 * HOUR, None)]
    assert joined.frame.equals(whole)


def test_what_lies_before_the_first_hour_held_is_no_correction():
    whole = candles(10, start=START)
    joined = join(whole.tail(4), whole)
    assert (joined.corrections, joined.frame.equals(whole)) == ((), True)


def test_what_the_exchange_gives_no_more_stays():
    whole = candles(10, start=START)
    joined = join(whole, whole.filter(pl.col("open_time") != START + 5 * HOUR))
    assert joined.frame.equals(whole)
    assert not joined.changed


def test_another_tapes_hours_are_foreign_and_one_bad_hour_is_not():
    whole = candles(48, start=START)
    dearer = whole.with_columns(pl.col("open", "high", "low", "close") * 1.01)
    assert join(whole, dearer).foreign
    assert not join(whole, pl.concat([whole.head(47), dearer.tail(1)])).foreign


def test_the_rounding_of_a_sum_of_volumes_is_no_correction():
    whole = candles(5, start=START)
    assert not join(whole, whole.with_columns(pl.col("volume") * (1 + 1e-9))).changed


def test_nothing_joined_with_something_is_that():
    nothing, some = pl.DataFrame(schema=SCHEMA), candles(3, start=START)
    assert join(nothing, some).frame.equals(some)
    assert join(some, nothing).frame.equals(some)
    assert not join(some, nothing).changed


def test_hours_around_a_month_in_seoul_are_all_there():
    """The traps of a month that begins nine hours early: 15:00 UTC is Seoul's midnight."""
    held = candles(5, start=datetime(2025, 1, 31, 10, tzinfo=UTC))  # to 14:00
    joined = join(held, candles(20, start=datetime(2025, 1, 31, 10, tzinfo=UTC)))
    times = joined.frame["open_time"].to_list()
    assert times == [datetime(2025, 1, 31, 10, tzinfo=UTC) + n * timedelta(hours=1) for n in range(20)]
