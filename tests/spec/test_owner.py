"""OWNER.md beside the API: one test for each row of his tables, settings, messages and cycle that is built."""

import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from services.notifier.core.frame import BAR
from services.notifier.core.messages import KINDS
from shared.settings import Settings
from shared.tables import metadata
from shared.why.result import result
from tests.support.builders import end

AT = "TIMESTAMP WITH TIME ZONE"  # his is without the zone
COLUMNS = {
    "trades": {
        "id": "INTEGER", "symbol": "VARCHAR(20)", "side": "VARCHAR(10)", "price": "NUMERIC(20, 8)",
        "amount": "NUMERIC(20, 8)", "total_krw": "NUMERIC(20, 2)", "fee": "NUMERIC(20, 2)", "ai_decision": "TEXT",
        "ai_confidence": "VARCHAR(10)", "created_at": AT, "updated_at": AT,
    },
    "portfolio_snapshots": {
        "id": "INTEGER", "krw_balance": "NUMERIC(20, 2)", "coin_balance": "NUMERIC(20, 8)",
        "coin_price": "NUMERIC(20, 2)", "total_value_krw": "NUMERIC(20, 2)", "created_at": AT,
    },
    "bot_status": {
        "id": "INTEGER", "status": "VARCHAR(20)", "last_trade_time": AT, "total_trades": "INTEGER",
        "uptime_seconds": "BIGINT", "created_at": AT, "updated_at": AT,
    },
}  # fmt: skip
INDEXES = {"idx_trades_symbol", "idx_trades_created_at", "idx_snapshots_created_at"}
DEFAULTS = {
    "SCHEDULER_ENABLED": True, "SCHEDULER_INTERVAL_MINUTES": 60, "TRADING_SYMBOL": "KRW-ETH", "TRADING_AMOUNT": 50000,
    "POSTGRES_USER": "trading_user", "POSTGRES_DB": "trading_db", "LOG_LEVEL": "INFO",
    "GATE_WIN_RATE_MIN": 0.55, "GATE_DRAWDOWN_MAX": 0.30,
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in COLUMNS.items() for c in columns])
def test_a_column_has_the_owners_name_and_type(table, column):
    found = metadata.tables[table].c[column].type.compile(dialect=postgresql.dialect())
    assert found == COLUMNS[table][column]


@pytest.mark.parametrize("index", sorted(INDEXES))
def test_an_index_has_the_owners_name(index):
    assert index in {found.name for table in metadata.tables.values() for found in table.indexes}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_a_setting_begins_as_he_wrote_it(name, value):
    assert getattr(Settings.load(), name.lower()) == value


def test_a_comment_behind_a_value_loads_as_he_writes_it(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("SCHEDULER_INTERVAL_MINUTES=60  # 1시간\nTRADING_AMOUNT=50000  # 1회 거래 금액 (원)\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(file))
    settings = Settings.load()
    assert (settings.scheduler_interval_minutes, settings.trading_amount) == (60, 50000)


def test_the_result_of_a_cycle_has_his_fields_in_his_order():
    told = result(end("OrderFilled"))
    owners = [name for name in told if name != "reason_code"]
    assert owners == ["status", "decision", "confidence", "reason", "price", "amount", "total"]
    assert {type(told[name]) for name in ("price", "amount", "total")} == {float}


def test_a_message_has_his_twenty_bars():
    assert (BAR, len(BAR)) == ("━" * 20, 20)


def test_telegram_hears_of_a_buy_and_a_sell_and_not_of_a_hold():
    settings = Settings.load()
    loud = {event: getattr(settings, f"telegram_{kind}") for event, kind in KINDS.items()}
    assert {loud["OrderFilled"], loud["CycleFailed"], loud["ControlGiven"], loud["ReportReady"]} == {"on"}
    assert {loud["OrderSkipped"], loud["OrderDenied"], loud["CycleRejected"]} == {"off"}


@pytest.mark.parametrize("service", ["postgres", "backend", "clock"])
def test_compose_has_the_services_that_are_built(service):
    compose = (Path(__file__).parents[2] / "compose.yaml").read_text()
    assert re.search(rf"(?m)^  {service}:", compose)
