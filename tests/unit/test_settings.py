"""A wrong setting names itself and what is allowed; `.env` reads as the owner writes it."""

import pytest

from shared.settings import BadSetting, LiveKeys, Settings

OWNERS_ENV = """UPBIT_ACCESS_KEY=
UPBIT_SECRET_KEY=
OPENAI_API_KEY=
SCHEDULER_ENABLED=true
SCHEDULER_INTERVAL_MINUTES=60  # 1시간
TRADING_SYMBOL=KRW-ETH
TRADING_AMOUNT=50000  # 1회 거래 금액 (원)
TELEGRAM_ENABLED=true
TELEGRAM_BOT_TOKEN=
TELEGRAM_CHAT_ID=
POSTGRES_USER=trading_user
POSTGRES_PASSWORD=trading_password
POSTGRES_DB=trading_db
DATABASE_URL=postgresql://trading_user:trading_password@postgres:5432/trading_db
SENTRY_ENABLED=false
SENTRY_DSN=
SENTRY_ENVIRONMENT=production
LOG_LEVEL=INFO
"""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SCHEDULER_INTERVAL_MINUTES", "7", "whole number of intervals"),
        ("SCHEDULER_INTERVAL_MINUTES", "0", "greater than or equal to 1"),
        ("TRADING_SYMBOL", "ETH", "KRW- and the coin"),
        ("TRADING_SYMBOL", "KRW-ETH,KRW-ETH", "stands twice"),
        ("TRADING_AMOUNT", "-5", "greater than or equal to 5000"),
        ("TRADING_AMOUNT", "many", "valid decimal"),
        ("GATE_WIN_RATE_MIN", "55", "less than or equal to 1"),
        ("GATE_EXPECTANCY_MIN", "some", "valid number"),
        ("GATE_EXPECTANCY_MIN", "2", "less than or equal to 1"),
        ("GATE_GUARDS", "some", "'entries' or 'all'"),
        ("POSITION_MAX_KRW", "0", "greater than 0"),
        ("SPREAD_MAX", "0", "greater than 0"),
        ("DAILY_LOSS_MAX_KRW", "0", "greater than 0"),
        ("COOLDOWN_AFTER_LOSS_MIN", "0", "greater than 0"),
        ("ORDERS_PER_DAY_MAX", "-1", "greater than 0"),
        ("TRADING_MODE", "real", "'paper' or 'live'"),
        ("API_TOKEN", "short", "at least 32"),
        ("NATS_URL", "localhost", "pattern"),
        ("OPENAI_API_KEY", "sk-one two", "copy it again"),
        ("OPENAI_BASE_URL", "http://me:secret@localhost/v1", "pattern"),
        ("LLM_API", "completions", "'chat' or 'responses'"),
        ("LLM_TIMEOUT_S", "0", "greater than 0"),
        ("LLM_DAILY_BUDGET_KRW", "0", "greater than 0"),
        ("LLM_KRW_PER_USD", "-1", "greater than 0"),
    ],
)
def test_a_wrong_value_names_the_setting_and_what_is_allowed(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as fault:
        Settings.load()
    assert str(fault.value).startswith(f"{name}: ")
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_secret_is_not_repeated_when_it_is_wrong(monkeypatch):
    monkeypatch.setenv("API_TOKEN", "hunter2")
    with pytest.raises(BadSetting) as fault:
        Settings.load()
    assert "hunter2" not in str(fault.value)


def test_the_owners_env_file_loads_as_he_writes_it(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(OWNERS_ENV)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    settings = Settings.load()
    assert settings.scheduler_interval_minutes == 60
    assert settings.trading_amount == 50000
    assert settings.telegram_enabled is True
    assert settings.telegram_bot_token is None
    assert settings.database == "postgresql://trading_user:trading_password@postgres:5432/trading_db"


def test_paper_is_the_default_and_never_reads_the_keys_to_real_money(monkeypatch):
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "planted-key")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "planted-secret")
    settings = Settings.load()
    assert settings.trading_mode == "paper"
    assert "planted" not in repr(settings)
    assert "planted" not in settings.model_dump_json()


def test_live_keys_that_are_missing_are_named():
    with pytest.raises(BadSetting, match="UPBIT_ACCESS_KEY: is not set"):
        LiveKeys.load()


def test_a_second_world_is_refused_when_live(monkeypatch):
    monkeypatch.setenv("TRADING_MODE", "live")
    monkeypatch.setenv("SUBJECT_PREFIX", "sandbox.try1.")
    with pytest.raises(BadSetting, match="paper only"):
        Settings.load()


def test_several_markets_are_read_with_or_without_spaces():
    assert Settings.load(trading_symbol="KRW-ETH, KRW-BTC").markets == ("KRW-ETH", "KRW-BTC")


def test_a_threshold_that_is_not_set_is_not_carried_by_a_cycle(monkeypatch):
    assert "GATE_EXPECTANCY_MIN" not in Settings.load().deciding()
    monkeypatch.setenv("GATE_EXPECTANCY_MIN", "0.001")
    assert Settings.load().deciding()["GATE_EXPECTANCY_MIN"] == "0.001"
