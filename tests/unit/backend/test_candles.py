"""The candles of the API come from the log's snapshots, and none of them closed after the cut."""

from datetime import datetime, timedelta

import polars as pl

from shared.events import SnapshotTaken
from shared.types import cycle_id
from tests.support.builders import AT, candles, due, frame, passed, snapshot
from tests.support.waiting import eventually

HOUR = timedelta(hours=1)


def hour(at: datetime, rows: int = 40, **changed: float) -> tuple:
    """A cycle whose snapshot holds the `rows` candles before it; changed: of its last one."""
    window = candles(rows, start=at - rows * HOUR)
    if changed:
        window = pl.concat([window.head(rows - 1), window.tail(1).with_columns(**changed)])
    cycle = cycle_id("KRW-ETH", at)
    return due(cycle=cycle, slot_at=at), snapshot(cycle=cycle, at=at, candles=frame(window)), passed(cycle=cycle)


async def test_two_snapshots_make_one_row_without_a_gap_or_a_double(running):
    await running.booked(*hour(AT), *hour(AT + 30 * HOUR))
    told = (await running.api.get("/api/candles?market=KRW-ETH&limit=1000")).json()
    opened = [datetime.fromisoformat(candle["at"]) for candle in told["candles"]]
    assert opened == [AT + n * HOUR for n in range(-40, 30)]
    assert told["interval_minutes"] == 60


async def test_nothing_that_closed_after_the_cut_is_shown_and_no_later_correction(running):
    await running.booked(*hour(AT), *hour(AT + HOUR, rows=41))
    at_the_cut = {"market": "KRW-ETH", "to": AT.isoformat()}
    told = (await running.api.get("/api/candles", params=at_the_cut)).json()["candles"]
    assert datetime.fromisoformat(told[-1]["at"]) + HOUR == AT
    in_between = {"market": "KRW-ETH", "to": (AT + timedelta(minutes=59)).isoformat()}
    assert (await running.api.get("/api/candles", params=in_between)).json()["candles"] == told


async def test_a_candle_is_as_it_was_known_at_the_cut(running):
    await running.booked(*hour(AT), *hour(AT + HOUR, rows=1), *hour(AT + 2 * HOUR, rows=3, volume=77.0))
    then = {"market": "KRW-ETH", "to": (AT + HOUR).isoformat(), "limit": "1"}
    now = {"market": "KRW-ETH", "limit": "1"}
    assert [c["volume"] for c in (await running.api.get("/api/candles", params=then)).json()["candles"]] == [10]
    assert [c["volume"] for c in (await running.api.get("/api/candles", params=now)).json()["candles"]] == [77]


async def test_from_and_limit_bound_what_is_given(running):
    await running.booked(*hour(AT))
    since = {"market": "KRW-ETH", "from": (AT - 3 * HOUR).isoformat()}
    assert len((await running.api.get("/api/candles", params=since)).json()["candles"]) == 3
    newest = (await running.api.get("/api/candles", params=since | {"limit": "2"})).json()["candles"]
    assert datetime.fromisoformat(newest[0]["at"]) == AT - 2 * HOUR


async def test_a_market_without_a_cycle_has_no_candles_and_a_snapshot_nobody_can_read_is_passed_over(running):
    assert (await running.api.get("/api/candles?market=KRW-BTC")).json()["candles"] == []
    tick, seen, signal = hour(AT + HOUR)
    await running.booked(*hour(AT), tick)
    await running.log.publish_raw(b"{", SnapshotTaken.subject_of(seen.cycle), stream="EV", headers={})
    await running.log.emit(signal)
    await eventually(running.is_read)
    told = (await running.api.get("/api/candles?market=KRW-ETH")).json()["candles"]
    assert len(told) == 40


async def test_a_time_without_its_zone_is_refused_by_name(running):
    answer = await running.api.get("/api/candles?market=KRW-ETH&to=2026-01-05T12:00:00")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("to: ")
