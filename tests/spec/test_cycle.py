"""OWNER.md, "Names that changed place", "The cycle's steps", "Scheduler", "Telegram" and "Compose", row by row."""

import importlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from typer.main import get_group

from infra.migrations.run import upgrade
from services.cli.app import app
from services.clock.core.schedule import DueSlot, LateSlot, due_slots
from services.collector.core.snapshot import windows
from services.filter.core.gate import StrategyGate, objections
from services.notifier.core.messages import message
from shared.events import PIPELINE, SnapshotTaken
from shared.settings import Settings
from shared.tables import metadata
from tests.support.builders import control, end, report, snapshot

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
HOUR = timedelta(hours=1)
SLOT = datetime(2026, 1, 5, 3, tzinfo=UTC)

# --- names -------------------------------------------------------------------------------------

NAMES = {  # his: module and name here
    "UpbitClient, DataCollector": ("services.collector.adapters.upbit_market", "UpbitMarket"),
    "UpbitClient, the orders": ("services.executor.adapters.upbit_exchange", "UpbitExchange"),
    "QuickBacktestFilter.run_quick_backtest()": ("services.filter.handler", "FilterHandler"),
    "AIService.analyze()": ("services.analyst.handler", "AnalystHandler"),
    "TradingService.execute_buy/sell/hold": ("services.executor.handler", "ExecutorHandler"),
    "calculate_market_risk": ("services.collector.core.safety", "calculate_market_risk"),
    "detect_flash_crash": ("services.collector.core.safety", "detect_flash_crash"),
    "detect_rsi_divergence": ("services.collector.core.safety", "detect_rsi_divergence"),
}


@pytest.mark.parametrize("his", NAMES)
def test_what_had_his_name_is_where_the_readme_says(his):
    module, name = NAMES[his]
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize(("his", "command"), [("python main.py", "cycle"), ("python scheduler_main.py", "up")])
def test_his_scripts_are_commands(his, command):
    assert command in get_group(app).commands


def test_init_db_makes_his_tables(tmp_path):
    upgrade(f"sqlite:///{tmp_path}/books.db")
    made = (tmp_path / "books.db").read_bytes().decode(errors="replace")
    assert all(f"CREATE TABLE {table} " in made for table in ("trades", "portfolio_snapshots", "bot_status"))


# --- the cycle's steps -------------------------------------------------------------------------


def test_the_steps_come_in_his_order():
    said = [event.__name__ for event in PIPELINE]
    his = ["SnapshotTaken", "SignalPassed", "DecisionMade", "OrderIntended", "FillRecorded", "OrderFilled"]
    assert sorted(his, key=said.index) == his


def test_a_look_holds_balances_order_book_charts_of_the_market_and_bitcoin_and_the_three_checks():
    assert {"balances", "book", "candles", "fear_greed", "safety"} <= set(SnapshotTaken.model_fields)
    day, hour, minutes = 1440, 60, 15
    assert windows("KRW-ETH") == tuple((of, u) for of in ("KRW-ETH", "KRW-BTC") for u in (day, hour, minutes))
    assert list(type(snapshot().safety).model_fields) == ["market_risk", "flash_crash", "rsi_divergence"]


@pytest.mark.parametrize(
    ("win_rate", "drawdown", "codes"),
    [
        (0.55, 0.30, []),
        (0.5499, 0.30, ["WIN_RATE"]),
        (0.55, 0.3001, ["DRAWDOWN"]),
        (0.3, 0.4, ["WIN_RATE", "DRAWDOWN"]),
    ],
)
def test_the_filter_asks_for_fifty_five_percent_and_a_loss_within_thirty(win_rate, drawdown, codes):
    against = objections(report(win_rate=win_rate, drawdown=drawdown), StrategyGate())
    assert [objection.code for objection in against] == codes


# --- scheduler ---------------------------------------------------------------------------------


def test_a_slot_may_be_sixty_seconds_late_and_no_more():
    assert due_slots(SLOT - HOUR, SLOT + timedelta(seconds=60), 60) == [DueSlot(SLOT)]
    assert due_slots(SLOT - HOUR, SLOT + timedelta(seconds=61), 60) == [LateSlot(SLOT, 61.0)]


def test_missed_slots_coalesce_into_one_run():
    found = due_slots(SLOT - 3 * HOUR, SLOT, 60)
    assert [type(item) for item in found] == [LateSlot, LateSlot, DueSlot]


def test_trading_runs_every_sixty_minutes_unless_told_otherwise():
    assert Settings.load().scheduler_interval_minutes == 60
    assert due_slots(SLOT, SLOT + timedelta(minutes=59), 60) == []


# --- Telegram ----------------------------------------------------------------------------------

TRADE = """\
🤖 거래 실행
━━━━━━━━━━━━━━━━━━━━
종목: KRW-ETH
거래: 매수 (BUY)
가격: 4,350,000원
수량: 0.0115 ETH
총액: 50,000원
판단 근거: RSI 과매도 구간 진입
━━━━━━━━━━━━━━━━━━━━
시각: 2025-12-28 14:00:15"""


def test_notify_trade_is_his_text():
    at = datetime(2025, 12, 28, 5, 0, 15, tzinfo=UTC)
    filled = {"price": Decimal(4_350_000), "amount": Decimal("0.0115"), "total": Decimal(50_000), "executed_at": at}
    assert message(end("OrderFilled", **filled), "ko") == TRADE


def test_notify_error_has_a_type_a_message_and_a_context():
    text = message(end("CycleFailed", reason="no history"), "ko")
    assert [line.partition(":")[0] for line in text.splitlines()[2:5]] == ["유형", "메시지", "상황"]


@pytest.mark.parametrize(("command", "says"), [("start", "봇 시작"), ("stop", "봇 정지"), ("pause", "봇 일시정지")])
def test_notify_bot_status_says_what_was_done(command, says):
    assert says in message(control(command=command), "ko").splitlines()[0]


# --- database ----------------------------------------------------------------------------------

HIS_CLAUSES = {
    "trades": ["symbol VARCHAR(20) NOT NULL", "side VARCHAR(10) NOT NULL", "price NUMERIC(20, 8) NOT NULL",
               "amount NUMERIC(20, 8) NOT NULL", "total_krw NUMERIC(20, 2) NOT NULL"],
    "portfolio_snapshots": ["krw_balance NUMERIC(20, 2) NOT NULL", "coin_balance NUMERIC(20, 8) NOT NULL",
                            "coin_price NUMERIC(20, 2) NOT NULL", "total_value_krw NUMERIC(20, 2) NOT NULL"],
    "bot_status": ["status VARCHAR(20) NOT NULL", "total_trades INTEGER DEFAULT 0",
                   "uptime_seconds BIGINT DEFAULT 0", "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now()"],
}  # fmt: skip


@pytest.mark.parametrize("table", HIS_CLAUSES)
def test_a_table_refuses_and_defaults_as_he_wrote_it(table):
    made = str(CreateTable(metadata.tables[table]).compile(dialect=postgresql.dialect()))
    for clause in ("id SERIAL NOT NULL", "PRIMARY KEY (id)", "created_at TIMESTAMP WITH TIME ZONE DEFAULT now()"):
        assert clause in made
    missing = [clause for clause in HIS_CLAUSES[table] if clause not in made]
    assert missing == []


# --- compose and .env --------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "port"), [("postgres", "5432:5432"), ("backend", "8000:8000")])
def test_a_service_has_his_port_on_loopback(service, port):
    assert COMPOSE["services"][service]["ports"] == [f"127.0.0.1:{port}"]


def test_the_network_and_the_volume_have_his_names():
    assert COMPOSE["networks"] == {"trading-network": {"driver": "bridge"}}
    assert "postgres_data:/var/lib/postgresql/data" in COMPOSE["services"]["postgres"]["volumes"]
    assert all(service["networks"] == ["trading-network"] for service in COMPOSE["services"].values())


@pytest.mark.parametrize(
    "line",
    [
        "SCHEDULER_ENABLED=true", "SCHEDULER_INTERVAL_MINUTES=60", "TRADING_SYMBOL=KRW-ETH", "TRADING_AMOUNT=50000",
        "POSTGRES_USER=trading_user", "POSTGRES_PASSWORD=trading_password", "POSTGRES_DB=trading_db", "LOG_LEVEL=INFO",
    ],
)  # fmt: skip
def test_the_example_of_an_env_file_has_his_values(line):
    assert line in (ROOT / ".env.example").read_text().splitlines()
