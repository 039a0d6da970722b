"""OWNER.md's rows that nothing here answers to yet, by name. What gets built must leave this list and get a test."""

import pytest
from typer.main import get_command

from shared.settings import LiveKeys, Settings
from tests.spec.test_api import METRICS

NOT_BUILT = {
    "metric": ("pg_up", "pg_stat_database_numbackends", "pg_database_size_bytes"),
    "dashboard": ("AI Trading Bot - 실시간 모니터링",),
    "service": ("prometheus", "grafana", "postgres-exporter"),
    "guide": ("MONITORING_GUIDE", "SCHEDULER_GUIDE", "TELEGRAM_SETUP_GUIDE", "DOCKER_GUIDE", "USER_GUIDE"),
}
OWNERS_SETTINGS = (
    "UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "OPENAI_API_KEY", "SCHEDULER_ENABLED", "SCHEDULER_INTERVAL_MINUTES",
    "TRADING_SYMBOL", "TRADING_AMOUNT", "TELEGRAM_ENABLED", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "POSTGRES_USER",
    "POSTGRES_PASSWORD", "POSTGRES_DB", "DATABASE_URL", "SENTRY_ENABLED", "SENTRY_DSN", "SENTRY_ENVIRONMENT",
    "LOG_LEVEL",
)  # fmt: skip


def test_no_metric_stands_there_without_a_writer():
    assert not set(NOT_BUILT["metric"]) & set(METRICS)


@pytest.mark.parametrize("name", OWNERS_SETTINGS)
def test_each_of_the_owners_settings_is_read(name):
    assert name in {known.upper() for known in (*Settings.model_fields, *LiveKeys.model_fields)}


@pytest.mark.parametrize("name", ["cycle", "up", "jobs", "why", "events", "status", "dead", "doctor"])
def test_the_commands_that_take_the_place_of_his_scripts_are_there(name):
    from services.cli.app import app

    assert name in get_command(app).commands
