"""The gate's metrics: how far off, and how often it said what."""

from services.filter.adapters.gate_meter import GateMeter, MeteredHandler
from services.filter.core.gate import StrategyGate
from shared.telemetry import Metrics
from tests.support.builders import passed, rejected, report, snapshot


def lines(metrics):
    return {line for line in metrics.render().decode().splitlines() if line.startswith("gate_")}


def test_every_counter_stands_at_zero_before_the_first_signal():
    metrics = Metrics()
    GateMeter(metrics, StrategyGate(), ("KRW-ETH",))
    assert lines(metrics) == {
        'gate_signals_total{market="KRW-ETH",outcome="passed"} 0.0',
        'gate_signals_total{market="KRW-ETH",outcome="exit_only"} 0.0',
        'gate_signals_total{market="KRW-ETH",outcome="rejected"} 0.0',
    }


def test_a_distance_is_positive_where_something_is_missing_and_negative_where_it_is_spared():
    metrics = Metrics()
    GateMeter(metrics, StrategyGate(), ()).count(
        rejected(report=report(win_rate=0.25, drawdown=0.05, trades=219, hours_missing=27))
    )
    assert lines(metrics) >= {
        'gate_distance{market="KRW-ETH",reason="WIN_RATE"} 0.30000000000000004',
        'gate_distance{market="KRW-ETH",reason="DRAWDOWN"} -0.25',
        'gate_distance{market="KRW-ETH",reason="TRADES"} -219.0',
        'gate_hours_missing{market="KRW-ETH"} 27.0',
    }


async def test_what_the_handler_said_is_counted_by_its_outcome():
    metrics, said = Metrics(), [rejected(), passed(), passed(exit_only=True), rejected()]

    async def handler(_):
        return said.pop()

    metered = MeteredHandler(handler, GateMeter(metrics, StrategyGate(), ("KRW-ETH",)))
    for _ in range(4):
        await metered(snapshot())
    assert lines(metrics) >= {
        'gate_signals_total{market="KRW-ETH",outcome="passed"} 1.0',
        'gate_signals_total{market="KRW-ETH",outcome="exit_only"} 1.0',
        'gate_signals_total{market="KRW-ETH",outcome="rejected"} 2.0',
    }
