"""A real Prometheus scrapes a real run: every panel has something to show, every alert something to read."""

import asyncio
import json

import pytest
import yaml

from infra.grafana.generate import DASHBOARDS, FOLDER
from services.local.nats_server import free_port
from tests.support.processes import Up, linux_only
from tests.support.real_prometheus import INFRA, answers, metrics_of, needs_prometheus, prometheus
from tests.support.waiting import eventually

pytestmark = [linux_only, needs_prometheus, pytest.mark.slow]

QUERIES = sorted(
    {
        target["expr"]
        for name in DASHBOARDS
        for panel in json.loads((FOLDER / name).read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    }
)
GROUPS = yaml.safe_load((INFRA / "rules" / "upcycle.rules.yml").read_text(encoding="utf-8"))["groups"]
ALERTS = [rule["alert"] for group in GROUPS for rule in group["rules"] if "alert" in rule]
READ_BY_ALERTS = set().union(*(metrics_of(rule["expr"]) for group in GROUPS for rule in group["rules"]))

NOT_IN_SUCH_A_RUN = {
    "pg_up": "the run keeps its books in SQLite; PostgreSQL's exporter belongs to compose",
    "key_expires_timestamp_seconds": "the paper exchange's key never ends",
    "llm_requests_total": "without OPENAI_API_KEY the rules decide",
    "llm_budget_spent_ratio": "without OPENAI_API_KEY the rules decide",
    "cycle_open_timestamp_seconds": "stands only while a cycle is under way, for less than a second here",
}


async def test_every_panel_shows_data_and_every_alert_reads_what_exists(folder, tmp_path):
    running = Up(folder, free_port(), SCHEDULER_INTERVAL_MINUTES="1")
    try:
        await running.ready()
        async with prometheus(running, tmp_path) as api:

            async def silent() -> list[str]:
                """The queries that show nothing yet."""
                await asyncio.to_thread(running.get, "/api/trades?limit=10")  # somebody looks at the API
                return [query for query in QUERIES if not await answers(api, query)]

            async def all_speak() -> bool:
                return not await silent()

            try:
                await eventually(all_speak, within_s=240)  # a rate needs two cycles at least
            finally:
                print("silent:", await silent())
            assert not await answers(api, "no_such_metric")
            known = set((await api.get("/api/v1/label/__name__/values")).json()["data"])
            assert READ_BY_ALERTS - known <= set(NOT_IN_SUCH_A_RUN)
            alerts = (await api.get("/api/v1/rules?type=alert")).json()["data"]["groups"]
            judged = [rule for group in alerts for rule in group["rules"]]
            assert {rule["name"]: rule["health"] for rule in judged} == dict.fromkeys(ALERTS, "ok")
    finally:
        running.process.kill()
        running.process.wait()


def test_the_list_of_what_such_a_run_lacks_names_only_what_an_alert_reads():
    assert set(NOT_IN_SUCH_A_RUN) <= READ_BY_ALERTS
