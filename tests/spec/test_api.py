"""OWNER.md, "API": one test for each row, as the owner curls it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.backend.adapters import pipeline_watch
from shared.switch import Heartbeat, Job
from tests.support import backend
from tests.support.backend import OWNER
from tests.support.builders import AT, decision, due, end, fill, snapshot, valuation_due, valued
from tests.support.golden import assert_golden
from tests.support.one_broker import emptied
from tests.support.waiting import eventually


@pytest.fixture
async def running(tmp_path, server, monkeypatch):
    monkeypatch.setattr(pipeline_watch, "EVERY_S", 0.1)
    await backend.topology_at(server)
    async with backend.backend(tmp_path, server) as started:
        yield started


# One cycle that bought: 0.0115 ETH at 4,350,000 won.
MONEY = {"price": "4350000", "volume": "0.0115", "funds": "50025", "fee": "25.0125"}
FILLED = end("OrderFilled", price="4350000", amount="0.0115", total="50025", fee="25.0125")
BOUGHT = (due(), snapshot(), decision(), fill(**MONEY), FILLED, valuation_due(), valued())


@pytest.fixture
async def bought(running):
    await running.booked(*BOUGHT)
    return running


async def get(running, address):
    answer = await running.api.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def owners_status(running):
    """His shape; ours beyond it are `missed`, `trouble`, `mode` and `markets`."""
    status = await get(running, "/api/bot/status")
    assert isinstance(status.pop("missed"), list)
    assert status.pop("trouble") == ""
    assert (status.pop("mode"), status.pop("markets")) == ("paper", ["KRW-ETH"])
    return status


async def test_bot_status(bought):
    beat = Heartbeat(
        at=AT + timedelta(hours=1),
        started_at=AT,
        interval_min=60,
        jobs=(
            Job(id="trading_job", next_run=datetime(2026, 1, 5, 5, tzinfo=UTC)),
            Job(id="daily_report_job", next_run=None, note="not built yet"),
        ),
    )
    await bought.switch.beat(beat)
    assert await owners_status(bought) == {
        "status": "running",
        "uptime_seconds": 3600,
        "last_trade_time": "2026-01-05T12:00:00+09:00",
        "jobs": [
            {"id": "trading_job", "next_run": "2026-01-05T14:00:00+09:00"},
            {"id": "daily_report_job", "next_run": None},
        ],
    }


async def test_bot_status_before_the_first_trade_and_the_first_heartbeat(running):
    assert await owners_status(running) == {
        "status": "running",
        "uptime_seconds": 0,
        "last_trade_time": None,
        "jobs": [],
    }


async def test_bot_start_stop_pause_resume(running):
    """Start sets the clock going, stop ends it, pause keeps the jobs, resume undoes a pause and no more than that."""
    for command, status, code in (
        ("start", "running", 200), ("pause", "paused", 200), ("pause", "paused", 200), ("resume", "running", 200),
        ("stop", "stopped", 200), ("resume", "stopped", 409), ("pause", "stopped", 409), ("start", "running", 200),
        ("pause", "paused", 200), ("exits-only", "exits-only", 200), ("resume", "running", 200),
        ("exits-only", "exits-only", 200), ("stop", "stopped", 200), ("exits-only", "stopped", 409),
        ("start", "running", 200),
    ):  # fmt: skip
        assert (await running.api.post(f"/api/bot/{command}", headers=OWNER)).status_code == code, command
        assert (await get(running, "/api/bot/status"))["status"] == status


async def test_trades_with_a_limit(bought):
    answer = await bought.api.get("/api/trades?limit=10")
    assert answer.json() == {
        "trades": [
            {
                "id": 1,
                "symbol": "KRW-ETH",
                "side": "buy",
                "price": 4350000,
                "amount": 0.0115,
                "total": 50025,
                "created_at": "2026-01-05T12:00:00+09:00",
            }
        ],
        "total": 1,
    }
    assert '"price":4350000,"amount":0.0115,"total":50025,' in answer.text  # JSON numbers, whole ones without a point


@pytest.mark.parametrize(("query", "ids"), [("symbol=KRW-ETH&side=buy", [1]), ("side=sell", []), ("offset=1", [])])
async def test_trades_by_symbol_side_and_offset(bought, query, ids):
    assert [trade["id"] for trade in (await get(bought, f"/api/trades?{query}"))["trades"]] == ids


async def test_one_trade(bought):
    trade = await get(bought, "/api/trades/1")
    assert (trade["id"], trade["side"], trade["total"], trade["fee"]) == (1, "buy", 50025, 25.01)
    assert (trade["ai_decision"], trade["ai_confidence"]) == ("RSI 과매도 구간 진입", "high")


async def test_trade_stats(bought):
    figures = {"trades": 1, "buys": 1, "sells": 0, "volume": 50025, "fees": 25.0125, "profit": 0, "win_rate": None}
    parts = {
        "markets": [figures | {"symbol": "KRW-ETH"}],
        "periods": [figures | {"period": "2026-01-05"}],
    }
    told = await get(bought, "/api/trades/stats")
    assert {name: told[name] for name in figures | parts} == figures | parts


async def test_health(running):
    assert (await get(running, "/health"))["status"] == "ok"


async def test_docs(running):
    page = await running.api.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    routes = (await get(running, "/openapi.json"))["paths"]
    assert set(routes) >= {
        "/api/bot/status", "/api/bot/start", "/api/bot/stop", "/api/bot/pause", "/api/bot/resume",
        "/api/trades", "/api/trades/{trade_id}", "/api/trades/stats", "/metrics", "/health",
    }  # fmt: skip
    told = [(path, how) for path, ways in routes.items() for how, way in ways.items() if not way.get("description")]
    assert told == []


# --- /metrics ----------------------------------------------------------------------------------

METRICS = {  # name: type and HELP, as /metrics prints them
    "scheduler_job_success_total": ("counter", "스케줄러 작업 성공 횟수"),
    "scheduler_job_failure_total": ("counter", "스케줄러 작업 실패 횟수"),
    "scheduler_job_duration_seconds": ("histogram", "스케줄러 작업 실행 시간"),
    "ai_decision_total": ("counter", "AI 판단 횟수"),
    "trades_total": ("counter", "거래 횟수"),
    "trade_volume_krw": ("counter", "거래 금액 (KRW)"),
    "bot_errors_total": ("counter", "봇 에러 횟수"),
    "portfolio_value_krw": ("gauge", "포트폴리오 가치 (KRW)"),
    "bot_running": ("gauge", "봇 실행 상태 (1: 실행 중, 0: 정지)"),
    "http_request_duration_seconds": ("histogram", "HTTP 요청 소요 시간"),
}


async def scraped(running):
    answer = await running.api.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


@pytest.fixture(scope="module")
def page(one_broker, tmp_path_factory):
    """What /metrics shows after a purchase, read once for all rows."""

    async def read(folder, server):
        await backend.topology_at(server)
        async with backend.backend(folder, server) as running:
            await running.booked(*BOUGHT)
            await get(running, "/api/trades")
            return await scraped(running)

    return asyncio.run(read(tmp_path_factory.mktemp("backend"), emptied(one_broker)))


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_has_the_owners_name_and_help(page, name):
    kind, about = METRICS[name]
    assert f"# HELP {name} {about}\n# TYPE {name} {kind}\n" in page


async def test_the_metrics_count_the_cycle(bought):
    async def the_switch_was_seen() -> bool:
        return "bot_running" in await scraped(bought)

    await eventually(the_switch_was_seen)
    text = await scraped(bought)
    for line in (
        'scheduler_job_success_total{job_name="trading_job"} 1.0',
        'scheduler_job_failure_total{job_name="trading_job"} 0.0',
        'scheduler_job_duration_seconds_count{job_name="trading_job"} 1.0',
        'ai_decision_total{decision="buy",symbol="KRW-ETH"} 1.0',
        'ai_decision_total{decision="sell",symbol="KRW-ETH"} 0.0',
        'trades_total{symbol="KRW-ETH"} 1.0',
        'trade_volume_krw{symbol="KRW-ETH"} 50025.0',
        "bot_errors_total 0.0",
        "bot_running 1.0",
        "portfolio_value_krw 1.001225e+06",
        'scheduler_job_success_total{job_name="portfolio_snapshot_job"} 1.0',
        'scheduler_job_duration_seconds_count{job_name="portfolio_snapshot_job"} 1.0',
    ):
        assert line in text.splitlines()


async def test_every_known_series_is_there_at_zero_from_the_start(running):
    text = await scraped(running)
    for word in ("buy", "sell", "hold"):
        assert f'ai_decision_total{{decision="{word}",symbol="KRW-ETH"}} 0.0' in text
    assert 'trades_total{symbol="KRW-ETH"} 0.0' in text
    assert 'trade_volume_krw{symbol="KRW-ETH"} 0.0' in text
    assert 'scheduler_job_failure_total{job_name="trading_job"} 0.0' in text


async def test_a_paused_bot_is_not_running(running):
    await running.api.post("/api/bot/pause", headers=OWNER)
    assert "bot_running 0.0" in await scraped(running)


async def test_requests_are_timed_by_method_and_route_and_not_by_address(bought):
    await get(bought, "/api/trades/1")
    await bought.api.get("/api/trades/2")
    await bought.api.get("/wp-login.php")
    await get(bought, "/health")
    text = await scraped(bought)
    assert 'http_request_duration_seconds_count{endpoint="/api/trades/{trade_id}",method="GET"} 2.0' in text
    assert 'http_request_duration_seconds_count{endpoint="unmatched",method="GET"} 1.0' in text
    assert "wp-login" not in text
    assert 'endpoint="/health"' not in text
    assert 'endpoint="/metrics"' not in text


async def test_the_list_of_metrics_is_the_one_that_was_read(bought):
    await get(bought, "/api/trades")

    async def the_last_end_was_seen() -> bool:
        return "cycle_last_ended_timestamp_seconds" in await scraped(bought)

    await eventually(the_last_end_was_seen)
    told = [line for line in (await scraped(bought)).splitlines() if line.startswith("# ")]
    own = [line for line in told if line.split()[2].partition("_")[0] not in ("process", "messaging")]
    in_order = sorted(own, key=lambda line: line.split()[2])  # theirs is that of the first observation
    assert_golden("metrics/backend.txt", "\n".join(in_order) + "\n")


async def test_prometheus_can_read_it_all(bought):
    families = list(text_string_to_metric_families(await scraped(bought)))
    assert len({family.name for family in families}) == len(families)
