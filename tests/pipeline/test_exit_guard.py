"""The exit guard in the whole chain, on a tape, on a real nats-server."""

from decimal import Decimal

from services.local.chain import chain
from shared.events import ExitDue, FillRecorded
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
from tests.support.hours import LOOSE
from tests.support.twice import Twice


async def play(folder, middlewares=()):
    settings = Settings.load(
        data_dir=folder, trading_symbol="KRW-ETH", paper_clock="stepped", paper_admin_token="only-for-this-test",
        tape_from="2025-01-02T02:00Z", tape_hours=4, exit_trailing_stop=0.01, exit_take_profit=0.01, **LOOSE,
    )  # fmt: skip
    async with chain(settings, middlewares=middlewares) as running:
        async for _ in running.events(settings.tape_hours):
            pass
        await until_over(running.js)
        found = await bodies(running.js)
        log = events(found)
        assert_each_started_cycle_ended_once(log)
        assert_one_order_for_each_cycle(log, running.exchange)
        assert_balances_add_up(log, running.exchange, Decimal(settings.paper_balance_krw))
    return found, log


async def test_a_tape_with_the_guard_on_closes_positions_and_is_the_same_bytes_twice(tmp_path):
    once, log = await play(tmp_path / "once")
    twice, _ = await play(tmp_path / "twice", middlewares=[Twice])
    fired = [e for e in log if isinstance(e, ExitDue)]
    assert fired
    sold = {e.cycle for e in log if isinstance(e, FillRecorded) and e.side == "sell"}
    assert {e.cycle for e in fired} & sold
    assert of_the_tape(once) == of_the_tape(twice)
