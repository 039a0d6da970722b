"""The dashboards: the committed files are what the code makes, the owner's ten panels are his, queries are PromQL."""

import json
from pathlib import Path

import promql_parser
import pytest

from infra.grafana.generate import DASHBOARDS, FOLDER, text

TRADING = json.loads((FOLDER / "trading.json").read_text(encoding="utf-8"))
MADE = {name: json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in DASHBOARDS}
SOURCE = (Path(FOLDER).parent / "provisioning" / "datasources" / "prometheus.yml").read_text(encoding="utf-8")

OWNERS = [  # title, kind, his query
    ("스케줄러 작업 성공/실패", "piechart", "scheduler_job_success_total"),
    (
        "작업 실행 시간 추이",
        "timeseries",
        "rate(scheduler_job_duration_seconds_sum[1h]) / rate(scheduler_job_duration_seconds_count[1h])",
    ),
    ("AI 판단 분포", "piechart", "sum by (decision) (ai_decision_total)"),
    ("AI 판단 추이", "timeseries", "rate(ai_decision_total[5m])"),
    ("Backend 상태", "stat", 'up{job="backend"}'),
    ("총 에러 건수", "stat", "sum(bot_errors_total)"),
    (
        "API 응답 시간 (p95)",
        "stat",
        "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
    ),
    ("총 거래 횟수", "stat", "sum(trades_total)"),
    ("포트폴리오 가치 추이", "timeseries", "portfolio_value_krw"),
    ("시간별 성공/실패", "timeseries", "increase(scheduler_job_success_total[1h])"),
]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_committed_dashboard_is_what_the_code_makes(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == text(DASHBOARDS[name])


def test_the_owners_ten_panels_have_his_titles_kinds_and_queries():
    assert (TRADING["title"], TRADING["refresh"]) == ("AI Trading Bot - 실시간 모니터링", "30s")
    assert [(p["title"], p["type"], p["targets"][0]["expr"]) for p in TRADING["panels"]] == OWNERS


def test_decisions_are_a_donut_and_jobs_a_pie():
    assert [p["options"]["pieType"] for p in TRADING["panels"] if p["type"] == "piechart"] == ["pie", "donut"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_is_promql_and_asks_the_provisioned_source(name):
    for panel in MADE[name]["panels"]:
        for target in panel["targets"]:
            promql_parser.parse(target["expr"])
            assert f"uid: {target['datasource']['uid']}\n" in SOURCE


@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_two_panels_lie_on_one_another(name):
    taken = set()
    for panel in MADE[name]["panels"]:
        at = panel["gridPos"]
        places = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not places & taken
        taken |= places
