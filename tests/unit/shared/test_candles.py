"""What had closed by a moment, and how windows ride in an event and come out again."""

from datetime import timedelta

import pytest

from shared.candle_frame import CandleFrame, CandleWindow
from shared.candles import SCHEMA, closed_before
from tests.support.builders import AT, candles

HOUR = timedelta(hours=1)
HOURS = candles(5, start=AT - 5 * HOUR)  # the last one closes at AT


@pytest.mark.parametrize(
    ("at", "rows"),
    [
        (AT, 5),
        (AT - timedelta(microseconds=1), 4),
        (AT + timedelta(microseconds=999), 5),
        (AT - 4 * HOUR, 1),
        (AT - 4 * HOUR - timedelta(milliseconds=1), 0),
        (AT.replace(year=1960), 0),
        (AT + 1000 * HOUR, 5),
    ],
)
def test_a_candle_counts_from_the_moment_it_closed(at, rows):
    assert closed_before(HOURS, at, HOUR).equals(HOURS.head(rows))


def test_of_no_candles_none_had_closed():
    assert closed_before(HOURS.clear(), AT, HOUR).is_empty()


def packed():
    told = [
        CandleWindow(market="KRW-ETH", unit_min=60, rows=5),
        CandleWindow(market="KRW-ETH", unit_min=15, rows=0, absent="a test"),
        CandleWindow(market="KRW-BTC", unit_min=60, rows=2),
    ]
    return CandleFrame.pack(zip(told, [HOURS, HOURS.clear(), HOURS.tail(2)], strict=True))


def test_each_window_comes_out_as_it_went_in():
    frame = CandleFrame.model_validate_json(packed().model_dump_json())
    assert frame.window("KRW-ETH", 60).equals(HOURS)
    assert frame.window("KRW-BTC", 60).equals(HOURS.tail(2))
    for nothing in (frame.window("KRW-ETH", 15), frame.window("KRW-XRP", 60)):
        assert (nothing.schema, nothing.is_empty()) == (SCHEMA, True)


def test_a_frame_that_was_opened_is_still_equal_to_one_that_was_not():
    opened = packed()
    opened.window("KRW-ETH", 60)
    assert opened == packed()
    assert hash(opened) == hash(packed())
    assert opened.model_dump() == packed().model_dump()
