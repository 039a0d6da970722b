"""The log's lines: quiet hours of a market together, whatever another market did in between."""

from services.backend.routes import examples
from services.page.core.runs import runs
from shared.api.cycles import Cycle

HOLD, FILLED = {"end_kind": "OrderSkipped", "decision": "hold"}, {"end_kind": "OrderFilled", "decision": "buy"}


def cycle(market, hour, **given):
    at = f"2026-01-05T{hour:02}:00:00+09:00"
    return Cycle.model_validate(examples.CYCLE | {"market": market, "slot_at": at} | given)


def test_quiet_hours_of_a_market_are_one_line_between_those_of_another():
    found = runs(cycle(market, hour, **HOLD) for hour in (5, 4, 3) for market in ("KRW-BTC", "KRW-ETH"))
    assert [(run.newest.market, run.kind, len(run.cycles)) for run in found] == [
        ("KRW-BTC", "hold", 3),
        ("KRW-ETH", "hold", 3),
    ]
    assert (found[0].newest.slot_at - found[0].first).total_seconds() == 2 * 3600


def test_a_trade_ends_a_run_and_stands_for_itself():
    found = runs(cycle("KRW-ETH", hour, **(FILLED if hour in (3, 4) else HOLD)) for hour in (6, 5, 4, 3, 2))
    assert [(run.kind, len(run.cycles)) for run in found] == [("hold", 2), ("buy", 1), ("buy", 1), ("hold", 1)]
