"""Hours of real candles through the whole chain on a real nats-server, in one process."""

from datetime import datetime
from decimal import Decimal

import pytest

from services.local.chain import chain
from shared.events import FillRecorded, SignalRejected
from shared.settings import Settings
from tests.support.checkers import (
    assert_balances_add_up,
    assert_each_started_cycle_ended_once,
    assert_one_order_for_each_cycle,
    bodies,
    events,
    of_the_tape,
    until_over,
)
from tests.support.twice import Twice

MARKETS = ("KRW-ETH", "KRW-BTC")
# A gate that real 2024 passes, so that orders are made; the owner's own passes none of these hours.
LOOSE = {"gate_win_rate_min": 0.3, "gate_drawdown_max": 0.6}


def stepped(data_dir, tmp_path, *, start, hours, **changes):
    tape = [data_dir / "candles" / f"upbit_{m}_1h_2023-07_2024-12.parquet" for m in MARKETS]
    return Settings.load(
        data_dir=tmp_path,
        trading_symbol=",".join(MARKETS),
        paper_clock="stepped",
        paper_tape=",".join(map(str, tape)),
        paper_admin_token="only-for-this-test",
        tape_from=start,
        tape_hours=hours,
        **changes,
    )


async def play(settings, middlewares=()):
    """Run the hours and check the laws; gives the log as bodies and as events."""
    async with chain(settings, middlewares=middlewares) as running:
        cycles = settings.tape_hours * len(settings.markets)
        async for _ in running.events(cycles):
            pass
        await until_over(running.js)
        found = await bodies(running.js)
        dead = await bodies(running.js, "DLQ")
        log = events(found)
        assert_each_started_cycle_ended_once(log)
        assert_one_order_for_each_cycle(log, running.exchange)
        assert_balances_add_up(log, running.exchange, Decimal(settings.paper_balance_krw))
    assert dead == []
    return found, log


@pytest.mark.parametrize(
    ("start", "hours", "sides"),
    [
        ("2024-08-07T17:00Z", 4, {"buy"}),
        pytest.param("2024-08-07T06:00Z", 48, {"buy", "sell"}, marks=pytest.mark.slow),
    ],
)
async def test_real_hours_end_once_each_and_twice_delivered_they_are_the_same_bytes(
    data_dir, tmp_path, start, hours, sides
):
    asked = {"start": start, "hours": hours, **LOOSE}
    once, log = await play(stepped(data_dir, tmp_path / "once", **asked))
    twice, _ = await play(stepped(data_dir, tmp_path / "twice", **asked), middlewares=[Twice])
    assert len(log) > 2 * hours * 4
    assert {e.side for e in log if isinstance(e, FillRecorded)} == sides
    assert [subject for subject, _ in once] == [subject for subject, _ in twice]
    assert of_the_tape(once) == of_the_tape(twice)


async def test_the_owners_gate_lets_no_hour_of_december_2024_through_and_says_by_how_much(data_dir, tmp_path):
    _, log = await play(stepped(data_dir, tmp_path, start="2024-12-10T00:00Z", hours=3))
    rejected = [e for e in log if isinstance(e, SignalRejected)]
    assert len(rejected) == 6
    assert all(o.code == "WIN_RATE" and o.distance > 0 for e in rejected for o in e.objections)


@pytest.mark.slow
async def test_720_real_hours_end_once_each(data_dir, tmp_path):
    _, log = await play(stepped(data_dir, tmp_path, start="2024-11-20T00:00Z", hours=720, **LOOSE))
    assert max(e.slot for e in log if isinstance(e, SignalRejected | FillRecorded)) > f"{datetime(2024, 12, 1):%Y%m%d}"
