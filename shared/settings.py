"""The one table of settings: name, unit, default, range. `.env.example` is made from it.

`Settings.load()` reads the environment, then `.env`; nothing else does. Each `app.py` names what it uses.
The keys to real money stand apart in `LiveKeys`, which paper trading never loads.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.types import Krw, Market, Ratio

TradingMode = Literal["paper", "live"]
Loudness = Literal["on", "silent", "off"]
PRIVATE = 0o077  # the umask of every process of ours: what it writes is its owner's to read
API_PORT, PAGE_PORT, PAPER_PORT = 8000, 3000, 8010  # the usual ones
EXCHANGE = {"paper": f"http://127.0.0.1:{PAPER_PORT}", "live": "https://api.upbit.com"}


class BadSetting(ValueError):
    """A setting has a value that is not allowed; the text names it and says what is."""


def _setting(default: Any, about: str, *, decides: bool = False, **rules: Any) -> Any:
    """decides: the value can change what the bot does, so every cycle carries it."""
    return Field(default, description=about, json_schema_extra={"decides": decides}, **rules)


def _secret(default: Any, about: str, **rules: Any) -> Any:
    """Only the services that use it are given it; `shared/services.py` says which."""
    return Field(default, description=about, json_schema_extra={"decides": False, "secret": True}, **rules)


class _Table(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the environment and `.env`; `given` wins. Raises BadSetting with one sentence."""
        try:
            return cls(**given)
        except ValidationError as e:
            faults = [fault for fault in e.errors() if fault["type"] != "default_factory_not_called"]  # a mere echo
            raise BadSetting("; ".join(_sentence(fault) for fault in faults)) from None


class Settings(_Table):
    # What to trade
    trading_mode: TradingMode = _setting("paper", "paper or live; live also needs both Upbit keys", decides=True)
    trading_symbol: str = _setting("KRW-ETH", "one market or several, comma-separated", decides=True)
    trading_amount: Krw = _setting(
        Krw(Decimal(50000)), "won for one buy, fee not counted", decides=True, ge=5000, le=1_000_000_000
    )
    scheduler_enabled: bool = _setting(True, "false: no trading tick", decides=True)
    scheduler_interval_minutes: int = _setting(60, "minutes between cycles; divides a day", decides=True, ge=1, le=1440)

    # The gate
    gate_win_rate_min: Ratio = _setting(0.55, "share of winning trades the year must show", decides=True)
    gate_drawdown_max: float = _setting(0.30, "deepest fall of the equity allowed, share", decides=True, gt=0, le=1)
    gate_trades_min: int = _setting(0, "trades the year must hold", decides=True, ge=0)
    gate_expectancy_min: float | None = _setting(
        None, "mean net return of a trade the year must show, share; unset: not asked for", decides=True, ge=-1, le=1
    )
    gate_guards: Literal["entries", "all"] = _setting(
        "entries", "entries: a held position may always be closed; all: the gate stops everything", decides=True
    )
    breakout_k: float = _setting(0.5, "share of yesterday's range that makes a breakout", decides=True, ge=0, le=2)
    slippage: float = _setting(
        0.0005, "share lost on each side of a backtest trade, beside the fee", decides=True, ge=0, le=0.05
    )

    # Safety checks
    hazard_btc_drop_1h: float = _setting(
        0.03, "fall of Bitcoin in 1 h that makes the market risk high, share", decides=True, gt=0, le=1
    )
    hazard_btc_drop_24h: float = _setting(
        0.10, "fall of Bitcoin in 24 h that makes the market risk high, share", decides=True, gt=0, le=1
    )
    hazard_crash_sigma: float = _setting(
        6, "a fall of that many standard deviations is a flash crash", decides=True, gt=0, le=100
    )

    # The executor's own limits; none can be switched off
    sell_scope: Literal["bot", "all"] = _setting(
        "bot", "bot: sell at most what the bot bought; all: everything held", decides=True
    )
    position_max_krw: Krw = _setting(Krw(Decimal(500000)), "won the bot may hold in one market", decides=True, gt=0)
    daily_loss_max_krw: Krw = _setting(
        Krw(Decimal(50000)),
        "won lost in a day (UTC, as Upbit's) over all markets that end its buys",
        decides=True,
        gt=0,
    )
    cooldown_after_loss_min: int = _setting(
        180, "minutes after a sale at a loss in any market without a buy", decides=True, gt=0
    )
    orders_per_day_max: int = _setting(
        24, "orders of a day (UTC) over all markets; then only what is held is sold", decides=True, gt=0
    )
    spread_max: float = _setting(0.005, "widest gap between bid and ask for a buy, share", decides=True, gt=0, le=1)
    depth_slippage_max: float = _setting(
        0.005, "worst price a buy may walk the book to, share", decides=True, gt=0, le=1
    )
    exit_slippage_max: float = _setting(
        0.05,
        "how far below the best bid one order of a sale may go, share; the rest is sold step by step",
        decides=True,
        gt=0,
        le=1,
    )
    exit_stop_loss: float | None = _setting(
        None, "sell between cycles once the price is this share below what was paid per coin; unset: never",
        decides=True, gt=0, lt=1,
    )  # fmt: skip
    exit_trailing_stop: float | None = _setting(
        None, "… this share below its peak since the position was opened; unset: never", decides=True, gt=0, lt=1
    )
    exit_take_profit: float | None = _setting(
        None, "… this share above what was paid per coin; unset: never", decides=True, gt=0, le=10
    )
    snapshot_age_max_s: int = _setting(300, "seconds a snapshot may be old when its order leaves", decides=True, gt=0)
    order_lookup_s: int = _setting(60, "seconds an order of unknown outcome is asked for", decides=True, gt=0, le=3600)

    # The model
    openai_api_key: SecretStr | None = _secret(None, "the model's key; without one the rules-only analyst decides")
    openai_model: str = _setting("gpt-4.1", "the model", decides=True, pattern=r"^[\w./:-]+$")
    openai_base_url: str | None = _setting(
        None,
        "another server that speaks OpenAI's API, such as http://127.0.0.1:11434/v1; unset: OpenAI's own",
        pattern=r"^https?://[^@\s]+$",
    )
    llm_api: Literal["chat", "responses"] = _setting(
        "chat", "chat: Chat Completions, which every such server has; responses: OpenAI's newer API", decides=True
    )
    llm_timeout_s: float = _setting(
        60, "seconds for the model's answer, tries included; then it is a hold", decides=True, gt=0, le=600
    )
    llm_daily_budget_krw: Krw = _setting(
        Krw(Decimal(3000)),
        "won for the model in a day of Seoul; then the rules-only analyst speaks",
        decides=True,
        gt=0,
    )
    llm_krw_per_usd: Krw = _setting(
        Krw(Decimal(1500)), "won for a dollar, to count the model's cost", decides=True, gt=0
    )
    llm_price_usd: str = _setting(
        "",
        "dollars for a million tokens in, cached and out, such as 2.00,0.50,8.00; empty: the table's",
        decides=True,
        pattern=r"^(\d+(\.\d+)?,\d+(\.\d+)?,\d+(\.\d+)?)?$",
    )

    # Telegram, page, database
    language: Literal["ko", "en"] = _setting("ko", "of messages and the model's reasons: ko or en", decides=True)
    telegram_enabled: bool = _setting(False, "send messages to Telegram; otherwise they are logged")
    telegram_bot_token: SecretStr | None = _secret(None, "from @BotFather")
    telegram_chat_id: str | None = _setting(None, "the owner's chat; who writes in it is answered")
    telegram_owner_id: str | None = _setting(
        None,
        "the owner's own number, where the chat is a group: who alone may start, stop, pause, resume",
        pattern=r"^\d+$",
    )
    telegram_trade: Loudness = _setting("on", "a buy or a sale: on, silent (no sound) or off")
    telegram_error: Loudness = _setting("on", "what went wrong")
    telegram_status: Loudness = _setting("on", "the bot was started, stopped, paused, resumed")
    telegram_report: Loudness = _setting("on", "the report of a day")
    telegram_report_picture: bool = _setting(True, "the report comes with a picture of its day")
    telegram_hold: Loudness = _setting("off", "the analyst said hold")
    telegram_denied: Loudness = _setting("off", "the bot's own risk rules said no to an order")
    telegram_rejected: Loudness = _setting("off", "the gate said no")
    telegram_base_url: str = _setting("https://api.telegram.org", "a Bot API server", pattern=r"^https?://[^@\s]+$")
    backend_url: str = _setting(
        f"http://127.0.0.1:{API_PORT}", "the API, which answers the commands", pattern=r"^https?://[^@\s]+$"
    )
    api_url: str | None = _setting(
        None,
        "the API as you reach it, for the page's links and curl; unset: BACKEND_URL",
        pattern=r"^https?://[^@\s]+$",
    )
    grafana_url: str | None = _setting(
        None, "Grafana as you reach it, for the page's link; unset: no link", pattern=r"^https?://[^@\s]+$"
    )
    api_token: SecretStr | None = _secret(
        None,
        "at least 32 characters; without it the bot cannot be controlled over the API",
        min_length=32,
    )
    api_require_auth_for_reads: bool = _setting(False, "ask for API_TOKEN to read over the API as well")
    api_hosts: str = _setting("", "names with a dot by which the API may be called: bot.example.com, with commas")
    postgres_user: str = _setting("trading_user", "of the compose database")
    postgres_password: SecretStr = _secret(SecretStr("trading_password"), "of the compose database")
    postgres_db: str = _setting("trading_db", "of the compose database")
    database_url: SecretStr | None = _secret(None, "postgresql://… ; unset: SQLite in the data folder")
    sentry_enabled: bool = _setting(False, "send errors to Sentry, or to a server that speaks its protocol")
    sentry_dsn: SecretStr | None = _secret(None, "where to: https://KEY@HOST/PROJECT, from Sentry's project settings")
    sentry_environment: str = _setting("production", "as what", pattern=r"^[^\s/]{1,64}$")
    heartbeat_url: SecretStr | None = _secret(
        None,
        "called each minute the pipeline is well: a dead-man switch outside this machine; it may hold a secret",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    # Where things are
    data_dir: Path = _setting(Path(".upcycle"), "folder for everything this machine keeps")
    nats_url: str = _setting("nats://127.0.0.1:4222", "the broker", pattern=r"^(nats|tls)://")
    nats_monitor_url: str = _setting(
        "",
        "the broker's own page, which says whether it can write: http://nats:8222 in compose; empty: nobody asks",
        pattern=r"^(https?://[^@\s]+)?$",
    )
    broker_dir: str = _setting(
        "", "a folder on the disk that the broker writes to, for what is left of it: /broker in compose; empty: unknown"
    )
    subject_prefix: str = _setting(
        "",
        "a second world beside the real one, such as sandbox.try1. ; forces paper",
        pattern=r"^(sandbox\.[a-z0-9]+\.)?$",
    )
    upbit_base_url: str = Field(
        description="the exchange; unset: on paper the paper exchange of this machine, live https://api.upbit.com",
        default_factory=lambda given: EXCHANGE[given.get("trading_mode", "paper")],
        pattern=r"^https?://[^@\s]+$",
        json_schema_extra={"decides": False},
    )
    host: str = _setting("127.0.0.1", "address a service listens on")
    port: int = _setting(0, "port a service listens on; 0 takes its usual one", ge=0, le=65535)

    # The paper exchange and the tape it plays
    paper_tape: str = _setting(
        "",
        "files of candles, comma-separated, each FILE or MARKET=FILE; upbit: its quotes; empty: a synthetic tape",
    )
    paper_quotes_url: str = _setting(
        "https://api.upbit.com", "PAPER_TAPE=upbit: whose quotes", pattern=r"^https?://[^@\s]+$"
    )
    paper_clock: Literal["wall", "stepped", "played"] = _setting(
        "wall",
        "wall: the tape plays now; stepped: the clock service moves it; "
        "played: it runs from TAPE_FROM at PAPER_SPEED, for bots other than this one",
    )
    paper_speed: float = _setting(1, "played: seconds of the tape in one of ours", gt=0, le=100_000)
    paper_balance_krw: Krw = _setting(Krw(Decimal(1_000_000)), "won the paper account begins with", gt=0)
    paper_spread: float = _setting(0.0004, "gap between bid and ask of the tape's book, share", gt=0, le=0.1)
    paper_depth_krw: Krw = _setting(
        Krw(Decimal(20_000_000)), "won on the best level of the tape's book; deeper ones hold more", gt=0
    )
    paper_books: str = _setting(
        "", "files of recorded order books (.jsonl, .jsonl.gz), comma-separated, each FILE or MARKET=FILE"
    )
    paper_limits: Literal["tape", "wall", "off"] = _setting(
        "tape",
        "request quotas: tape: counted on the tape's time, so a stepped one never waits; "
        "wall: on the machine's; off: for benchmarks",
    )
    paper_faults: Path | None = _setting(None, "JSON file of faults the paper exchange shall show")
    paper_admin_token: SecretStr | None = _secret(
        None, "opens the routes that move the tape; closed without it", min_length=16
    )
    paper_access_key: str = _setting("paper-access-key", "of the paper exchange; opens pretend money only")
    paper_secret_key: SecretStr = _secret(
        SecretStr("paper-secret-key-opens-pretend-money-only"),
        "of the paper exchange",
        min_length=32,
    )
    tape_from: str = _setting("", "stepped: first slot, 2024-12-01T00:00Z")
    tape_hours: int = _setting(48, "stepped: hours to play, one cycle an hour", ge=1)

    @field_validator("trading_symbol")
    @classmethod
    def _markets(cls, value: str) -> str:
        names = [part.strip() for part in value.split(",")]
        for name in names:
            if not _is_market(name):
                raise ValueError(f"{name!r} is no market; write KRW- and the coin, such as KRW-ETH")
        if len(set(names)) < len(names):
            raise ValueError("a market stands twice")
        return ",".join(names)

    @field_validator("openai_api_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all("!" <= letter <= "~" for letter in value.get_secret_value()):
            raise ValueError("holds a space or a letter no key has; copy it again")
        return value

    @field_validator("scheduler_interval_minutes")
    @classmethod
    def _interval(cls, value: int) -> int:
        if 1440 % value:
            raise ValueError("a day must be a whole number of intervals: 1, 5, 15, 30, 60, 240 …")
        return value

    @model_validator(mode="after")
    def _sandbox_is_paper(self) -> Self:
        if self.subject_prefix and self.trading_mode == "live":
            raise ValueError(
                "SUBJECT_PREFIX makes a second world, which is paper only; TRADING_MODE=live is refused with it"
            )
        return self

    @model_validator(mode="after")
    def _a_tape_is_paper(self) -> Self:
        if self.paper_clock == "stepped" and self.trading_mode == "live":
            raise ValueError(
                "TRADING_MODE: live is refused where a tape is stepped (PAPER_CLOCK); set TRADING_MODE=paper"
            )
        return self

    @property
    def markets(self) -> tuple[Market, ...]:
        return tuple(self.trading_symbol.split(","))

    @property
    def database(self) -> str:
        """The database's address; a SQLite file in the data folder if none is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'upcycle.db').absolute()}"

    def deciding(self) -> dict[str, str]:
        """Every setting that can change what the bot does, by its name in the environment; an unset one is left out."""
        values = {name: getattr(self, name) for name in _deciding()}
        return {name.upper(): str(value) for name, value in values.items() if value is not None}

    def environment(self, known: Collection[str]) -> dict[str, str]:
        """Every setting as a process is to find it, with no secret but those that it is to know; shown to nobody."""
        hidden = {*secrets()} - {*known}
        values = {name: getattr(self, name) for name in type(self).model_fields if name not in hidden}
        return {
            name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in values.items()
            if value is not None
        }

    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.deciding(), sort_keys=True).encode()).hexdigest()[:16]


class LiveKeys(_Table):
    """The keys to real money. Only `services/executor` and `services/collector` load them, only when live."""

    upbit_access_key: SecretStr = Field(description="Upbit key with the rights to view and to order, never to withdraw")
    upbit_secret_key: SecretStr = Field(description="its secret")


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without any setting of ours, for a process that is given those that it uses."""
    ours = {name.upper() for name in (*Settings.model_fields, *LiveKeys.model_fields)}
    return {name: value for name, value in environment.items() if name.upper() not in ours}


@cache
def _deciding() -> tuple[str, ...]:
    return tuple(name for name in Settings.model_fields if decides(name))


def decides(name: str) -> bool:
    return bool(_extra(name).get("decides"))


def secrets() -> list[str]:
    """The settings that are secrets, by their names in `Settings`."""
    return [name for name in Settings.model_fields if _extra(name).get("secret")]


def _extra(name: str) -> dict[str, Any]:
    extra = Settings.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _is_market(name: str) -> bool:
    import re

    return re.fullmatch(r"KRW-[A-Z0-9]{1,15}", name) is not None


def _sentence(fault: Any) -> str:
    """ "SCHEDULER_INTERVAL_MINUTES: …, allowed is …"."""
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    said = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "missing":
        said = "is not set"
    return f"{name}: {said}" if name else said
