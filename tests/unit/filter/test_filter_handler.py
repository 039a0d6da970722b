"""A snapshot becomes exactly one signal, by the year the snapshot names."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from services.filter.core.breakout import Rule
from services.filter.core.days import history_of, to_ms, whole, year_before
from services.filter.core.gate import StrategyGate
from services.filter.handler import FilterHandler
from shared.candles import SCHEMA
from shared.events import SignalPassed, SignalRejected
from tests.support.builders import AT, CYCLE, candles, position, snapshot


class FakeHistory:
    """A market that never traded: no trades, so a win rate of 0."""

    def __init__(self):
        self.asked = None

    async def year_before(self, market, at, digest):
        self.asked = (market, at, digest)
        return whole(history_of(pl.DataFrame(schema=SCHEMA)))


@dataclass(frozen=True)
class FakeYear:
    candles: pl.DataFrame

    async def year_before(self, market, at, digest):
        return year_before(history_of(self.candles), to_ms(at))


def handler(**changes):
    fields = {"history": FakeHistory(), "gate": StrategyGate(), "guards": "entries", "rule": Rule(0.5, 0.0, 0.0)}
    return FilterHandler(**fields | changes)


async def test_a_year_that_fails_rejects_with_its_report_and_price():
    signal = await handler()(snapshot(price=Decimal(4_350_000)))
    assert isinstance(signal, SignalRejected)
    assert (signal.cycle, signal.price, signal.report.trades) == (CYCLE, 4_350_000, 0)
    assert [(o.code, o.distance) for o in signal.objections] == [("WIN_RATE", 0.55)]


async def test_a_year_that_holds_passes():
    signal = await handler(gate=StrategyGate(win_rate_min=0))(snapshot())
    assert isinstance(signal, SignalPassed)
    assert (signal.exit_only, signal.objections) == (False, ())


async def test_who_holds_a_position_may_close_it_whatever_the_year_was():
    signal = await handler()(snapshot(position=position()))
    assert isinstance(signal, SignalPassed)
    assert signal.exit_only
    assert [o.code for o in signal.objections] == ["WIN_RATE"]


@pytest.mark.parametrize(
    ("guards", "held"),
    [("all", position()), ("entries", position(volume=Decimal(0))), ("entries", None)],
)
async def test_otherwise_a_failed_gate_rejects(guards, held):
    assert isinstance(await handler(guards=guards)(snapshot(position=held)), SignalRejected)


async def test_the_year_is_asked_for_by_the_snapshots_own_time_and_digest():
    history = FakeHistory()
    await handler(history=history)(snapshot(history_digest="feedfeedfeedfeed"))
    assert history.asked == ("KRW-ETH", AT, "feedfeedfeedfeed")


YEAR = 365 * 24 + 3  # hours from 00:00 of the day a year before to 03:00, the snapshot's time
BEFORE = AT.replace(hour=0) - timedelta(days=365)
WEEK = pl.col("open_time").is_between(BEFORE + timedelta(days=100), BEFORE + timedelta(days=107), closed="left")


@pytest.mark.parametrize(
    ("candles", "missing"),
    [
        (candles(YEAR, start=BEFORE), 0),
        (candles(YEAR + 500, start=BEFORE - timedelta(hours=500)), 0),
        (candles(YEAR, start=BEFORE).filter(~WEEK), 168),
        (candles(20 * 24, start=AT - timedelta(days=20)), YEAR - 480),  # twenty days of history
        (candles(YEAR - 30, start=BEFORE), 30),  # a history that ends thirty hours ago
        (candles(0, start=BEFORE), YEAR),
    ],
)
async def test_the_hours_of_the_year_that_are_missing_are_counted(candles, missing):
    signal = await handler(history=FakeYear(candles), gate=StrategyGate(win_rate_min=0))(snapshot())
    assert signal.report.hours_missing == missing
