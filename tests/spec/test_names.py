"""OWNER.md's names: his settings, his services, his guides, and the commands in the place of his scripts."""

from pathlib import Path

import pytest
import yaml
from typer.main import get_group

from services.cli.app import app
from shared.settings import LiveKeys, Settings
from tests.spec.test_api import METRICS

ROOT = Path(__file__).parents[2]
OWNERS_SETTINGS = (
    "UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "OPENAI_API_KEY", "SCHEDULER_ENABLED", "SCHEDULER_INTERVAL_MINUTES",
    "TRADING_SYMBOL", "TRADING_AMOUNT", "TELEGRAM_ENABLED", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "POSTGRES_USER",
    "POSTGRES_PASSWORD", "POSTGRES_DB", "DATABASE_URL", "SENTRY_ENABLED", "SENTRY_DSN", "SENTRY_ENVIRONMENT",
    "LOG_LEVEL",
)  # fmt: skip
GUIDES = {
    "MONITORING_GUIDE": "모니터링 안내", "SCHEDULER_GUIDE": "스케줄러 안내", "TELEGRAM_SETUP_GUIDE": "텔레그램",
    "DOCKER_GUIDE": "Docker 안내", "USER_GUIDE": "사용 안내",
}  # fmt: skip


@pytest.mark.parametrize("name", ["pg_up", "pg_stat_database_numbackends", "pg_database_size_bytes"])
def test_the_database_is_told_of_by_its_exporter_and_not_by_us(name):
    assert name not in METRICS


@pytest.mark.parametrize("name", OWNERS_SETTINGS)
def test_each_of_the_owners_settings_is_read(name):
    assert name in {known.upper() for known in (*Settings.model_fields, *LiveKeys.model_fields)}


@pytest.mark.parametrize("name", ["cycle", "up", "jobs", "why", "events", "status", "dead", "doctor"])
def test_the_commands_that_take_the_place_of_his_scripts_are_there(name):
    assert name in get_group(app).commands


@pytest.mark.parametrize(
    "name", ["postgres", "backend", "clock", "prometheus", "grafana", "postgres-exporter"]
)  # clock: his scheduler
def test_each_of_his_services_is_in_compose(name):
    assert name in yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("name", GUIDES)
def test_each_of_his_guides_is_there_in_korean_first(name):
    page = ROOT / "docs" / f"{name.split('_')[0].lower()}.md"
    assert page.read_text(encoding="utf-8").startswith(f"# {GUIDES[name]}")
