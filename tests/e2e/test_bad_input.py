"""What a person can get wrong: one sentence that names it and says what is allowed, no traceback."""

import os
import re
import socket
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.local.nats_server import free_port
from shared.candles import SCHEMA

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 12


def candles(**changes) -> pl.DataFrame:
    """Flat hours; a change gives the first row another value."""
    row = {"open": 100.0, "high": 103.0, "low": 98.0, "close": 101.0, "volume": 2.0}
    rows = [{"open_time": START + timedelta(hours=n), **row} for n in range(24 * DAYS)]
    rows[0] |= changes
    return pl.DataFrame(rows, schema=SCHEMA)


@pytest.fixture
def tape(tmp_path):
    """Files of a good tape, and a way to spoil one."""

    def write(market="KRW-ETH", frame=None, name=None):
        file = tmp_path / (name or f"{market}.csv")
        (candles() if frame is None else frame).with_columns(pl.col("open_time").dt.to_string("iso:strict")).write_csv(
            file
        )
        return file

    return write


def test_a_market_that_is_not_on_the_tape(refused):
    assert refused("cycle", "--market", "KRW-DOGE") == ("upcycle: KRW-DOGE is not on the tape; it has KRW-BTC, KRW-ETH")


def test_a_tape_with_a_wrong_column(refused, tape):
    said = refused("cycle", "--tape", tape(frame=candles().rename({"close": "clse"})), "--tape", tape("KRW-BTC"))
    assert "KRW-ETH.csv: the column close is missing; needed are ts (or open_time), open, high, low" in said


@pytest.mark.parametrize(("column", "why"), [("low", "has a price of zero or less"), ("volume", "volume")])
def test_a_negative_amount_in_a_tape(refused, tape, column, why):
    said = refused("cycle", "--tape", tape(frame=candles(**{column: -1.0})), "--tape", tape("KRW-BTC"))
    assert "KRW-ETH.csv (KRW-ETH): the candle of 2024-01-01 00:00:00" in said
    assert why in said


def test_a_text_where_a_number_belongs(refused, tape):
    frame = candles().with_columns(pl.col("close").cast(pl.String))
    frame[0, "close"] = "cheap"
    said = refused("cycle", "--tape", tape(frame=frame), "--tape", tape("KRW-BTC"))
    assert "KRW-ETH.csv (KRW-ETH): a column has the wrong type: " in said
    assert "'close'" in said


def test_a_file_that_is_not_there(refused):
    said = refused("cycle", "--tape", "nowhere.parquet")
    assert "nowhere.parquet: there is no such file; a tape is a Parquet or CSV file with the columns" in said


def test_a_file_that_is_no_tape(refused, tmp_path):
    (tmp_path / "KRW-ETH.parquet").write_text("no parquet")
    assert "KRW-ETH.parquet: this is no Parquet file" in refused("cycle", "--tape", tmp_path / "KRW-ETH.parquet")


def test_a_file_that_does_not_say_its_market(refused, tape):
    said = refused("cycle", "--tape", tape(name="mine.csv"))
    assert "mine.csv: which won market is this?" in said
    assert "such as KRW-ETH=" in said


def test_a_tape_without_bitcoin(refused, tape):
    said = refused("cycle", "--tape", tape())
    assert "the tape has no KRW-BTC, which the market-risk check needs; add --tape with its file" in said


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (
            "2030-01-01T00:00Z",
            "--at 2030-01-01T00:00Z is not on the tape .* it goes from 2024-01-10T00:00Z to 2024-01-13",
        ),
        ("2024-01-09T23:00Z", "is not on the tape with the days before it that a look needs"),
        ("2024-01-11T10:30Z", "a cycle starts on the hour, such as 2024-01-11T10:00Z"),
        ("tomorrow", "'tomorrow' is no time; write it as 2024-12-03T13:00Z"),
    ],
)
def test_a_time_that_is_not_on_the_tape_or_none_at_all(refused, tape, at, why):
    assert re.search(why, refused("cycle", "--tape", tape(), "--tape", tape("KRW-BTC"), "--at", at))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TRADING_AMOUNT", "100", "greater than or equal to 5000"),
        ("TRADING_AMOUNT", "much", "valid decimal"),
        ("TRADING_SYMBOL", "ETH", "write KRW- and the coin, such as KRW-ETH"),
        ("SCHEDULER_INTERVAL_MINUTES", "7", "a day must be a whole number of intervals: 1, 5, 15"),
        ("SCHEDULER_ENABLED", "perhaps", "valid boolean"),
        ("TRADING_MODE", "real", "'paper' or 'live'"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("NATS_URL", "http://broker", "nats|tls"),
        ("API_TOKEN", "short", "at least 32"),
        ("PAPER_BALANCE_KRW", "-1", "greater than 0"),
        ("GATE_WIN_RATE_MIN", "55", "less than or equal to 1"),
        ("DATABASE_URL", "mysql://u:p@h/d", "write postgresql://USER:PASSWORD@HOST:5432/NAME"),
    ],
)
def test_a_setting_with_a_value_that_is_not_allowed(refused, tmp_path, name, value, why):
    said = refused("up", "--data-dir", tmp_path / "data", "--port", str(free_port()), **{name: value})
    assert name in said
    assert why in said


def test_two_wrong_settings_are_named_at_once(refused, tmp_path):
    said = refused("up", "--data-dir", tmp_path, TRADING_AMOUNT="1", LOG_LEVEL="LOUD")
    assert "TRADING_AMOUNT: " in said
    assert "; LOG_LEVEL: " in said


def test_a_secret_that_is_wrong_is_not_shown(refused, tmp_path):
    assert "hunter2" not in refused("up", "--data-dir", tmp_path, API_TOKEN="hunter2")


@pytest.mark.parametrize("command", ["up", "cycle"])
def test_a_tape_is_never_played_into_the_log_of_real_money(refused, tmp_path, command):
    (tmp_path / "mode").write_text("live")
    said = refused(command, "--data-dir", tmp_path)
    assert said.startswith(f"upcycle: TRADING_MODE=paper: the data folder {tmp_path} belongs to live trading")


def test_real_money(refused, tmp_path):
    assert refused("up", "--data-dir", tmp_path / "data", TRADING_MODE="live") == (
        "upcycle: UPBIT_ACCESS_KEY: is not set; UPBIT_SECRET_KEY: is not set"
    )
    assert refused("cycle", "--data-dir", tmp_path / "data", TRADING_MODE="live") == (
        "upcycle: TRADING_MODE: live is refused where a tape is stepped (PAPER_CLOCK); set TRADING_MODE=paper"
    )


@pytest.mark.parametrize("command", ["up", "cycle"])
def test_a_data_folder_that_cannot_be(refused, tmp_path, command):
    (tmp_path / "file").touch()
    said = refused(command, "--data-dir", tmp_path / "file" / "data")
    assert "file/data cannot be written (Not a directory); choose another with --data-dir" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_may_not_be_written(refused, tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be written (Permission denied)" in refused("up", "--data-dir", tmp_path / "data")


def test_a_taken_port(refused, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("up", "--data-dir", tmp_path / "data", "--port", str(port))
    assert said == f"upcycle: port {port} is taken; choose another with --port"


def test_init_never_writes_over_a_file(refused, tmp_path):
    (tmp_path / ".env").write_text("mine")
    assert "is there already; move it away first, or edit it" in refused("init", "--path", tmp_path / ".env")
    assert (tmp_path / ".env").read_text() == "mine"


def test_init_where_nothing_can_be_written(refused, tmp_path):
    assert "none/.env cannot be written: No such file or directory" in refused("init", "--path", tmp_path / "none/.env")


def test_no_bot_where_the_jobs_are_asked_for(refused):
    assert "no bot answers at http://127.0.0.1:1; start one with `upcycle up`" in refused(
        "jobs", "--api", "http://127.0.0.1:1"
    )


def test_the_demo_refuses_a_tape_without_the_markets_it_plays(refused, tape):
    assert "the demo plays KRW-ETH and KRW-BTC, the tape has KRW-ETH" in refused("demo", "--tape", tape())


def test_no_broker_where_the_topology_is_applied(refused, monkeypatch):
    monkeypatch.setattr("services.cli.commands.topology._TRIES", 1)
    said = refused("topology", NATS_URL="nats://127.0.0.1:1")
    assert "no broker answers at NATS_URL=nats://127.0.0.1:1" in said


def test_a_process_of_its_own_says_the_same_without_a_traceback(upcycle):
    done = upcycle("cycle", "--tape", "nowhere.csv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("upcycle: nowhere.csv: there is no such file")
    assert done.stderr.count("\n") == 1
