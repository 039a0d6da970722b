"""When each alert fires and when it stays quiet: series in promtool's notation, one value a minute.

`HEALTHY` fires nothing. A case replaces some of it, and says after how many minutes it is looked at.
"""

from dataclasses import dataclass, field

from infra.prometheus.targets import STAGES
from shared.services import NAMED
from shared.settings import API_PORT

HEALTHY = {
    'cycles_missed_total{symbol="KRW-ETH",reason="late"}': "0x600",
    'cycles_missed_total{symbol="KRW-ETH",reason="paused"}': "0x600",
    'cycle_last_ended_timestamp_seconds{symbol="KRW-ETH"}': "0x59 3600x59 7200x59 10800x59 14400x360",
    "cycle_interval_seconds": "3600x600",
    "bot_running": "1x600",
    'cycles_ended_total{symbol="KRW-ETH",end="CycleFailed"}': "0x600",
    'cycles_ended_total{symbol="KRW-ETH",end="OrderUnresolved"}': "0x600",
    'cycles_ended_total{symbol="KRW-ETH",end="OrderRejected"}': "0x600",
    "bot_errors_total": "0x600",
    'unresolved_orders{symbol="KRW-ETH"}': "0x600",
    'foreign_orders{symbol="KRW-ETH"}': "0x600",
    'differing_orders{symbol="KRW-ETH"}': "0x600",
    'position_drift_coins{symbol="KRW-ETH"}': "0x600",
    'account_surplus_coins{symbol="KRW-ETH"}': "0x600",
    "log_restored": "0x600",
    "switch_unbacked": "0x600",
    'clock_skew_seconds{stage="collector"}': "-0.4x600",
    'clock_skew_seconds{stage="clock"}': "1.9x600",
    "broker_memory_bytes": "60000000x600",
    "broker_memory_limit_bytes": "400000000x600",
    "broker_disk_free_bytes": "20000000000x600",
    "broker_disk_total_bytes": "500000000000x600",
    'market_data_timestamp_seconds{symbol="KRW-ETH"}': "0+60x600",
    "portfolio_value_krw": "1000000x600",
    "key_expires_timestamp_seconds": "31536000x600",
    'llm_requests_total{model="gpt-4.1",outcome="ok"}': "0+1x600",
    'llm_requests_total{model="gpt-4.1",outcome="timeout"}': "0x600",
    "llm_budget_spent_ratio": "0.1x600",
    f'up{{job="backend",instance="backend:{API_PORT}"}}': "1x600",
    **{
        f'up{{job="stages",stage="{stage}",instance="10.0.0.{n}:{NAMED[stage].port}"}}': "1x600"
        for n, stage in enumerate(STAGES, start=2)
    },
    "clock_heartbeat_timestamp_seconds": "0+60x600",
    'jetstream_consumer_num_pending{stream="EV",consumer="analyst"}': "0x600",
    'jetstream_consumer_num_ack_pending{stream="EV",consumer="analyst"}': "0 1 0 1 0 1 0x594",
    'jetstream_consumer_ack_floor_stream_seq{stream="EV",consumer="analyst"}': "0+1x600",
    'dead_letters{stage="filter"}': "0x600",
    "nats_up": "1x600",
    "nats_healthy": "1x600",
    "pg_up": "1x600",
}
MISSED = 'cycles_missed_total{symbol="KRW-ETH",reason='
ENDED = 'cycle_last_ended_timestamp_seconds{symbol="KRW-ETH"}'
UNRESOLVED = 'unresolved_orders{symbol="KRW-ETH"}'
SKEW = 'clock_skew_seconds{stage="collector"}'
BACKEND_UP = f'up{{job="backend",instance="backend:{API_PORT}"}}'
_ANALYSTS = {"job": "stages", "stage": "analyst", "instance": f"10.0.0.5:{NAMED['analyst'].port}"}
ANALYST = f'up{{job="stages",stage="analyst",instance="{_ANALYSTS["instance"]}"}}'
PENDING = 'jetstream_consumer_num_pending{stream="EV",consumer="analyst"}'
FLOOR = 'jetstream_consumer_ack_floor_stream_seq{stream="EV",consumer="analyst"}'


@dataclass(frozen=True)
class Case:
    """now: series in place of the healthy ones, None takes one away. at_min: when it is looked at."""

    alert: str
    now: dict[str, str | None]
    at_min: int
    labels: dict[str, str] = field(default_factory=dict)


BACKEND = {"job": "backend"}
ETH = {"symbol": "KRW-ETH"}

FIRES = (
    Case(
        "MissedCycle",
        {'cycles_missed_total{symbol="KRW-ETH",reason="late"}': "0x60 1x540"},
        62,
        ETH | {"reason": "late"},
    ),
    Case("NoCycle", {ENDED: "0x600"}, 83, ETH),
    Case("UnfinishedCycle", {'cycle_open_timestamp_seconds{symbol="KRW-ETH"}': "0x600"}, 11, ETH),
    Case("CyclesFailing", {'cycles_ended_total{symbol="KRW-ETH",end="CycleFailed"}': "0x60 1x540"}, 90, ETH),
    Case("ErrorRate", {"bot_errors_total": "0x60 5x540"}, 70),
    Case("DataStale", {'market_data_timestamp_seconds{symbol="KRW-ETH"}': "0x600"}, 128, ETH),
    Case("OrderUnresolved", {'cycles_ended_total{symbol="KRW-ETH",end="OrderUnresolved"}': "0x60 1x540"}, 70, ETH),
    Case("OrderUnresolved", {UNRESOLVED: "0x60 1x540"}, 300, ETH),  # until it is settled
    Case("ForeignOrder", {'foreign_orders{symbol="KRW-ETH"}': "0x5 1x595"}, 6, ETH),
    Case("DifferingOrder", {'differing_orders{symbol="KRW-ETH"}': "0x5 1x595"}, 6, ETH),
    Case("PositionDrift", {'position_drift_coins{symbol="KRW-ETH"}': "0x5 0.00000001x595"}, 6, ETH),
    Case("AccountSurplus", {'account_surplus_coins{symbol="KRW-ETH"}': "0x5 0.5x595"}, 6, ETH),
    Case("LogRestored", {"log_restored": "0x5 1x595"}, 6),
    Case("SwitchUnbacked", {"switch_unbacked": "0x5 1x595"}, 7),
    Case("ClockSkew", {SKEW: "-2.1x600"}, 5, {"stage": "collector"}),
    Case("ClockSkew", {SKEW: "2.1x600"}, 5, {"stage": "collector"}),
    Case("ClockWrong", {SKEW: "-31x600"}, 5, {"stage": "collector"}),
    Case("ClockWrong", {SKEW: "86400x600"}, 5, {"stage": "collector"}),
    Case("BrokerMemory", {"broker_memory_bytes": "321000000x600"}, 10),
    Case("BrokerDisk", {"broker_disk_free_bytes": "4900000000x600"}, 10),
    Case("BrokerDisk", {"broker_disk_free_bytes": "6000000x600", "broker_disk_total_bytes": "64000000x600"}, 10),
    Case("OrderRejected", {'cycles_ended_total{symbol="KRW-ETH",end="OrderRejected"}': "0x60 1x540"}, 70, ETH),
    Case("Drawdown", {"portfolio_value_krw": "1000000x60 940000x540"}, 70),
    Case("KeyExpiring", {"key_expires_timestamp_seconds": "604800x600"}, 5),
    Case(
        "ModelFailing",
        {
            'llm_requests_total{model="gpt-4.1",outcome="ok"}': "0x600",
            'llm_requests_total{model="gpt-4.1",outcome="timeout"}': "0+1x600",
        },
        30,
    ),
    Case("BudgetNearlySpent", {"llm_budget_spent_ratio": "0.81x600"}, 5),
    Case("BackendDown", {BACKEND_UP: "0x600"}, 5, BACKEND | {"instance": f"backend:{API_PORT}"}),
    Case("BackendDown", {BACKEND_UP: None}, 5, BACKEND),
    Case("StageReplicaDown", {ANALYST: "0x600"}, 5, _ANALYSTS),
    Case("StageGone", {ANALYST: "1x10"}, 20, {"stage": "analyst"}),
    Case("StageGone", {ANALYST: None}, 5, {"stage": "analyst"}),
    Case("ClockSilent", {"clock_heartbeat_timestamp_seconds": "0x600"}, 5),
    Case("StageLag", {PENDING: "21x600"}, 5, {"consumer": "analyst"}),
    Case("StageStuck", {PENDING: "1x600", FLOOR: "7x600"}, 20, {"consumer": "analyst"}),
    Case("DeadLetters", {'dead_letters{stage="filter"}': "0x5 1x595"}, 6, {"stage": "filter"}),
    Case("BrokerDown", {"nats_up": "0x600"}, 5),
    Case("BrokerDown", {"nats_up": None}, 5),
    Case("BrokerUnwell", {"nats_healthy": "0x600"}, 5),
    Case("DatabaseDown", {"pg_up": "0x600"}, 5),
    Case("DatabaseDown", {"pg_up": None}, 5),
)

# Right below the limit, or for a reason that needs nobody.
QUIET = (
    Case("MissedCycle", {MISSED + '"paused"}': "0x60 1x540"}, 62),
    Case("NoCycle", {ENDED: "0x600"}, 80),
    Case("NoCycle", {ENDED: "0x600", "bot_running": "0x600"}, 200),
    Case("UnfinishedCycle", {'cycle_open_timestamp_seconds{symbol="KRW-ETH"}': "0x600"}, 10),
    Case("CyclesFailing", {'cycles_ended_total{symbol="KRW-ETH",end="CycleFailed"}': "0x60 1x540"}, 185),
    Case("ErrorRate", {"bot_errors_total": "0x60 2x540"}, 70),
    Case("DataStale", {'market_data_timestamp_seconds{symbol="KRW-ETH"}': "0x600"}, 124),
    Case("DataStale", {'market_data_timestamp_seconds{symbol="KRW-ETH"}': "0x600", "bot_running": "0x600"}, 150),
    Case("OrderUnresolved", {'cycles_ended_total{symbol="KRW-ETH",end="OrderUnresolved"}': "1x600"}, 70),
    Case("AccountSurplus", {'account_surplus_coins{symbol="KRW-ETH"}': "0x5 0.5x59 0x536"}, 70),  # of one valuation
    Case("SwitchUnbacked", {"switch_unbacked": "0x5 1x0 0x594"}, 6),  # the event comes right behind the wish
    Case("ClockSkew", {SKEW: "2x600"}, 5),
    Case("ClockWrong", {SKEW: "-30x600"}, 5),
    Case("BrokerMemory", {"broker_memory_bytes": "319000000x600"}, 10),
    Case("BrokerMemory", {"broker_memory_bytes": "900000000x600", "broker_memory_limit_bytes": None}, 10),
    Case("BrokerDisk", {"broker_disk_free_bytes": "5100000000x600"}, 10),
    Case("BrokerDisk", {"broker_disk_free_bytes": "4900000000x600", "broker_disk_total_bytes": "40000000000x600"}, 10),
    Case("Drawdown", {"portfolio_value_krw": "1000000x60 960000x540"}, 70),
    Case("KeyExpiring", {"key_expires_timestamp_seconds": "691200x600"}, 5),
    Case("ModelFailing", {'llm_requests_total{model="gpt-4.1",outcome="timeout"}': "0+0.9x600"}, 200),
    Case("BudgetNearlySpent", {"llm_budget_spent_ratio": "0.8x600"}, 5),
    Case("StageLag", {PENDING: "20x600"}, 5),
    Case("StageStuck", {PENDING: "1x600"}, 30),  # it works, though something always waits
    Case("StageStuck", {PENDING: "0x600", FLOOR: "7x600"}, 30),  # nothing to do
    Case("BrokerUnwell", {"nats_healthy": None}, 30),  # its page is not known, or away: BrokerDown has that
    Case("ClockSilent", {"clock_heartbeat_timestamp_seconds": "0x2 120x598"}, 3),
)
