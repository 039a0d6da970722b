"""Writes the dashboards' JSON: python -m infra.grafana.generate. The committed files are what Grafana reads."""

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from infra.grafana.panels import figure, page, pie, series

FOLDER = Path(__file__).parent / "dashboards"
_SECONDS = "scheduler_job_duration_seconds"
_P95 = "histogram_quantile(0.95, sum by (le{by}) (rate({name}_bucket[{span}])))"


def owners() -> Any:
    """The owner's ten panels, his titles, kinds and queries."""
    return page(
        "AI Trading Bot - 실시간 모니터링",
        "ai-trading-bot",
        pie(
            "스케줄러 작업 성공/실패",
            ("scheduler_job_success_total", "{{job_name}} 성공"),
            ("scheduler_job_failure_total", "{{job_name}} 실패"),
        ),
        series(
            "작업 실행 시간 추이",
            (
                f"rate({_SECONDS}_sum[1h]) / rate({_SECONDS}_count[1h])",
                "{{job_name}} 평균",
            ),
            (_P95.format(by=", job_name", name=_SECONDS, span="1h"), "{{job_name}} p95"),
            unit="s",
        ),
        pie("AI 판단 분포", ("sum by (decision) (ai_decision_total)", "{{decision}}"), donut=True),
        series("AI 판단 추이", ("rate(ai_decision_total[5m])", "{{symbol}} {{decision}}"), unit="ops"),
        figure("Backend 상태", ('up{job="backend"}', "backend")),
        figure("총 에러 건수", ("sum(bot_errors_total)", "에러")),
        figure(
            "API 응답 시간 (p95)",
            (_P95.format(by="", name="http_request_duration_seconds", span="5m"), "p95"),
            unit="s",
        ),
        figure("총 거래 횟수", ("sum(trades_total)", "거래")),
        series("포트폴리오 가치 추이", ("portfolio_value_krw", "KRW"), unit="currencyKRW"),
        series(
            "시간별 성공/실패",
            ("increase(scheduler_job_success_total[1h])", "{{job_name}} 성공"),
            ("increase(scheduler_job_failure_total[1h])", "{{job_name}} 실패"),
        ),
    )


def pipeline() -> Any:
    """The chain itself, stage by stage."""
    return page(
        "Upcycle - 파이프라인",
        "upcycle-pipeline",
        figure("살아 있는 단계", ('count(up{job="stages"} == 1)', "단계"), width=4),
        figure("브로커", ("max(nats_up) * (max(nats_healthy) or max(nats_up))", "nats"), width=4),
        figure("처리 못한 메시지", ("sum(max by (stage) (dead_letters))", "dead letters"), width=4),
        figure("놓친 시각", ("sum(cycles_missed_total)", "missed"), width=4),
        figure("시계", ("time() - max(clock_heartbeat_timestamp_seconds)", "heartbeat"), unit="s", width=4),
        figure("모델 비용 (USD)", ("sum(llm_cost_usd_total) or vector(0)", "USD"), unit="currencyUSD", width=4),
        series(
            "단계별 처리 시간 (p95)",
            (_P95.format(by=", stage", name="stage_duration_seconds", span="1h"), "{{stage}}"),
            unit="s",
        ),
        series("대기 중인 메시지", ("max by (consumer) (jetstream_consumer_num_pending)", "{{consumer}}")),
        series("다시 전달된 메시지", ("max by (consumer) (jetstream_consumer_num_redelivered)", "{{consumer}}")),
        series("게이트까지의 거리", ("max by (market, reason) (gate_distance)", "{{market}} {{reason}}")),
        series("사이클의 끝", ("sum by (end) (increase(cycles_ended_total[1h]))", "{{end}}")),
        series(
            "게이트 통과율 (24시간)",
            (
                'sum by (market) (increase(gate_signals_total{outcome="passed"}[24h]))'
                " / sum by (market) (increase(gate_signals_total[24h]))",
                "{{market}}",
            ),
            unit="percentunit",
        ),
        series(
            "장부와 계좌의 차이",
            ("max by (symbol) (foreign_orders)", "{{symbol}} 기록에 없는 주문"),
            ("max by (symbol) (differing_orders)", "{{symbol}} 기록과 다른 주문"),
            ("max by (symbol) (unresolved_orders)", "{{symbol}} 결과를 모르는 주문"),
            ("max by (symbol) (position_drift_coins)", "{{symbol}} 모자란 코인"),
            ("max by (symbol) (account_surplus_coins)", "{{symbol}} 들어온 코인"),
        ),
        series(
            "믿을 수 있는가",
            ("max by (stage) (abs(clock_skew_seconds))", "{{stage}} 시계 차이 (초)"),
            ("max(log_restored)", "되돌려진 기록"),
            ("max(switch_unbacked)", "근거 없는 스위치"),
        ),
        series(
            "브로커의 메모리와 디스크",
            ("max(broker_memory_bytes)", "메모리"),
            ("max(broker_store_bytes)", "기록"),
            ("max(broker_disk_free_bytes)", "남은 디스크"),
            unit="bytes",
        ),
    )


DASHBOARDS = {"trading.json": owners, "pipeline.json": pipeline}


def text(build: Any) -> str:
    """The JSON as it is committed: sorted, so that a diff shows what changed."""
    plain = json.loads(JSONEncoder(sort_keys=True).encode(build()))
    return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, build in DASHBOARDS.items():
        (FOLDER / name).write_text(text(build), encoding="utf-8")
