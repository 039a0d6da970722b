"""What had closed by a moment, and how windows ride in an event and come out again."""

import io
from datetime import timedelta

import polars as pl
import pytest

from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.candles import SCHEMA, BadCandles, _frame, closed_before
from shared.candles import packed as candles_of
from shared.events import SnapshotTaken
from tests.support.builders import AT, candles
from tests.support.golden_hours import GOLDEN, golden

HOUR = timedelta(hours=1)
HOURS = candles(5, start=AT - 5 * HOUR)  # the last one closes at AT
ARRAYS = CandleArrays.of(HOURS)


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
    return CandleFrame.pack(zip(told, [ARRAYS, NO_CANDLES, ARRAYS[-2:]], strict=True))


def test_each_window_comes_out_as_it_went_in():
    frame = CandleFrame.model_validate_json(packed().model_dump_json())
    assert frame.window("KRW-ETH", 60) == ARRAYS
    assert frame.window("KRW-BTC", 60) == ARRAYS[-2:]
    assert frame.window("KRW-ETH", 15) == frame.window("KRW-XRP", 60) == NO_CANDLES


def test_windows_that_name_other_candles_than_there_are_cannot_be_read():
    short = packed().model_copy(update={"windows": packed().windows[:2]})
    with pytest.raises(BadCandles, match="the windows name 5 candles, their frame holds 7"):
        short.window("KRW-ETH", 60)


def test_the_frame_itself_is_arrow_as_it_always_was():
    held = pl.read_ipc(packed().arrow)
    assert held.schema == {"market": pl.String(), "unit_min": pl.Int32(), **SCHEMA}
    assert held.drop("market", "unit_min").equals(pl.concat([HOURS, HOURS.tail(2)]))
    assert held["market"].to_list() == ["KRW-ETH"] * 5 + ["KRW-BTC"] * 2


@pytest.mark.parametrize("rows", [0, 1, 5, 200])
def test_a_frame_read_as_a_stream_is_the_frame_read_as_a_file(rows, monkeypatch):
    arrow = candles_of([("KRW-ETH", 60, CandleArrays.of(candles(200))[:rows]), ("KRW-BTC", 15, ARRAYS)])
    file = pl.read_ipc(arrow)
    monkeypatch.setattr(pl, "read_ipc", None)  # so it was no stream
    assert _frame(arrow).equals(file)


def test_a_frame_that_is_laid_out_otherwise_is_read_as_a_file():
    data = io.BytesIO()
    HOURS.write_ipc(data)
    assert _frame(data.getvalue()).equals(HOURS)


def test_the_frames_of_the_golden_hours_are_read_the_same_either_way():
    for hour in map(golden, GOLDEN):
        arrow = hour.must(SnapshotTaken).candles.arrow
        assert _frame(arrow).equals(pl.read_ipc(arrow))


def test_an_array_candle_tells_its_time_and_its_close():
    assert ARRAYS.opened_at(-1) == AT - HOUR
    assert ARRAYS.close_of(AT - HOUR) == HOURS["close"][-1]
    assert ARRAYS.close_of(AT) is ARRAYS.close_of(AT - HOUR / 2) is NO_CANDLES.close_of(AT) is None
    assert [*ARRAYS.rows()] == HOURS.rows()
    assert CandleArrays.of_rows(HOURS.rows()) == ARRAYS
    assert CandleArrays.of_rows([]) == NO_CANDLES


def test_a_frame_that_was_opened_is_still_equal_to_one_that_was_not():
    opened = packed()
    opened.window("KRW-ETH", 60)
    assert opened == packed()
    assert hash(opened) == hash(packed())
    assert opened.model_dump() == packed().model_dump()
