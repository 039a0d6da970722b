"""A snapshot becomes exactly one signal, by the year the snapshot names."""

from decimal import Decimal

import polars as pl
import pytest

from services.filter.core.days import history_of, whole
from services.filter.core.gate import Gate
from services.filter.handler import FilterHandler
from shared.candles import SCHEMA
from shared.events import SignalPassed, SignalRejected
from tests.support.builders import AT, CYCLE, position, snapshot


class FakeHistory:
    """A market that never traded: no trades, so a win rate of 0."""

    def __init__(self):
        self.asked = None

    async def year_before(self, market, at, digest):
        self.asked = (market, at, digest)
        return whole(history_of(pl.DataFrame(schema=SCHEMA)))


def handler(**changes):
    fields = {"history": FakeHistory(), "gate": Gate(), "guards": "entries", "k": 0.5, "fee_rate": 0.0, "slippage": 0.0}
    return FilterHandler(**fields | changes)


async def test_a_year_that_fails_rejects_with_its_report_and_price():
    signal = await handler()(snapshot(price=Decimal(4_350_000)))
    assert isinstance(signal, SignalRejected)
    assert (signal.cycle, signal.price, signal.report.trades) == (CYCLE, 4_350_000, 0)
    assert [(o.code, o.distance) for o in signal.objections] == [("WIN_RATE", 0.55)]


async def test_a_year_that_holds_passes():
    signal = await handler(gate=Gate(win_rate_min=0))(snapshot())
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
